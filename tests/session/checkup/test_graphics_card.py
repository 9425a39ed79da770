import pytest

from avatarify.session.checkup.finding import Level
from avatarify.session.checkup.graphics_card import (
    GraphicsCard,
    TorchBuild,
    check_graphics_card,
    judge,
    parse_card,
)

RTX_3080 = GraphicsCard("NVIDIA GeForce RTX 3080", "550.54.14", 8.6)
RTX_5080 = GraphicsCard("NVIDIA GeForce RTX 5080", "580.65.06", 12.0)
NEWER = ("sm_75", "sm_80", "sm_86", "sm_90")


def test_a_card_that_lies_idle_is_a_problem_with_the_exact_line() -> None:
    finding = judge(TorchBuild("2.9.0+cpu", None, None), RTX_3080)
    assert finding.level is Level.WARNING
    assert "RTX 3080 lies idle" in finding.text
    assert "-m pip install --force-reinstall" in finding.advice
    assert finding.advice.endswith("https://download.pytorch.org/whl/cu126")


@pytest.mark.parametrize(
    ("driver", "index"), [("580.65.06", "cu130"), ("570.10", "cu128")], ids=["new", "older"]
)
def test_a_new_card_gets_a_build_that_knows_it(driver: str, index: str) -> None:
    card = GraphicsCard("RTX 5080", driver, 12.0)
    assert judge(TorchBuild("2.9.0", None, None), card).advice.endswith(index)


def test_an_old_driver_is_to_be_updated_first() -> None:
    card = GraphicsCard("GTX 1080", "470.82", 6.1)
    assert judge(TorchBuild("2.9.0", None, None), card).advice.startswith("Update NVIDIA's driver")


def test_a_cuda_build_that_reaches_no_card_names_the_driver() -> None:
    finding = judge(TorchBuild("2.9.0+cu126", "12.6", None), RTX_3080)
    assert finding.level is Level.WARNING
    assert "550.54.14" in finding.text


def test_a_build_without_code_for_the_card_is_a_problem() -> None:
    build = TorchBuild("2.6.0+cu124", "12.4", "NVIDIA GeForce RTX 5080", NEWER)
    finding = judge(build, RTX_5080)
    assert finding.level is Level.WARNING
    assert "sm_120" in finding.text


@pytest.mark.parametrize("capability", [8.6, 8.9, 0.0])
def test_a_card_runs_code_for_older_ones_of_its_generation(capability: float) -> None:
    build = TorchBuild("2.9.0+cu126", "12.6", "card", NEWER)
    assert judge(build, GraphicsCard("card", "550.1", capability)).level is Level.OK


def test_a_machine_without_nvidia_is_fine() -> None:
    assert judge(TorchBuild("2.9.0", None, None), None).level is Level.OK
    assert "mps" in judge(TorchBuild("2.9.0", None, "mps"), None).text


def test_the_drivers_answer_is_read() -> None:
    assert parse_card("NVIDIA GeForce RTX 3080, 550.54.14, 8.6\nother, 1, 2\n") == RTX_3080
    assert parse_card("Old, 390.1, [N/A]") == GraphicsCard("Old", "390.1", 0.0)
    assert parse_card("NVIDIA-SMI has failed") is None


def test_this_machine_gives_one_line() -> None:
    assert len(list(check_graphics_card())) == 1

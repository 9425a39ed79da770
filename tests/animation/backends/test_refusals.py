"""What painted wrongly once is not tried at every start, and what only failed is."""

import logging
import os
import time
from pathlib import Path

import pytest
import torch

from avatarify.animation.backends import acceptance, choice, torch_cpu
from avatarify.animation.backends.choice import open_engine
from avatarify.animation.backends.refusals import LIFETIME_S, Refusals
from tests.tiny_models import tiny_model

CPU = torch.device("cpu")


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The precisions of torch's fast path that were built."""
    made: list[str] = []

    class Counted(torch_cpu.TorchCpuEngine):
        def __init__(self, *arguments: object) -> None:
            made.append(str(arguments[1]))
            super().__init__(*arguments)  # type: ignore[arg-type]  # as they came

    monkeypatch.setattr(torch_cpu, "TorchCpuEngine", Counted)
    return made


def test_a_refusal_is_remembered_for_its_model_alone(tmp_path: Path) -> None:
    refusals = Refusals(tiny_model("compact"), CPU, tmp_path / "new")
    assert refusals.why("a way") is None
    refusals.remember("a way", "it is black")
    refusals.remember("another", "it is 1 off")
    again = Refusals(tiny_model("compact"), CPU, tmp_path / "new")
    assert (again.why("a way"), again.why("another")) == ("it is black", "it is 1 off")
    assert again.why("a third") is None
    assert Refusals(tiny_model("fomm"), CPU, tmp_path / "new").why("a way") is None


@pytest.mark.parametrize("change", ["old", "damaged"])
def test_an_old_or_damaged_file_is_none(change: str, tmp_path: Path) -> None:
    refusals = Refusals(tiny_model("compact"), CPU, tmp_path)
    refusals.remember("a way", "it is black")
    (path,) = tmp_path.iterdir()
    if change == "old":
        past = time.time() - LIFETIME_S - 1
        os.utime(path, times=(past, past))
    else:
        path.write_text("[1, 2]", encoding="utf-8")
    assert refusals.why("a way") is None


def test_a_folder_that_cannot_be_written_is_no_problem(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    refusals = Refusals(tiny_model("compact"), CPU, tmp_path / "file" / "folder")
    refusals.remember("a way", "it is black")
    assert refusals.why("a way") is None


def test_what_was_refused_is_not_built_again_but_told_again(
    built: list[str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(choice, "APPROXIMATE", acceptance.Bound(-1.0))
    caplog.set_level(logging.WARNING)
    first = open_engine(tiny_model("compact"), "cpu", "bf16", backend="torch", keeps=True)
    assert built == ["bf16", "fp32"]
    again = open_engine(tiny_model("compact"), "cpu", "bf16", backend="torch", keeps=True)
    assert built == ["bf16", "fp32", "fp32"]
    assert "torch in bf16 is not used" in again.description.note
    assert again.description == first.description
    assert caplog.text.count("torch in bf16 is not used") == 2


def test_nothing_is_remembered_unasked(built: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "APPROXIMATE", acceptance.Bound(-1.0))
    for _ in range(2):
        open_engine(tiny_model("compact"), "cpu", "bf16", backend="torch")
    assert built == ["bf16", "fp32"] * 2


def test_what_failed_is_tried_again(built: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise MemoryError("no memory")

    with monkeypatch.context() as broken:
        broken.setattr(torch_cpu, "split", fail)
        open_engine(tiny_model("compact"), "cpu", "fp32", backend="torch", keeps=True)
    engine = open_engine(tiny_model("compact"), "cpu", "fp32", backend="torch", keeps=True)
    assert built == ["fp32", "fp32"]
    assert engine.description.note == ""

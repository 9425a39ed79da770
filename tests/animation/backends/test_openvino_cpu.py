"""OpenVINO with Winograd's convolutions paints the same, and leaves the field where it fails."""

from typing import Any

import pytest
import torch

from avatarify.animation.backends import acceptance
from avatarify.animation.backends.acceptance import APPROXIMATE, EXACT, complaint
from avatarify.animation.backends.choice import open_engine
from avatarify.animation.rewriting.tiled_bottleneck import TiledBottleneck
from avatarify.animation.torch_engine import TorchEngine
from tests.tiny_models import wide_model

pytest.importorskip("openvino")

from avatarify.animation.backends.openvino_cpu import OpenVinoEngine


@pytest.mark.parametrize(("precision", "bound"), [("fp32", EXACT), ("bf16", APPROXIMATE)])
def test_winograds_convolutions_paint_the_same(precision: str, bound: acceptance.Bound) -> None:
    model = wide_model()
    engine = OpenVinoEngine(model, precision, winograd=True)
    assert complaint(engine, TorchEngine(model), bound) is None


def _count_tiled(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    built: list[int] = []
    initialise = TiledBottleneck.__init__

    def counted(self: TiledBottleneck, blocks: torch.nn.Sequential, *settings: Any) -> None:
        built.append(len(blocks))
        initialise(self, blocks, *settings)

    monkeypatch.setattr(TiledBottleneck, "__init__", counted)
    return built


def test_wide_models_are_opened_with_them(monkeypatch: pytest.MonkeyPatch) -> None:
    built = _count_tiled(monkeypatch)
    description = open_engine(wide_model(), "cpu", "fp32").description
    assert (description.backend, description.precision, description.note) == (
        "openvino",
        "fp32",
        "",
    )
    assert built == [2]


def test_in_half_precision_the_first_block_is_left_and_refusal_bothers_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    built = _count_tiled(monkeypatch)
    strict = acceptance.Bound(1e-3, psnr_db=200.0)
    monkeypatch.setattr("avatarify.animation.backends.choice.SPARE", strict)
    description = open_engine(wide_model(), "cpu", "bf16").description
    assert description.backend == "openvino"
    assert "bf16" in description.precision
    assert description.note == ""
    assert built == [1]


@pytest.mark.parametrize("fault", [float("nan"), 0.9])
def test_a_wrong_product_is_replaced_by_plain_openvino_and_the_user_told(
    fault: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    forward = TiledBottleneck.forward
    monkeypatch.setattr(TiledBottleneck, "forward", lambda *inputs: fault * forward(*inputs))
    description = open_engine(wide_model(), "cpu", "fp32").description
    assert (description.backend, description.precision) == ("openvino", "fp32")
    assert description.note.startswith("OpenVINO with Winograd's convolutions is not used: ")


def test_blocks_that_openvino_cannot_run_are_replaced_by_plain_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("Unsupported operation of type: Gather")

    monkeypatch.setattr(TiledBottleneck, "__init__", fail)
    description = open_engine(wide_model(), "cpu", "fp32").description
    assert description.backend == "openvino"
    assert "Unsupported operation of type: Gather" in description.note

"""Whatever back end fails, the next one runs the model, and the user is told why."""

import sys

import numpy as np
import pytest
import torch

from avatarify.animation.backends import choice
from avatarify.animation.backends.choice import open_engine
from avatarify.animation.engine import Engine
from avatarify.animation.torch_engine import TorchEngine
from tests.tiny_models import picture, tiny_model


def _assert_paints(engine: Engine) -> None:
    """It is no broken engine that was taken instead."""
    model = tiny_model("compact")
    reference = TorchEngine(model)
    source, driving = picture(1, 64), picture(2, 32)
    found = engine.render(engine.encode(source), engine.keypoints(driving))
    expected = reference.render(reference.encode(source), reference.keypoints(driving))
    assert np.abs(found.astype(int) - expected).max() <= 1


def _fail_to_compile(*_: object) -> None:
    raise RuntimeError("Unsupported operation of type: GridSample\nand a long story")


def test_openvino_that_cannot_compile_is_replaced_by_torch(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    pytest.importorskip("openvino")
    from avatarify.animation.backends import openvino_cpu

    monkeypatch.setattr(openvino_cpu, "_compiled", _fail_to_compile)
    engine = open_engine(tiny_model("compact"), "cpu")
    assert engine.description.backend == "torch"
    assert "OpenVINO is not used: it failed: Unsupported operation" in engine.description.note
    assert "long story" not in engine.description.note
    assert engine.description.note.split(". ")[-1] in caplog.text
    _assert_paints(engine)


@pytest.mark.parametrize(
    ("fault", "said"),
    [("black", "black"), ("nan", "no numbers"), ("dim", "is allowed"), ("keypoints", "keypoints")],
)
def test_openvino_that_computes_wrongly_is_replaced_by_torch(
    fault: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("openvino")
    from avatarify.animation.backends import openvino_cpu
    from avatarify.animation.rewriting.parts import Still

    class Faulty(openvino_cpu.OpenVinoEngine):
        def detect(self, pixels: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
            value, matrix = super().detect(pixels)
            return (value + 0.1, matrix) if fault == "keypoints" else (value, matrix)

        def paint(
            self, still: Still, value: torch.Tensor, matrix: torch.Tensor
        ) -> tuple[torch.Tensor, ...]:
            factor = {"black": 0.0, "nan": float("nan"), "dim": 0.9}.get(fault, 1.0)
            return tuple(made * factor for made in super().paint(still, value, matrix))

    monkeypatch.setattr(openvino_cpu, "OpenVinoEngine", Faulty)
    engine = open_engine(tiny_model("fomm"), "cpu", "fp32")
    assert engine.description.backend == "torch"
    assert engine.description.note.startswith("OpenVINO is not used:")
    assert said in engine.description.note


def test_nothing_fast_at_all_leaves_the_readable_networks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("could not create a primitive")

    monkeypatch.setitem(sys.modules, "openvino", None)
    monkeypatch.setattr("avatarify.animation.backends.torch_cpu.split", fail)
    engine = open_engine(tiny_model("compact"), "cpu", backend="openvino")
    assert engine.description.backend == "reference"
    assert "pip install avatarify[fast]" in engine.description.note
    assert "could not create a primitive" in engine.description.note
    _assert_paints(engine)


@pytest.mark.parametrize(("device", "precision"), [("cuda", "fp16"), ("mps", "fp16")])
def test_a_card_that_fails_is_replaced_by_the_fastest_way_on_the_cpu(
    device: str, precision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if torch.cuda.is_available() or torch.backends.mps.is_available():
        pytest.skip("needs a machine on which these fail by themselves")
    monkeypatch.setattr(choice, "choose_device", lambda _: torch.device(device))
    monkeypatch.setattr(choice, "choose_precision", lambda *_: precision)
    engine = open_engine(tiny_model("compact"))
    assert engine.description.device == "cpu"
    assert engine.description.backend != "reference"
    if device == "cuda":
        for graph in ("fp16", "fp32"):
            assert f"The CUDA graph in {graph} is not used: it failed" in engine.description.note
    assert f"fp16 on {device} is not used: it failed" in engine.description.note
    assert f"fp32 on {device} is not used: it failed" in engine.description.note
    _assert_paints(engine)

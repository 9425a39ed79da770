"""Fast back ends are used where they compute the same, and left out with a message where not."""

import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch

from avatarify.animation.animator import PortraitAnimator
from avatarify.animation.backends import acceptance
from avatarify.animation.backends.acceptance import APPROXIMATE, EXACT, complaint
from avatarify.animation.backends.choice import open_engine
from avatarify.animation.backends.fast_engine import FastEngine
from avatarify.animation.backends.probe import draw_face
from avatarify.animation.backends.torch_cpu import TorchCpuEngine
from avatarify.animation.checkpoint import load_model
from avatarify.animation.portable_file import save_model
from avatarify.animation.torch_engine import TorchEngine
from avatarify.errors import DeviceError
from avatarify.networks.motion_model import MotionModel
from avatarify.zoo.store import find
from tests.tiny_models import picture, tiny_model

ARCHITECTURES = ["fomm", "monkey-net", "compact"]


def _lively(architecture: str) -> MotionModel:
    """A tiny model whose batch norms do something, as after training."""
    model = tiny_model(architecture)
    generator = torch.Generator().manual_seed(3)
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            assert module.running_mean is not None
            assert module.running_var is not None
            module.running_mean.uniform_(-0.2, 0.2, generator=generator)
            module.running_var.uniform_(0.5, 1.5, generator=generator)
            module.weight.data.uniform_(0.8, 1.2, generator=generator)
            module.bias.data.uniform_(-0.1, 0.1, generator=generator)
    return model


def _fast(backend: str, model: MotionModel) -> FastEngine:
    if backend == "openvino":
        pytest.importorskip("openvino")
        from avatarify.animation.backends.openvino_cpu import OpenVinoEngine

        return OpenVinoEngine(model)
    return TorchCpuEngine(model)


@pytest.mark.parametrize("backend", ["torch", "openvino"])
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_a_fast_back_end_paints_what_the_readable_networks_paint(
    architecture: str, backend: str
) -> None:
    model = _lively(architecture)
    engine, reference = _fast(backend, model), TorchEngine(model)
    assert complaint(engine, reference, EXACT) is None
    # And after another portrait, and again with the first one: nothing is held on to.
    side, seen = model.config.output_size, model.config.image_size
    driving = reference.keypoints(picture(9, seen))
    portraits = [picture(seed, side) for seed in (1, 2)]
    kept = [engine.encode(portrait) for portrait in portraits]
    for index in (0, 1, 0):
        expected = reference.render(reference.encode(portraits[index]), driving)
        painted = engine.render(kept[index], driving)
        assert np.abs(painted.astype(int) - expected).max() <= 1


@pytest.mark.parametrize("backend", ["torch", "openvino"])
def test_results_are_in_memory_of_their_own(backend: str) -> None:
    engine = _fast(backend, _lively("compact"))
    portrait = engine.encode(picture(1, 64))
    first = engine.keypoints(picture(2, 32))
    before = first.value.clone()
    painted = engine.render(portrait, first)
    kept = painted.copy()
    second = engine.keypoints(picture(3, 32))
    engine.render(portrait, second)
    assert torch.equal(first.value, before)
    assert not torch.equal(second.value, before)
    assert np.array_equal(painted, kept)


@pytest.mark.parametrize("judging", ["fp32", "bf16"])
def test_lanes_paint_the_same_and_do_not_disturb_one_another(judging: str) -> None:
    pytest.importorskip("openvino")
    from avatarify.animation.backends.openvino_cpu import OpenVinoEngine

    engine = OpenVinoEngine(
        _lively("compact"), "bf16" if judging == "bf16" else "fp32", judging=judging, lanes=2
    )
    animator = PortraitAnimator(engine)
    animator.set_source(picture(1, 64))
    animator.calibrate(picture(2, 32))
    frames = [picture(seed, 32) for seed in range(3, 15)]
    expected = [animator.animate(frame) for frame in frames]
    for _ in range(3):
        assert np.array_equal(list(animator.animate_all(frames)), expected)


@pytest.mark.parametrize("backend", ["torch", "openvino"])
def test_keypoints_that_are_the_portraits_leave_it_as_it_is(backend: str) -> None:
    engine = _fast(backend, _lively("compact"))
    reference = TorchEngine(_lively("compact"))
    source = picture(1, 64)
    portrait, expected = engine.encode(source), reference.encode(source)
    still = engine.render(portrait, portrait.keypoints).astype(int)
    assert np.abs(still - reference.render(expected, expected.keypoints)).max() <= 1


def test_decomposing_is_left_to_the_readable_networks() -> None:
    model = _lively("fomm")
    engine, reference = TorchCpuEngine(model), TorchEngine(model)
    source, driving = picture(1, 32), reference.keypoints(picture(2, 32))
    found = engine.decompose(engine.encode(source), driving)
    expected = reference.decompose(reference.encode(source), driving)
    assert torch.equal(found.motion.mask, expected.motion.mask)


@pytest.mark.parametrize("backend", ["torch", "openvino"])
def test_half_precision_paints_nearly_the_same(backend: str) -> None:
    model = _lively("compact")
    if backend == "openvino":
        pytest.importorskip("openvino")
        from avatarify.animation.backends.openvino_cpu import OpenVinoEngine

        engine: FastEngine = OpenVinoEngine(model, "bf16")
    else:
        engine = TorchCpuEngine(model, "bf16")
    assert complaint(engine, TorchEngine(model), APPROXIMATE) is None


@pytest.mark.parametrize("architecture", ["fomm", "compact"])
def test_the_flow_may_be_judged_in_half_precision(architecture: str) -> None:
    pytest.importorskip("openvino")
    from avatarify.animation.backends.openvino_cpu import OpenVinoEngine

    model = _lively(architecture)
    engine = OpenVinoEngine(model, "bf16", judging="bf16")
    assert complaint(engine, TorchEngine(model), APPROXIMATE) is None
    assert engine.description.precision == "fp32, flow and painting bf16"


def test_only_a_first_order_flow_is_cut() -> None:
    pytest.importorskip("openvino")
    from avatarify.animation.backends.openvino_cpu import OpenVinoEngine

    with pytest.raises(ValueError, match="first-order"):
        OpenVinoEngine(_lively("monkey-net"), "bf16", judging="bf16")


def test_a_flow_that_loses_too_much_stays_in_float32_and_nobody_is_bothered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("openvino")
    strict = acceptance.Bound(1e-3, psnr_db=200.0)
    monkeypatch.setattr("avatarify.animation.backends.choice.CLOSE", strict)
    description = open_engine(_lively("compact"), "cpu", "bf16").description
    assert (description.precision, description.note) == ("fp32, painting bf16", "")


def test_the_shipped_model_runs_fast() -> None:
    path = find("compact.safetensors")
    if path is None:
        pytest.skip("the shipped model is not there")
    model = load_model(path)
    assert complaint(TorchCpuEngine(model), TorchEngine(model), EXACT) is None
    engine = open_engine(model, device="cpu")
    assert engine.description.backend != "reference"
    assert engine.description.note == ""


def test_a_file_is_opened_by_its_path(tmp_path: Path) -> None:
    save_model(tiny_model("compact"), tmp_path / "tiny.safetensors", {})
    engine = open_engine(tmp_path / "tiny.safetensors", "cpu", backend="torch")
    assert engine.description.backend == "torch"
    assert engine.description.note == ""


def test_the_readable_networks_can_be_asked_for() -> None:
    description = open_engine(tiny_model("fomm"), "cpu", backend="reference").description
    assert (description.backend, description.note) == ("reference", "")


def test_openvino_is_taken_where_it_is() -> None:
    pytest.importorskip("openvino")
    engine = open_engine(_lively("compact"), "cpu")
    assert engine.description.backend == "openvino"


def test_without_openvino_torch_is_taken_and_the_user_told_if_they_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)  # what an import then finds: nothing
    engine = open_engine(_lively("compact"), "cpu", backend="openvino")
    assert engine.description.backend == "torch"
    assert "avatarify[fast]" in engine.description.note


class _Broken(TorchCpuEngine):
    """A back end with one of the faults that drivers and compilers have."""

    fault = "black"

    def paint(self, *arguments: object) -> tuple[torch.Tensor, ...]:
        if self.fault == "raises":
            raise RuntimeError("no kernel for this\nand a long story")
        painted = super().paint(*arguments)  # type: ignore[arg-type]  # passed through
        factor = {"black": 0.0, "nan": float("nan"), "dim": 0.9}[self.fault]
        return tuple(tensor * factor for tensor in painted)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("black", "black"),
        ("nan", "no numbers"),
        ("dim", "0.001 is allowed"),
        ("raises", "no kernel for this"),
    ],
)
def test_a_faulty_back_end_is_left_out_with_a_message(
    fault: str, said: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(_Broken, "fault", fault)
    monkeypatch.setattr("avatarify.animation.backends.torch_cpu.TorchCpuEngine", _Broken)
    engine = open_engine(_lively("fomm"), "cpu", backend="torch")
    assert engine.description.backend == "reference"
    said = said.replace("0.001", "1e-03")
    assert said in engine.description.note
    assert "long story" not in engine.description.note
    assert engine.description.note in caplog.text


def test_a_precision_that_loses_too_much_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    strict = acceptance.Bound(1e-3, psnr_db=200.0)
    monkeypatch.setattr("avatarify.animation.backends.choice.APPROXIMATE", strict)
    description = open_engine(_lively("fomm"), "cpu", "bf16", "torch").description
    assert description.precision == "fp32"
    assert "200 dB are needed" in description.note


def test_wrong_wishes_are_refused() -> None:
    model = tiny_model("fomm")
    with pytest.raises(ValueError, match="back end is one of"):
        open_engine(model, backend="tensorflow")
    with pytest.raises(ValueError, match="device is"):
        open_engine(model, device="npu")
    with pytest.raises(DeviceError, match="fp16 needs a GPU"):
        open_engine(model, device="cpu", precision="fp16")


@pytest.mark.slow
def test_int8_is_made_once_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("openvino")
    if find_spec("nncf") is None:
        pytest.skip("needs NNCF")
    from avatarify.animation.backends import openvino_int8

    monkeypatch.setattr(openvino_int8, "user_cache_path", lambda *_, **__: tmp_path)
    monkeypatch.setattr("avatarify.animation.backends.choice.APPROXIMATE", acceptance.Bound(1e-3))
    model = _lively("compact")
    made = open_engine(model, "cpu", "int8", "openvino")
    assert "int8" in made.description.precision
    (kept,) = (tmp_path / "int8").glob("*.xml")
    before = kept.stat().st_mtime_ns
    monkeypatch.setattr(openvino_int8, "_quantised", None)  # a second time would fail
    again = open_engine(model, "cpu", "int8", "openvino")
    assert again.description == made.description
    assert kept.stat().st_mtime_ns == before


@pytest.mark.gpu
def test_the_cuda_graph_paints_the_same() -> None:
    if not torch.cuda.is_available():
        pytest.skip("needs an NVIDIA card")
    description = open_engine(_lively("fomm"), "cuda").description
    assert (description.backend, description.note) == ("torch", "")


def test_the_probe_is_a_face_in_every_size() -> None:
    small, large = draw_face(32), draw_face(512)
    assert small.shape == (32, 32, 3)
    assert large.shape == (512, 512, 3)
    # The face lies in the middle and is lighter than the hair above it.
    assert large[280, 256].mean() > large[80, 256].mean() + 50

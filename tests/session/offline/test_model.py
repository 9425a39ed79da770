"""Which precision a clip is animated in, when nobody says."""

from pathlib import Path

import pytest

from avatarify.animation.animator import PortraitAnimator
from avatarify.animation.portable_file import save_model
from avatarify.animation.settings import MotionSettings
from avatarify.animation.torch_engine import TorchEngine
from avatarify.networks.motion_model import MotionModel
from avatarify.session.offline import model as offline_model
from avatarify.session.offline.model import load_animator
from avatarify.session.offline.settings import Stage
from tests.tiny_models import tiny_model


class _Silent:
    def notice(self, text: str) -> None:
        raise AssertionError(text)

    def begin(self, stage: Stage, total: int | None) -> None: ...

    def advance(self) -> None: ...


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The precisions that engines were asked for."""
    precisions: list[str] = []

    def open_engine(
        model: MotionModel, device: str, precision: str, *_: object, **__: object
    ) -> TorchEngine:
        precisions.append(precision)
        return TorchEngine(model)

    monkeypatch.setattr(offline_model, "open_engine", open_engine)
    return precisions


def _load(folder: Path, architecture: str, precision: str, device: str = "cpu") -> PortraitAnimator:
    path = folder / "model.safetensors"
    save_model(tiny_model(architecture), path)
    motion = MotionSettings()
    return load_animator(path, None, motion, _Silent(), device=device, precision=precision)


@pytest.mark.parametrize(
    ("architecture", "wanted", "taken"),
    [
        ("compact", "auto", "auto"),  # what the live loop asks for
        ("compact", "fp32", "fp32"),
        ("fomm", "auto", "fp32"),
        ("monkey-net", "auto", "fp32"),
        ("fomm", "bf16", "bf16"),
    ],
)
def test_own_models_run_as_live_and_published_ones_stay_exact(
    architecture: str, wanted: str, taken: str, tmp_path: Path, opened: list[str]
) -> None:
    _load(tmp_path, architecture, wanted)
    assert opened == [taken]


def test_on_a_graphics_card_every_model_runs_as_live(
    tmp_path: Path, opened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    monkeypatch.setattr(offline_model, "choose_device", lambda _: torch.device("cuda"))
    _load(tmp_path, "fomm", "auto", device="cuda")
    assert opened == ["auto"]


def test_asked_for_exactness_is_exact(tmp_path: Path) -> None:
    animator = _load(tmp_path, "compact", "fp32")
    assert animator.description.precision == "fp32"
    animator.close()

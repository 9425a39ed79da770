"""Accuracy over a clip: nothing between a model and itself, and little between two that agree."""

import numpy as np
import pytest

from avatarify.animation.backends.acceptance import APPROXIMATE, EXACT
from avatarify.animation.backends.probe import draw_face
from avatarify.animation.backends.torch_cpu import TorchCpuEngine
from avatarify.animation.torch_engine import TorchEngine
from avatarify.session.bench.accuracy import (
    LARGEST_MOTION,
    Accuracy,
    CheckedClip,
    bound_of,
    compare,
    talking_face,
)
from avatarify.session.bench.made_weights import made_model
from tests.tiny_models import tiny_config, tiny_model


def _clip(architecture: str = "fomm") -> CheckedClip:
    model = made_model(tiny_config(architecture))
    side = model.config.output_size
    return CheckedClip(model, draw_face(side), talking_face(32)[:6])


def test_the_readable_networks_equal_themselves() -> None:
    model = made_model(tiny_config("fomm"))
    clip = CheckedClip(model, draw_face(32), talking_face(32)[:6])
    assert clip.accuracy(TorchEngine(model)) == Accuracy(0.0, 120.0)
    found = clip.accuracy(TorchCpuEngine(model))
    assert 0.0 < found.largest_difference < 1e-3
    assert found.keeps(EXACT)


@pytest.mark.parametrize("architecture", ["fomm", "monkey-net", "compact"])
def test_float32_has_noise_of_its_own(architecture: str) -> None:
    assert 0.0 < _clip(architecture).float32_noise(step=2) < 1e-3


def test_leaps_are_scaled_down_and_small_motion_is_left_alone() -> None:
    model = made_model(tiny_config("fomm"))
    reference = TorchEngine(model)
    frames = talking_face(32)[:6]
    first, *others = (reference.keypoints(frame).value for frame in frames)
    largest = max(float((value - first).abs().max()) for value in others)
    clip = CheckedClip(model, draw_face(32), frames)
    assert clip.gain == pytest.approx(min(1.0, LARGEST_MOTION / largest))
    assert CheckedClip(model, draw_face(32), frames[:1]).gain == 1.0


def test_the_worst_frame_and_the_worst_pixel_count() -> None:
    black = [np.zeros((2, 2, 3), dtype=np.float32) for _ in range(2)]
    spoilt = [picture.copy() for picture in black]
    spoilt[1][0, 0, 0] = 51.0
    found = compare(spoilt, black)
    assert found.largest_difference == pytest.approx(0.2)
    # One of twelve colours is a fifth of the range off: 10 log10(12 · 25) dB.
    assert found.worst_psnr_db == pytest.approx(24.77, abs=0.01)
    assert not found.keeps(EXACT)
    assert not found.keeps(APPROXIMATE)


def test_exact_is_asked_of_float32_only() -> None:
    model = tiny_model("fomm")
    assert bound_of(TorchCpuEngine(model)) == EXACT
    assert bound_of(TorchCpuEngine(model, "bf16")) == APPROXIMATE

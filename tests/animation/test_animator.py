"""The animator on tiny networks, and on the published ones against straight network calls."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from avatarify.animation.animator import (
    PortraitAnimator,
    reference_arrays,
    reference_from_arrays,
)
from avatarify.animation.checkpoint import load_model
from avatarify.animation.settings import MotionSettings
from avatarify.animation.torch_engine import TorchEngine, to_image, to_tensor
from avatarify.frames import Image
from avatarify.geometry import transfer
from avatarify.media.image_file import read_image
from avatarify.media.video_file import VideoFile
from tests.published_checkpoint import write_checkpoint
from tests.tiny_models import picture, tiny_model


@pytest.fixture
def animator() -> PortraitAnimator:
    animator = PortraitAnimator(TorchEngine(tiny_model("compact")))
    animator.set_source(picture(1, 64))
    return animator


def closest(left: Image, right: Image) -> int:
    return int(np.abs(left.astype(int) - right.astype(int)).max())


def test_the_reference_pose_shows_the_portrait_itself(animator: PortraitAnimator) -> None:
    animator.calibrate(picture(2, 32))
    assert animator.animate(picture(2, 32)).shape == (64, 64, 3)
    assert closest(animator.animate(picture(2, 32)), picture(1, 64)) <= 1
    assert closest(animator.still(), picture(1, 64)) <= 1


def test_another_pose_moves_the_portrait(animator: PortraitAnimator) -> None:
    animator.calibrate(picture(2, 32))
    assert closest(animator.animate(picture(3, 32)), picture(1, 64)) > 5


def test_no_strength_and_no_gain_show_the_still_portrait(animator: PortraitAnimator) -> None:
    animator.calibrate(picture(2, 32))
    assert closest(animator.animate(picture(3, 32), strength=0.0), animator.still()) == 0
    animator.settings = MotionSettings(gain=0.0)
    assert closest(animator.animate(picture(3, 32)), animator.still()) == 0


def test_the_model_s_spans_change_by_their_gain(animator: PortraitAnimator) -> None:
    animator.settings = MotionSettings(adapt_scale=False)
    animator.calibrate(picture(2, 32))
    parts = animator.decompose(picture(3, 32))
    reference = animator.reference
    assert reference is not None
    (first, second, gain, knee), *_ = animator.config.spans
    assert knee == 0.0  # all changes alike

    def distance(keypoints: torch.Tensor) -> torch.Tensor:
        return keypoints[:, first] - keypoints[:, second]

    wanted = gain * (distance(parts.driving.value) - distance(reference.value))
    found = distance(parts.moved.value) - distance(parts.source.value)
    torch.testing.assert_close(found, wanted, rtol=1e-4, atol=1e-5)


def test_the_first_frame_is_the_reference_only_if_wanted(animator: PortraitAnimator) -> None:
    animator.settings = MotionSettings(first_frame_is_reference=False)
    animator.animate(picture(3, 32))
    assert animator.reference is None
    assert closest(animator.animate(picture(3, 32)), animator.still()) == 0
    animator.settings = MotionSettings()
    animator.animate(picture(3, 32))
    assert animator.reference is not None


def test_a_clip_is_animated_as_its_frames_one_by_one(animator: PortraitAnimator) -> None:
    animator.settings = MotionSettings(smoothing=0.5)
    frames = [picture(seed, 48) for seed in range(2, 7)]
    animator.calibrate(frames[0])
    expected = [animator.animate(frame) for frame in frames]
    animator.calibrate(frames[0])  # forgets what was smoothed
    assert np.array_equal(list(animator.animate_all(frames)), expected)
    unready = PortraitAnimator(TorchEngine(tiny_model("compact")))
    with pytest.raises(ValueError, match="set_source"):
        list(unready.animate_all(frames))


def test_a_calibration_can_be_kept_and_restored(animator: PortraitAnimator) -> None:
    animator.calibrate(picture(2, 32))
    before = animator.animate(picture(3, 32))
    assert animator.reference is not None
    kept = reference_arrays(animator.reference)
    assert {name: array.shape for name, array in kept.items()} == {
        "value": (3, 2),
        "jacobian": (3, 2, 2),
    }
    animator.calibrate(picture(4, 32))
    assert closest(animator.animate(picture(3, 32)), before) > 0
    animator.reference = reference_from_arrays(kept)
    assert closest(animator.animate(picture(3, 32)), before) == 0


def test_foreign_references_are_refused(animator: PortraitAnimator) -> None:
    with pytest.raises(ValueError, match="the model needs"):
        animator.reference = reference_from_arrays({"value": np.zeros((5, 2), np.float32)})
    with pytest.raises(ValueError, match="jacobian of the driving reference"):
        reference_from_arrays(
            {"value": np.zeros((3, 2), np.float32), "jacobian": np.zeros((3, 2), np.float32)}
        )
    with pytest.raises(ValueError, match="finite"):
        reference_from_arrays({"value": np.full((3, 2), np.nan, np.float32)})
    with pytest.raises(ValueError, match="not a driving reference"):
        reference_from_arrays({"points": np.zeros((3, 2), np.float32)})


def test_a_crop_that_moved_does_not_move_the_portrait(animator: PortraitAnimator) -> None:
    """The same keypoints, told in a crop that is twice as large and shifted."""
    animator.calibrate(picture(2, 32))
    seen = animator.reference
    assert seen is not None
    there = transfer.apply_affine(seen, torch.tensor([[0.5, 0.0, 0.1], [0.0, 0.5, -0.2]]))
    animator.reference = there
    change = np.array([[0.5, 0.0, 0.1], [0.0, 0.5, -0.2]])
    moved = animator.animate(picture(2, 32), crop_change=change)
    assert closest(moved, animator.still()) <= 1


def test_smoothing_calms_a_trembling_driver(animator: PortraitAnimator) -> None:
    still = picture(2, 32).astype(int)
    noise = np.random.default_rng(0)
    frames = [
        np.clip(still + noise.normal(0, 12, still.shape), 0, 255).astype(np.uint8)
        for _ in range(12)
    ]

    def tremble(smoothing: float) -> float:
        animator.settings = MotionSettings(smoothing=smoothing)
        animator.calibrate(picture(2, 32))
        moved = [
            animator.decompose(frame, time_s=1 + index / 30).moved.value
            for index, frame in enumerate(frames)
        ]
        return float(torch.stack(moved[2:]).std(dim=0).mean())

    assert tremble(1.0) < tremble(0.0) / 2


def test_wrong_use_is_refused(animator: PortraitAnimator) -> None:
    with pytest.raises(ValueError, match="squares"):
        animator.animate(np.zeros((32, 40, 3), np.uint8))
    with pytest.raises(ValueError, match="set_source"):
        PortraitAnimator(TorchEngine(tiny_model("compact"))).animate(picture(2, 32))
    for wrong in ({"gain": 3.0}, {"smoothing": -1.0}, {"motion": "sideways"}):
        with pytest.raises(ValueError, match="not"):
            replace(MotionSettings(), **wrong)


def test_decompose_shows_what_animate_paints(animator: PortraitAnimator) -> None:
    animator.calibrate(picture(2, 32))
    parts = animator.decompose(picture(3, 32))
    assert closest(to_image(parts.animation.picture), animator.animate(picture(3, 32))) == 0
    assert parts.source.value.shape == parts.driving.value.shape == (1, 3, 2)
    assert parts.animation.blend is not None


@pytest.mark.parametrize("architecture", ["fomm", "monkey-net", "compact"])
def test_half_precision_shows_the_same_picture(architecture: str) -> None:
    animators = [
        PortraitAnimator(TorchEngine(tiny_model(architecture), precision=precision))
        for precision in ("fp32", "bf16")
    ]
    pictures = []
    for animator in animators:
        animator.set_source(picture(1, animator.output_size))
        animator.calibrate(picture(2, 32))
        pictures.append(animator.animate(picture(3, 32)).astype(float))
    assert np.abs(pictures[0] - pictures[1]).mean() < 3


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_published_method_on_a_real_clip(shared: Path, tmp_path: Path) -> None:
    """vox-256 by `fill.py`: the animator's pictures equal straight network calls."""
    path = write_checkpoint(shared, "fomm-vox", tmp_path)
    portrait = square(read_image(sorted((shared / "stills").glob("*.jpg"))[0]))
    with VideoFile(shared / "clips" / "d3.mp4") as clip:
        read = [clip.read() for _ in range(3)]
    frames = [square(frame.image) for frame in read[::2] if frame is not None]
    assert len(frames) == 2
    animator = PortraitAnimator(TorchEngine(load_model(path)))
    animator.set_source(portrait)
    model = load_model(path)
    cpu = torch.device("cpu")
    with torch.inference_mode():
        source = model.encode(to_tensor(portrait, cpu))
        reference = model.detect(to_tensor(frames[0], cpu))
        scale = transfer.movement_scale(source.keypoints, reference)
        for frame in frames:
            driving = model.detect(to_tensor(frame, cpu))
            moved = transfer.relative(source.keypoints, driving, reference, scale)
            expected = to_image(model.animate(source, moved).picture)
            assert closest(animator.animate(frame), expected) <= 1


def square(image: Image) -> Image:
    import cv2

    side = min(image.shape[:2])
    top, left = (image.shape[0] - side) // 2, (image.shape[1] - side) // 2
    cut = image[top : top + side, left : left + side]
    return np.asarray(cv2.resize(cut, (256, 256), interpolation=cv2.INTER_AREA), dtype=np.uint8)

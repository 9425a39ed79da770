"""The networks against outputs of the published implementations (../shared/golden).

Tolerances are the largest absolute error on a CPU in float32.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from avatarify.animation.checkpoint import load_model
from avatarify.geometry import transfer
from avatarify.geometry.grid import identity_grid
from avatarify.geometry.keypoints import Keypoints
from avatarify.media.image_file import read_image
from avatarify.networks.motion_model import Animation, MotionModel
from tests.published_checkpoint import golden, write_checkpoint

KEYPOINTS, FLOWS, PICTURES = 1e-5, 1e-4, 1e-3
FRAMES = ("source", "driving_0", "driving_1", "driving_2")
NAMES = [
    "fomm-small",
    "monkey-small",
    pytest.param("fomm-vox", marks=[pytest.mark.slow, pytest.mark.timeout(600)]),
    pytest.param("monkey-vox", marks=[pytest.mark.slow, pytest.mark.timeout(600)]),
]


class Case:
    """One golden file, its model, and what the model makes of the golden pictures."""

    def __init__(self, shared: Path, name: str, folder: Path) -> None:
        self.golden: Mapping[str, Any] = golden(shared, name)
        self.model: MotionModel = load_model(write_checkpoint(shared, name, folder))
        pictures = {frame: self._picture(shared, frame) for frame in FRAMES}
        with torch.inference_mode():
            self.keypoints = {frame: self.model.detect(pictures[frame]) for frame in FRAMES}
            self.source = self.model.encode(pictures["source"])
            self.moved = {"absolute": self.keypoints["driving_2"], "relative": self._relative()}
            self.animations = {
                mode: self.model.animate(self.source, keypoints)
                for mode, keypoints in self.moved.items()
            }

    def _picture(self, shared: Path, frame: str) -> Tensor:
        path = shared / "golden" / "frames" / f"{frame}.png"
        image: NDArray[Any] = read_image(path)
        side = self.model.config.image_size
        if side != image.shape[0]:
            image = cv2.resize(image, (side, side), interpolation=cv2.INTER_AREA)
        return torch.from_numpy(image).permute(2, 0, 1)[None].float() / 255.0

    def _relative(self) -> Keypoints:
        source, reference = self.keypoints["source"], self.keypoints["driving_0"]
        scale = transfer.movement_scale(source, reference)
        return transfer.relative(source, self.keypoints["driving_1"], reference, scale)


@pytest.fixture(scope="module", params=NAMES)
def case(
    request: pytest.FixtureRequest, shared: Path, tmp_path_factory: pytest.TempPathFactory
) -> Case:
    return Case(shared, request.param, tmp_path_factory.mktemp(request.param))


def largest_error(actual: Tensor | None, expected: NDArray[np.float32]) -> float:
    assert actual is not None
    found = actual.numpy()
    assert found.size == expected.size
    return float(np.abs(found.reshape(expected.shape) - expected).max())


def published_keypoints(case: Case, frame: str) -> dict[str, NDArray[np.float32]]:
    prefix = f"{frame}."
    wanted = {"value": "value", "jacobian": "jacobian", "mean": "value", "var": "covariance"}
    return {
        wanted[key.removeprefix(prefix)]: array
        for key, array in case.golden.items()
        if key.startswith(prefix) and key.removeprefix(prefix) in wanted
    }


@pytest.mark.parametrize("frame", FRAMES)
def test_detected_keypoints(case: Case, frame: str) -> None:
    published = published_keypoints(case, frame)
    assert len(published) == 2
    for field, expected in published.items():
        assert largest_error(getattr(case.keypoints[frame], field), expected) < KEYPOINTS, field


def test_relative_keypoints(case: Case) -> None:
    for field, expected in published_keypoints(case, "relative").items():
        assert largest_error(getattr(case.moved["relative"], field), expected) < KEYPOINTS, field


@pytest.mark.parametrize("mode", ["absolute", "relative"])
def test_dense_motion(case: Case, mode: str) -> None:
    motion = case.animations[mode].motion
    flow = case.golden[f"{mode}.deformation"][..., :2]  # Monkey-Net's third axis is time
    assert largest_error(motion.grid, flow.reshape(motion.grid.shape)) < FLOWS
    for name, actual in (
        ("mask", motion.mask),
        ("occlusion_map", motion.occlusion_map),
        ("sparse_deformed", motion.warped_source),
    ):
        if f"{mode}.{name}" in case.golden:
            assert largest_error(actual, case.golden[f"{mode}.{name}"]) < FLOWS, name


@pytest.mark.parametrize("mode", ["absolute", "relative"])
def test_pictures(case: Case, mode: str) -> None:
    animation: Animation = case.animations[mode]
    for name, actual in (
        ("prediction", animation.picture),
        ("video_prediction", animation.picture),
        ("deformed", animation.warped_source),
        ("video_deformed", animation.warped_source),
    ):
        if f"{mode}.{name}" in case.golden:
            assert largest_error(actual, case.golden[f"{mode}.{name}"]) < PICTURES, name


def test_the_pictures_really_move(case: Case) -> None:
    motion = case.animations["absolute"].motion
    plane = identity_grid(motion.grid.shape[1], motion.grid.shape[2], like=motion.grid)
    assert (motion.grid - plane).abs().max() > 0.01

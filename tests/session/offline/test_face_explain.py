"""Which frame of saved motion is explained, and by which picture."""

from pathlib import Path

import numpy as np
import pytest

from avatarify.errors import TrackerError
from avatarify.media.image_file import read_image, write_image
from avatarify.media.motion_file import write_motion
from avatarify.session.avatars.avatar import Avatar
from avatarify.session.offline.explain import ExplainSettings
from avatarify.session.offline.face_explain import explain_face
from tests.drivers import AVATARS, made_motion, small_portrait


@pytest.fixture(scope="module")
def maya() -> Avatar:
    image, layers = small_portrait("maya")
    return Avatar("maya", image, layers.landmarks, layers.matte)


def _settings(folder: Path, driving: Path) -> ExplainSettings:
    return ExplainSettings(AVATARS / "maya.png", driving, folder / "explained.png")


def test_the_frame_that_moved_most_is_shown(tmp_path: Path, maya: Avatar) -> None:
    """The motion turns away from a pose like Maya's, and the last frame has no face."""
    write_motion(tmp_path / "motion.npz", made_motion(6, missing=(5,)))
    assert explain_face(_settings(tmp_path, tmp_path / "motion.npz"), maya, None) == 4
    figure = read_image(tmp_path / "explained.png")
    assert figure.shape[1] == 1900
    assert figure.std() > 20


def test_a_picture_needs_a_tracker(tmp_path: Path, maya: Avatar) -> None:
    with pytest.raises(TrackerError, match="saved"):
        explain_face(_settings(tmp_path, _blank(tmp_path)), maya, None)


def test_a_picture_is_shown_against_the_portraits_own_pose(
    tmp_path: Path, maya: Avatar, shared: Path
) -> None:
    settings = _settings(tmp_path, AVATARS / "omar.png")
    assert explain_face(settings, maya, shared / "models" / "face_landmarker.task") == 0
    assert read_image(tmp_path / "explained.png").std() > 20


def _blank(folder: Path) -> Path:
    write_image(folder / "wall.png", np.full((64, 64, 3), 90, np.uint8))
    return folder / "wall.png"

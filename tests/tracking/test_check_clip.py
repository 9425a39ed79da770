from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from avatarify.frames import Frame, Image
from avatarify.media.motion_file import read_motion
from avatarify.tracking.check_clip import CheckClip, rate_finder
from avatarify.tracking.face import Face
from avatarify.tracking.face_finder import FaceFinder

MOTION = Path(__file__).resolve().parents[2] / "assets" / "demo_motion.npz"


class Recorded(FaceFinder):
    """Finds what was written down; a frame's first pixel is its number."""

    name = "recorded"

    def __init__(self, landmarks: NDArray[np.float32]) -> None:
        self._landmarks = landmarks

    def find_all(self, image: Image, time_s: float = 0.0) -> tuple[Face, ...]:
        landmarks = self._landmarks[image[0, 0, 0]]
        if np.isinf(landmarks).any():
            return ()
        face = Face(landmarks, np.zeros(52, np.float32), np.eye(4, dtype=np.float32))
        return (face,)

    def close(self) -> None:
        """Nothing to release."""


@pytest.fixture(scope="module")
def clip() -> CheckClip:
    landmarks = read_motion(MOTION).landmarks[::5]
    frames = [
        Frame(np.full((4, 4, 3), i, np.uint8), time_s=i / 6.0, index=i)
        for i in range(len(landmarks))
    ]
    return CheckClip(frames, landmarks)


def test_exact_points_are_worth_one(clip: CheckClip) -> None:
    assert rate_finder(Recorded(clip.landmarks), clip) == pytest.approx(1.0)


def test_half_of_the_movement_is_worth_half(clip: CheckClip) -> None:
    """A head that only shifts makes half of the movement half of the points' way."""
    rest = clip.landmarks[0] - clip.landmarks[0].mean(axis=0)
    shifts = np.linspace(0, 9, len(clip.frames))[:, None, None] * np.array([1.0, 0.4, 0.0])
    random = np.random.default_rng(0)
    small = random.normal(0, 0.3, (len(clip.frames), 478, 3))
    still = [33, 263, 133, 362, 61]  # corners: what all is measured by
    small[:, still] = 0.0
    truth = (rest + shifts + small).astype(np.float32)
    half = (rest + shifts + small / 2.0).astype(np.float32)
    known = CheckClip(clip.frames, truth)
    assert rate_finder(Recorded(half), known) == pytest.approx(0.5, abs=0.03)
    assert rate_finder(Recorded(truth), CheckClip(clip.frames, half)) == pytest.approx(
        0.5, abs=0.03
    )


def test_what_moves_against_the_truth_or_not_at_all_is_worth_nothing(clip: CheckClip) -> None:
    against = 2 * clip.landmarks.mean(axis=0) - clip.landmarks
    assert rate_finder(Recorded(against), clip) < 0.2
    frozen = np.repeat(clip.landmarks[:1], len(clip.frames), axis=0)
    assert rate_finder(Recorded(frozen), clip) == 0.0


def test_frames_without_a_face_and_broken_points_cost(clip: CheckClip) -> None:
    blind = clip.landmarks.copy()
    blind[::4] = np.inf
    assert rate_finder(Recorded(blind), clip) == pytest.approx(0.75, abs=0.01)
    blind[::3] = np.inf
    blind[1::3] = np.nan
    assert rate_finder(Recorded(blind), clip) == 0.0


def test_frames_and_landmarks_belong_together(clip: CheckClip) -> None:
    with pytest.raises(ValueError, match="its landmarks"):
        CheckClip(clip.frames[1:], clip.landmarks)

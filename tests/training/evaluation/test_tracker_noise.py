"""What two looks at the same frame differ by."""

import numpy as np
import pytest

from avatarify.frames import Image
from avatarify.tracking.face import Face
from avatarify.training.evaluation.driving_clip import DrivingClip
from avatarify.training.evaluation.sight import Sight
from avatarify.training.evaluation.tracker_noise import ENLARGED, enlarged, tracker_noise

SPOT = (150.0, 340.0)


def with_spot() -> Image:
    """A soft spot whose middle is `SPOT`, counted from the picture's corner."""
    rows, columns = np.indices((512, 512)) + 0.5
    squared = (columns - SPOT[0]) ** 2 + (rows - SPOT[1]) ** 2
    spot = np.round(255 * np.exp(-squared / (2 * 8.0**2))).astype(np.uint8)
    return np.repeat(spot[..., None], 3, axis=2)


def middle_of(picture: Image) -> tuple[float, float]:
    rows, columns = np.nonzero(picture[..., 0] > 20)
    weights = picture[rows, columns, 0].astype(float)
    return (
        float(np.average(columns + 0.5, weights=weights)),
        float(np.average(rows + 0.5, weights=weights)),
    )


def find_spot(picture: Image) -> Face:
    """All landmarks lie on the spot."""
    landmarks = np.zeros((478, 3), np.float32)
    landmarks[:, :2] = middle_of(picture)
    landmarks[152, 1] += 100.0  # but for the chin, so that the face has a height
    return Face(landmarks, np.zeros(52, np.float32))


def test_the_second_look_is_one_percent_larger_about_the_middle() -> None:
    x, y = middle_of(enlarged(with_spot()))
    assert x == pytest.approx(256 + ENLARGED * (SPOT[0] - 256), abs=0.03)
    assert y == pytest.approx(256 + ENLARGED * (SPOT[1] - 256), abs=0.03)


def test_an_exact_tracker_makes_no_noise() -> None:
    picture = with_spot()
    sights = [Sight(picture, find_spot(picture))] * 3
    found = tracker_noise(DrivingClip("ann", "ann", sights, 0), find_spot)
    assert found.akd_px == pytest.approx(0.0, abs=0.03)
    assert (found.method, found.frames, found.face_found) == ("tracker noise", 3, 1.0)
    assert found.l1 is None


def test_an_error_of_the_second_look_is_told_in_pixels_at_256() -> None:
    picture = with_spot()
    first = find_spot(picture)
    first.landmarks[:, 0] += 4.0
    found = tracker_noise(DrivingClip("ann", "ann", [Sight(picture, first)], 0), find_spot)
    assert found.akd_px == pytest.approx(2.0, abs=0.03)
    assert found.lips_px == pytest.approx(0.0, abs=1e-3)


def test_a_face_that_is_lost_is_counted() -> None:
    sights = [Sight(with_spot(), find_spot(with_spot()))] * 2
    found = tracker_noise(DrivingClip("ann", "ann", sights, 0), lambda _: None)
    assert (found.face_found, found.akd_px) == (0.0, None)

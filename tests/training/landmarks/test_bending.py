from pathlib import Path

import numpy as np
import pytest

from avatarify.geometry.face_mesh import LIPS
from avatarify.training.landmarks.bending import bend
from avatarify.training.landmarks.face_crops import FaceCrops, join_crops


@pytest.fixture
def face(crops: Path) -> FaceCrops:
    return join_crops(crops, ("c_leo",))


def test_points_that_stay_leave_the_picture(face: FaceCrops) -> None:
    picture, points = np.asarray(face.images[0]), face.points[0].astype(np.float64)
    bent = bend(picture, points, points)
    assert np.abs(bent.astype(int) - picture).mean() < 0.5


def test_lips_go_where_they_are_sent_and_the_rest_follows(face: FaceCrops) -> None:
    """A dark dot on the lip is found again at the new place, the corner of the picture is not."""
    picture, points = face.images[0].copy(), face.points[0].astype(np.float64)
    picture[:] = 200
    x, y = np.round(points[0, :2]).astype(int)
    picture[y - 2 : y + 2, x - 2 : x + 2] = 0  # around the corner of four pixels
    goal = points.copy()
    goal[list(LIPS), 1] += 6.0
    bent = 255.0 - bend(picture, points, goal)[..., 0].astype(np.float64) - 55.0
    rows, columns = np.indices(bent.shape) + 0.5
    found = (bent * columns).sum() / bent.sum(), (bent * rows).sum() / bent.sum()
    np.testing.assert_allclose(found, (x, y + 6), atol=1.5)


def test_what_is_around_a_shifted_face_goes_along(face: FaceCrops) -> None:
    columns = np.indices((288, 288))[1]
    picture = np.repeat((columns // 2).astype(np.uint8)[..., None], 3, axis=2)  # a ramp
    points = face.points[0].astype(np.float64)
    bent = bend(picture, points, points + np.array([10.0, 0.0, 0.0]))
    inside = bent[20:-20, 40:-40, 0].astype(float)
    np.testing.assert_allclose(inside, picture[20:-20, 30:-50, 0], atol=1.5)

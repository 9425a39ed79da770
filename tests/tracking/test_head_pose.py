import numpy as np
import pytest

from avatarify.tracking.face import Face
from avatarify.tracking.head_pose import head_transform, rigid_fit
from avatarify.tracking.landmark_crops import Points

HEIGHT, WIDTH = 480, 640


@pytest.fixture
def head() -> Points:
    spread = np.random.default_rng(3).normal(size=(478, 3)) * (6.0, 8.0, 4.0)
    return spread.astype(np.float32)


def turned(yaw_deg: float, pitch_deg: float) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    yaw, pitch = np.radians((yaw_deg, -pitch_deg))
    aside = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
    up = np.array(
        [[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]]
    )
    return np.asarray(aside @ up)


def seen(head: Points, yaw_deg: float, pitch_deg: float, place: tuple[float, float]) -> Face:
    """Draw the head at a place, 10 pixels to a centimetre."""
    there = head @ turned(yaw_deg, pitch_deg).T * 10.0 * (1, -1, -1) + (*place, 0)
    points = np.asarray(there, dtype=np.float32)
    transform = head_transform(points, (HEIGHT, WIDTH), head)
    return Face(points, np.zeros(52, np.float32), transform)


def test_rigid_fit_finds_what_was_done() -> None:
    model = np.random.default_rng(0).normal(size=(20, 3))
    rotation = turned(25, -10)
    scale, found, shift = rigid_fit(model, 3.0 * model @ rotation.T + (1, 2, 3))
    assert scale == pytest.approx(3.0)
    np.testing.assert_allclose(found, rotation, atol=1e-9)
    np.testing.assert_allclose(shift, (1, 2, 3), atol=1e-9)


@pytest.mark.parametrize(("yaw", "pitch"), [(0, 0), (30, 0), (-20, 0), (0, 15), (0, -15)])
@pytest.mark.parametrize("place", [(320, 240), (120, 300), (600, 100)])
def test_turn_is_the_same_wherever_the_head_is(
    head: Points, yaw: float, pitch: float, place: tuple[float, float]
) -> None:
    face = seen(head, yaw, pitch, place)
    assert face.yaw_deg == pytest.approx(yaw, abs=1.5)
    assert face.pitch_deg == pytest.approx(pitch, abs=1.5)


def test_head_in_the_middle_is_straight_ahead_and_as_far_as_its_size_says(head: Points) -> None:
    face = seen(head, 0, 0, (WIDTH / 2, HEIGHT / 2))
    # 10 pixels per centimetre; 240 pixels are tan(31.5°) of the distance.
    away = HEIGHT / 2 / np.tan(np.radians(31.5)) / 10.0
    np.testing.assert_allclose(face.transform[:3, 3], (0, 0, -away), atol=1e-3)

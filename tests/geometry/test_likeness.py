"""Which frame of a driver is most like a portrait."""

import numpy as np
import pytest

from avatarify.geometry.average_face import average_face
from avatarify.geometry.face_mesh import EYES
from avatarify.geometry.likeness import most_alike, unlikeness


def looking(aside: float) -> np.ndarray:
    """The average face with irises moved by a part of an eye's width."""
    face = np.array(average_face(), np.float64)
    for eye in EYES:
        width = np.linalg.norm(face[eye.outer, :2] - face[eye.inner, :2])
        face[[eye.iris, *eye.rim], 0] += aside * width
    return face


def test_a_face_is_like_itself_moved_and_scaled() -> None:
    face = looking(0.0)
    assert unlikeness(face, 3.0 * face + (5.0, -7.0, 2.0)) == pytest.approx(0.0, abs=1e-9)


def test_eyes_that_look_aside_count() -> None:
    straight = looking(0.0)
    # Irises 0.2 eye widths aside: 0.4 times that, and the little that ten points of 478 moved.
    assert unlikeness(looking(0.2), straight) == pytest.approx(0.08, abs=0.01)


def test_a_frame_that_looks_ahead_is_chosen_before_one_that_is_a_little_nearer() -> None:
    straight = looking(0.0)
    wider = straight.copy()
    wider[:, 0] *= 1.03  # somebody else, who looks ahead
    assert most_alike(np.stack([looking(0.2), wider, np.full_like(wider, np.nan)]), straight) == 1

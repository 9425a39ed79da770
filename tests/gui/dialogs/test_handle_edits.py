"""Steps that can be undone."""

import numpy as np
import pytest

from avatarify.geometry.average_face import face_in_the_middle
from avatarify.gui.dialogs.handle_edits import HandleEdits

FACE = face_in_the_middle((400, 400))


@pytest.fixture
def edits() -> HandleEdits:
    return HandleEdits(FACE)


def test_nothing_is_changed_at_first(edits: HandleEdits) -> None:
    np.testing.assert_allclose(edits.landmarks, FACE)
    assert not edits.can_undo
    edits.undo()
    edits.begin()
    assert not edits.end()
    assert not edits.can_undo


def test_a_drag_of_many_moves_is_one_step(edits: HandleEdits) -> None:
    edits.begin()
    for down in range(10):
        edits.shift(1.0, float(down))
    assert edits.end()
    np.testing.assert_allclose(edits.landmarks, FACE + np.array([10, 45, 0]))
    edits.undo()
    np.testing.assert_allclose(edits.landmarks, FACE)
    assert not edits.can_undo


def test_a_face_is_stretched_about_the_corner_that_stays(edits: HandleEdits) -> None:
    left, top, right, bottom = edits.box
    edits.stretch(2.0, 1.5, (left, top), edits.places.copy())
    assert edits.box == pytest.approx(
        (left, top, left + 2 * (right - left), top + 1.5 * (bottom - top))
    )


def test_a_face_is_never_turned_inside_out(edits: HandleEdits) -> None:
    left, top, *_ = edits.box
    edits.stretch(-3.0, 0.0, (left, top), edits.places.copy())
    box = edits.box
    assert box[0] < box[2]
    assert box[1] < box[3]


def test_reset_brings_the_face_back_and_can_be_undone(edits: HandleEdits) -> None:
    edits.begin()
    edits.move(0, 200.0, 10.0)
    edits.end()
    moved = edits.landmarks
    edits.reset()
    np.testing.assert_allclose(edits.landmarks, FACE)
    edits.undo()
    np.testing.assert_allclose(edits.landmarks, moved)

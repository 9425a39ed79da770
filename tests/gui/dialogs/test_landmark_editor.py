"""Correcting a face by hand: on a built-in avatar, with the preview that users get."""

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from avatarify.frames import Image
from avatarify.geometry.average_face import face_in_the_middle
from avatarify.geometry.landmark_handles import HANDLES
from avatarify.gui.dialogs.landmark_editor import LARGEST_SIDE, LandmarkEditor
from avatarify.media.image_file import read_image
from avatarify.session.avatars.portrait_framing import shrunk
from tests.drivers import AVATARS, landmarks_of

PATIENCE_MS = 60_000
CHIN = [handle.name for handle in HANDLES].index("Chin")
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture(scope="module")
def portrait() -> tuple[Image, np.ndarray]:
    return shrunk(read_image(AVATARS / "maya.png"), landmarks_of("maya"), 200)


@pytest.fixture
def editor(qtbot: QtBot, portrait: tuple[Image, np.ndarray]) -> Iterator[LandmarkEditor]:
    editor = LandmarkEditor("Maya", *portrait)
    qtbot.addWidget(editor)
    editor.show()
    yield editor
    editor.preview.stop()


def drag(editor: LandmarkEditor, start: QPointF, way: tuple[int, int]) -> None:
    place, end = start.toPoint(), start.toPoint() + QPoint(*way)
    QTest.mousePress(editor.canvas, LEFT, NONE, place)
    QTest.mouseMove(editor.canvas, (place + end) / 2)
    QTest.mouseMove(editor.canvas, end)
    QTest.mouseRelease(editor.canvas, LEFT, NONE, end)


def has_changed(picture: Image | None, first: Image) -> bool:
    return picture is not None and int(np.abs(picture.astype(int) - first).max()) > 30


def test_a_dot_is_dragged_and_undone(editor: LandmarkEditor) -> None:
    before = editor.landmarks.copy()
    assert not editor.ok_button.isEnabled()
    drag(editor, editor.canvas.place_of(CHIN), (0, 24))
    went = (editor.landmarks - before)[152, :2] * editor.canvas.view.scale
    np.testing.assert_allclose(went, (0, 24), atol=1e-3)
    assert np.linalg.norm((editor.landmarks - before)[33, :2]) < 1  # an eye stays
    assert editor.canvas.chosen == CHIN
    assert editor.ok_button.isEnabled()
    QTest.keySequence(editor, "Ctrl+Z")
    np.testing.assert_allclose(editor.landmarks, before)
    assert not editor.undo_button.isEnabled()


def test_the_face_is_moved_as_a_whole_and_reset(editor: LandmarkEditor) -> None:
    before, scale = editor.landmarks.copy(), editor.canvas.view.scale
    cheek = editor.canvas.view.to_widget(QPointF(*before[50, :2]))
    drag(editor, cheek, (30, -12))
    moved = (editor.landmarks - before)[:, :2] * scale
    np.testing.assert_allclose(moved, np.tile((30, -12), (478, 1)), atol=0.01)
    editor.reset_button.click()
    np.testing.assert_allclose(editor.landmarks, before)


def test_a_corner_of_the_frame_makes_the_face_larger(editor: LandmarkEditor) -> None:
    left, top, right, bottom = editor.edits.box
    drag(editor, editor.canvas._frame().bottomRight(), (40, 40))
    wider = np.ptp(editor.landmarks[:, 0]) / (right - left)
    taller = np.ptp(editor.landmarks[:, 1]) / (bottom - top)
    assert wider > 1.05
    assert taller > 1.05


def test_beside_the_frame_the_picture_is_moved(editor: LandmarkEditor) -> None:
    before = editor.landmarks.copy()
    middle = editor.canvas.rect().center()
    wheel = QWheelEvent(
        QPointF(middle), editor.canvas.mapToGlobal(middle).toPointF(), QPoint(), QPoint(0, 120),
        Qt.MouseButton.NoButton, NONE, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    scale = editor.canvas.view.scale
    QApplication.sendEvent(editor.canvas, wheel)
    assert editor.canvas.view.scale == pytest.approx(1.2 * scale)
    corner = editor.canvas.view.to_picture(QPointF(5, 5))
    drag(editor, QPointF(5, 5), (10, 0))
    assert editor.canvas.view.to_picture(QPointF(15, 5)).x() == pytest.approx(corner.x())
    np.testing.assert_array_equal(editor.landmarks, before)


def test_everything_works_from_the_keyboard(editor: LandmarkEditor) -> None:
    before, canvas = editor.landmarks.copy(), editor.canvas
    names: list[str] = []
    canvas.chosen_changed.connect(names.append)
    QTest.keyClick(canvas, Qt.Key.Key_Right)  # nothing is chosen: the face moves a pixel
    np.testing.assert_allclose(
        (editor.landmarks - before)[:, 0] * canvas.view.scale, 1.0, atol=1e-6
    )
    QTest.keyClick(canvas, Qt.Key.Key_PageDown)
    QTest.keyClick(canvas, Qt.Key.Key_PageUp)
    assert names == ["Forehead", "Chin"]
    chin = editor.edits.places[CHIN].copy()
    QTest.keyClick(canvas, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    np.testing.assert_allclose(
        (editor.edits.places[CHIN] - chin) * canvas.view.scale, (0, 10), atol=1e-6
    )
    scale = canvas.view.scale
    QTest.keyClick(canvas, Qt.Key.Key_Plus)
    assert canvas.view.scale > scale


def test_the_mesh_can_be_hidden(editor: LandmarkEditor) -> None:
    shown = editor.canvas.grab().toImage()
    editor.mesh_box.click()
    assert editor.canvas.grab().toImage() != shown


def test_the_preview_moves_the_portrait_and_the_window_does_not_wait(
    editor: LandmarkEditor, qtbot: QtBot
) -> None:
    assert editor.preview.is_preparing  # the window is there before the portrait moves
    qtbot.waitUntil(lambda: editor.preview.picture is not None, timeout=PATIENCE_MS)
    first = editor.preview.picture
    assert first is not None
    qtbot.waitUntil(lambda: has_changed(editor.preview.picture, first), timeout=PATIENCE_MS)
    editor.canvas.grab()
    editor.preview.grab()
    drag(editor, editor.canvas.place_of(CHIN), (0, 20))
    assert editor.preview.is_preparing
    qtbot.waitUntil(lambda: not editor.preview.is_preparing, timeout=PATIENCE_MS)
    editor.reject()


def test_where_no_face_was_found_the_average_one_is_in_the_middle(
    qtbot: QtBot, portrait: tuple[Image, np.ndarray]
) -> None:
    image, _ = portrait
    editor = LandmarkEditor("A drawing", image, None)
    qtbot.addWidget(editor)
    assert editor.ok_button.isEnabled()
    expected = face_in_the_middle((image.shape[0], image.shape[1]))
    np.testing.assert_allclose(editor.landmarks, expected, atol=1e-3)
    editor.preview.stop()


def test_a_large_picture_is_shown_smaller_and_its_points_are_its_own(qtbot: QtBot) -> None:
    image = np.full((4 * LARGEST_SIDE, 2 * LARGEST_SIDE, 3), 90, np.uint8)
    points = face_in_the_middle((image.shape[0], image.shape[1]))
    editor = LandmarkEditor("Large", image, points)
    qtbot.addWidget(editor)
    assert editor.canvas.view.target.width() <= LARGEST_SIDE
    np.testing.assert_allclose(editor.landmarks, points, rtol=1e-4, atol=0.01)
    editor.edits.shift(1.0, 0.0)
    np.testing.assert_allclose((editor.landmarks - points)[:, 0], 4.0, atol=0.01)
    editor.preview.stop()

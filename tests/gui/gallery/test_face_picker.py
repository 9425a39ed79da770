"""At import and in the camera's picture a click says whose face is meant."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from avatarify.frames import Image
from avatarify.gui.gallery.face_picker import FacePicker
from avatarify.gui.gallery.gallery_panel import GalleryPanel
from avatarify.gui.pieces.background import Background
from avatarify.gui.views.camera_view import CameraPreview
from avatarify.media.image_file import read_image, write_image
from avatarify.session.avatars.library import AvatarLibrary
from avatarify.session.avatars.thumbnails import ThumbnailStore
from avatarify.session.live.listener import CameraView
from avatarify.tracking.crop import Crop
from avatarify.tracking.face import Box

AVATARS = Path(__file__).resolve().parents[3] / "assets" / "avatars"
PATIENCE_MS = 90_000
LEFT, RIGHT = Box(40, 40, 120, 140), Box(250, 60, 300, 120)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """Two of the program's avatars beside each other, the right one at half the size."""
    image = np.full((360, 640, 3), 110, np.uint8)
    image[:, :360] = read_image(AVATARS / "nia.png")[::2, 280:1000:2]
    image[90:270, 440:620] = read_image(AVATARS / "leo.png")[::4, 280:1000:4]
    write_image(tmp_path / "us.png", image)
    return tmp_path / "us.png"


def test_another_face_is_taken_by_a_click_at_import(
    qtbot: QtBot,
    library: AvatarLibrary,
    thumbnails: ThumbnailStore,
    background: Background,
    picture: Path,
) -> None:
    gallery = GalleryPanel(library, thumbnails, background)
    gallery.imports.has_consent = True
    qtbot.addWidget(gallery)
    gallery.show()
    gallery.imports.take_files([picture])
    qtbot.waitUntil(lambda: gallery.imports.dialog is not None, timeout=PATIENCE_MS)
    dialog: Any = gallery.imports.dialog
    assert "the larger, the one on the left, is taken" in dialog.intake.whom
    assert dialog.intake.is_usable
    picker = dialog.picker
    assert picker.isVisible()
    assert picker.taken == 0
    factor = picker.width() / 640
    QTest.mouseClick(
        picker, Qt.MouseButton.LeftButton, pos=QPoint(round(530 * factor), round(180 * factor))
    )
    qtbot.waitUntil(lambda: dialog.isEnabled() and not dialog.intake.whom, timeout=PATIENCE_MS)
    assert dialog.intake.points[:, 0].mean() > 440
    assert picker.taken == 1
    dialog.add_button.click()
    qtbot.waitUntil((library.user_folder / "us.png").exists, timeout=PATIENCE_MS)


@pytest.fixture
def picker(qtbot: QtBot) -> FacePicker:
    picker = FacePicker(320)
    qtbot.addWidget(picker)
    picker.show_faces(np.full((180, 320, 3), 90, np.uint8), (RIGHT, LEFT), LEFT.center)
    picker.show()
    return picker


def test_arrow_keys_take_the_next_face(picker: FacePicker, qtbot: QtBot) -> None:
    picked: list[tuple[float, float]] = []
    picker.picked.connect(lambda x, y: picked.append((x, y)))
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Left):
        QTest.keyClick(picker, key)
    assert picked == [RIGHT.center, LEFT.center]


def test_a_click_beside_all_faces_takes_none(picker: FacePicker, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(picker.picked):
        QTest.mouseClick(picker, Qt.MouseButton.LeftButton, pos=QPoint(180, 20))
        QTest.mouseClick(picker, Qt.MouseButton.LeftButton, pos=QPoint(80, 90))  # taken already


@pytest.mark.parametrize("is_mirrored", [False, True])
def test_another_face_before_the_camera_is_followed_by_a_click(
    qtbot: QtBot, is_mirrored: bool
) -> None:
    preview = CameraPreview()
    qtbot.addWidget(preview)
    preview.resize(320, 180)
    preview.set_mirrored(is_mirrored)
    frame: Image = np.full((360, 640, 3), 90, np.uint8)
    other = Box(500, 120, 600, 240)
    preview.show_view(CameraView(frame, 0.0, Crop(160, 180, 200), None, (other,)))
    clicked: list[tuple[float, float]] = []
    preview.face_clicked.connect(lambda x, y: clicked.append((x, y)))
    x = 320 - 275 if is_mirrored else 275
    QTest.mouseClick(preview, Qt.MouseButton.LeftButton, pos=QPoint(x, 90))
    assert len(clicked) == 1
    assert clicked[0] == pytest.approx((550, 180), abs=3)
    QTest.mouseClick(preview, Qt.MouseButton.LeftButton, pos=QPoint(320 - x, 90))
    assert len(clicked) == 1
    assert "follow" in preview.toolTip()

"""A further picture for an avatar, taken in the background."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from avatarify.gui.pieces.background import Background
from avatarify.gui.window.further_choice import FurtherChoice
from avatarify.media.image_file import read_image
from avatarify.session.avatars.avatar import Avatar
from avatarify.session.avatars.further_picture import TEETH
from avatarify.session.avatars.library import AvatarLibrary
from tests.drivers import AVATARS

pytestmark = pytest.mark.gui


def test_a_picture_without_a_face_is_refused_in_words(
    qtbot: QtBot, library: AvatarLibrary, background: Background, tmp_path: Path
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    choice = FurtherChoice(library, background, window)
    picture = tmp_path / "wall.png"
    entry = library.add(Avatar("Bo", read_image(AVATARS / "maya.png")))
    picture.write_bytes(b"no picture")
    with qtbot.waitSignal(choice.failed, timeout=10_000) as failed:
        choice.take(entry, TEETH, picture)
    assert "not an image" in failed.args[0]
    assert not list(library.user_folder.glob("*.teeth.png"))

"""What the user can put behind the avatar, and how it is said."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QColorDialog, QFileDialog
from pytestqt.qtbot import QtBot

from avatarify.gui.panels.background_choice import BackgroundChoice
from avatarify.gui.panels.motion_panel import MotionPanel
from avatarify.media.image_file import write_image
from avatarify.session.keeping.settings import FitMode, Settings, ViewSettings


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def choice(qtbot: QtBot, told: list[str]) -> BackgroundChoice:
    choice = BackgroundChoice(told.append)
    qtbot.addWidget(choice)
    return choice


def names(choice: BackgroundChoice) -> list[str]:
    return [choice.box.itemText(index) for index in range(choice.box.count())]


def choose(choice: BackgroundChoice, name: str) -> None:
    """As a click does: the list changes first, then it tells."""
    index = names(choice).index(name)
    choice.box.setCurrentIndex(index)
    choice.box.activated.emit(index)


def test_rooms_and_green_are_told_at_once(choice: BackgroundChoice, told: list[str]) -> None:
    expected = ["Its own room", "Blurred room", "Green screen", "Colour…", "Picture…"]
    assert names(choice) == expected
    for name in ("Blurred room", "Green screen", "Its own room"):
        choose(choice, name)
    assert told == ["blur", "green", "own"]


def test_a_colour_is_asked_for_and_stays_in_the_list(
    choice: BackgroundChoice, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QColorDialog, "getColor", lambda *_: QColor(0x12, 0x34, 0x56))
    choose(choice, "Colour…")
    assert told == ["#123456"]
    assert choice.box.currentText() == "#123456"
    assert not choice.box.itemIcon(choice.box.currentIndex()).isNull()


def test_a_picture_is_asked_for_and_shown_by_its_name(
    choice: BackgroundChoice, told: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a rather long name of a beach in summer.png"
    write_image(path, np.zeros((4, 4, 3), np.uint8))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    choose(choice, "Picture…")
    assert told == [str(path)]
    assert choice.box.currentText() == "a rather long name of a …"


def test_who_asks_and_leaves_keeps_what_was(
    choice: BackgroundChoice, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    choice.show_background("blur")
    monkeypatch.setattr(QColorDialog, "getColor", lambda *_: QColor())
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("", ""))
    for name in ("Colour…", "Picture…"):
        choose(choice, name)
        assert choice.box.currentText() == "Blurred room"
    assert told == []


def test_the_panel_tells_background_and_sides_apart(qtbot: QtBot) -> None:
    panel = MotionPanel()
    qtbot.addWidget(panel)
    views: list[ViewSettings] = []
    panel.view_changed.connect(views.append)
    panel.show_settings(Settings(view=ViewSettings(FitMode.FIT, background="#204060")))
    assert panel.background.box.currentText() == "#204060"
    assert panel.sides.currentText() == "Black"
    assert not views
    choose(panel.background, "Green screen")
    panel.sides.activated.emit(panel.sides.findData(FitMode.FILL))
    assert views[0] == ViewSettings(FitMode.FIT, background="green")
    assert views[1] == ViewSettings(FitMode.FILL, background="green")


def test_a_motion_model_has_no_choice_and_says_why(qtbot: QtBot) -> None:
    panel = MotionPanel()
    qtbot.addWidget(panel)
    panel.show_model("compact")
    assert not panel.background.box.isEnabled()
    assert "compact" in panel.background.reason
    assert panel.sides.isEnabled()
    panel.show_model("face")
    assert panel.background.box.isEnabled()
    assert panel.background.reason == ""

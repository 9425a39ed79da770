"""The window says whether anybody watches, and counts as a watcher only while it can be seen."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from avatarify.frames import Frame
from avatarify.gui.dialogs.settings_dialog import SettingsDialog
from avatarify.session.keeping.settings import OutputSettings, Settings, WhenUnwatched
from avatarify.session.live import repose
from avatarify.session.live.listener import LiveState


class Loopback:
    """A virtual camera that knows whether a program reads it."""

    def __init__(self) -> None:
        self.is_watched = False

    def write(self, frame: Frame) -> None:
        pass

    def close(self) -> None:
        pass


@pytest.fixture
def loopback() -> Loopback:
    return Loopback()


@pytest.fixture
def parts(parts: Any, loopback: Loopback) -> Any:
    return replace(parts, open_virtual_camera=lambda output: loopback)


@pytest.fixture
def lonely(
    make_desk: Callable[[Settings], Any], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Any:
    """A running window with a virtual camera that nobody reads."""
    monkeypatch.setattr(repose, "REST_AFTER_S", 0.2)
    desk = make_desk(replace(settings, output=OutputSettings(width=128, height=96)))
    desk.start()
    desk.press("X")
    desk.until(lambda: desk.session.state is LiveState.LIVE)
    return desk


def test_it_goes_on_while_it_is_seen_and_says_that_nobody_watches(lonely: Any) -> None:
    lonely.until(lambda: lonely.window.status_line.texts[0] == "Live, nobody watches")
    assert lonely.session.state is LiveState.LIVE
    words = lonely.window.driver.devices.output_words
    assert words.startswith("Nobody watches. In the call, choose")


@pytest.mark.parametrize("way", ["showMinimized", "hide"])
def test_hidden_it_rests_and_shown_again_it_moves(lonely: Any, way: str) -> None:
    getattr(lonely.window, way)()
    lonely.until(lambda: lonely.session.state is LiveState.RESTING)
    lonely.until(lambda: lonely.window.status_line.texts[0] == "Resting, nobody watches")
    lonely.window.showNormal()
    lonely.until(lambda: lonely.session.state is LiveState.LIVE)


def test_a_reader_is_told(lonely: Any, loopback: Loopback) -> None:
    lonely.window.hide()
    lonely.until(lambda: lonely.session.state is LiveState.RESTING)
    loopback.is_watched = True
    lonely.until(lambda: lonely.window.status_line.texts[0] == "Live")
    assert lonely.window.driver.devices.output_words == "A program reads the virtual camera."


def test_the_dialog_changes_what_is_done_then(qtbot: QtBot, lonely: Any) -> None:
    lonely.window.wishes.open_settings()
    dialog = lonely.window.wishes.settings_dialog
    assert isinstance(dialog, SettingsDialog)
    assert dialog.unwatched.currentText() == "Rest"
    dialog.unwatched.setCurrentText("Go on")
    dialog.accept()
    assert lonely.controller.settings.unwatched is WhenUnwatched.GO_ON
    lonely.window.hide()
    qtbot.wait(500)
    assert lonely.session.state is LiveState.LIVE

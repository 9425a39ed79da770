"""Settings change at once and are written once."""

from dataclasses import replace

from pytestqt.qtbot import QtBot

from avatarify.errors import SettingsError
from avatarify.gui.window.kept_settings import SAVE_DELAY_MS, KeptSettings
from avatarify.session.keeping.settings import Settings


def test_many_changes_are_written_once(qtbot: QtBot) -> None:
    saved: list[Settings] = []
    kept = KeptSettings(Settings(), saved.append)
    shown: list[Settings] = []
    kept.changed.connect(shown.append)
    for avatar in ("ada", "bo", "cleo"):
        kept.change(avatar=avatar)
    assert [settings.avatar for settings in shown] == ["ada", "bo", "cleo"]
    assert not saved
    qtbot.waitUntil(lambda: bool(saved), timeout=20 * SAVE_DELAY_MS)
    assert saved == [replace(Settings(), avatar="cleo")]


def test_trouble_with_the_file_is_told(qtbot: QtBot) -> None:
    def fail(settings: Settings) -> None:
        raise SettingsError("The disk is full.")

    kept = KeptSettings(Settings(), fail)
    with qtbot.waitSignal(kept.failed) as told:
        kept.save_now()
    assert told.args == ["The disk is full."]

"""The window says what its user waits for, as long as that lasts."""

from threading import Event

from pytestqt.qtbot import QtBot

from avatarify.gui.pieces.background import Background

PATIENCE_MS = 30_000


def test_what_is_waited_for_is_told_until_it_came_or_failed(
    qtbot: QtBot, background: Background
) -> None:
    told: list[str] = []
    background.waited_for.connect(told.append)
    first, second = Event(), Event()

    def fail() -> None:
        second.wait(30)
        raise ValueError("no face")

    background.run(lambda: first.wait(30), lambda _: None, words="Looking…")
    background.run(fail, lambda _: None, lambda _: None, words="Cutting…")
    background.run(lambda: None, lambda _: None)
    assert told == ["Looking…", "Cutting…"]
    second.set()
    qtbot.waitUntil(lambda: told[-1] == "Looking…", timeout=PATIENCE_MS)
    first.set()
    qtbot.waitUntil(lambda: told[-1] == "", timeout=PATIENCE_MS)

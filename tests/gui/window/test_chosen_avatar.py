"""Avatars are read in the background, and only the last one chosen is shown."""

from pytestqt.qtbot import QtBot

from avatarify.gui.pieces.background import Background
from avatarify.gui.window.chosen_avatar import ChosenAvatar
from avatarify.session.avatars.avatar import Avatar
from avatarify.session.avatars.library import AvatarEntry, AvatarLibrary


def test_the_last_one_chosen_wins(
    qtbot: QtBot, library: AvatarLibrary, background: Background
) -> None:
    chosen = ChosenAvatar(library, background)
    came: list[tuple[AvatarEntry, Avatar]] = []
    chosen.came.connect(lambda entry, avatar: came.append((entry, avatar)))
    ada, bo = library.entries()[:2]
    chosen.choose(ada)
    chosen.choose(bo)
    assert chosen.entry == bo
    qtbot.waitUntil(lambda: chosen.avatar is not None, timeout=30_000)
    qtbot.wait(50)  # the other one would come now
    assert [entry for entry, _ in came] == [bo]
    assert chosen.avatar is came[0][1]


def test_an_unknown_key_is_the_first_avatar(
    qtbot: QtBot, library: AvatarLibrary, background: Background
) -> None:
    chosen = ChosenAvatar(library, background)
    with qtbot.waitSignal(chosen.came, timeout=30_000):
        chosen.choose_key("nobody")
    assert chosen.entry == library.entries()[0]


def test_a_picture_that_is_gone_is_told(
    qtbot: QtBot, library: AvatarLibrary, background: Background
) -> None:
    chosen = ChosenAvatar(library, background)
    (ada, *_) = library.entries()
    ada.path.unlink()
    with qtbot.waitSignal(chosen.failed, timeout=30_000) as told:
        chosen.choose(ada)
    assert "ada" in told.args[0]
    assert chosen.avatar is None

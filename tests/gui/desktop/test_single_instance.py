"""One window per user; further starts are real processes."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtNetwork import QLocalSocket
from pytestqt.qtbot import QtBot

from avatarify.errors import AvatarifyError
from avatarify.gui.desktop import single_instance
from avatarify.gui.desktop.single_instance import SingleInstance

ROOT = Path(__file__).resolve().parents[3]
START = "import sys; from avatarify.cli import main; sys.exit(main(sys.argv[1:]))"
HOLD = """
import sys, time
from avatarify.gui.desktop.single_instance import SingleInstance
instance = SingleInstance()
print("claimed", instance.claim(), flush=True)
time.sleep(100)
"""


def start(code: str, *words: object) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", code, *map(str, words)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )


@pytest.fixture(autouse=True)
def run_time_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "run"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    return folder


@pytest.fixture
def first(qtbot: QtBot) -> Iterator[SingleInstance]:
    instance = SingleInstance()
    assert instance.claim()
    instance.listen()
    yield instance
    instance.release()


def test_a_second_start_hands_its_pictures_over(
    first: SingleInstance, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_ACTIVATION_TOKEN", "token-7")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ada lovelace.png").touch()
    with qtbot.waitSignal(first.wanted, timeout=30_000) as heard:
        second = start(START, "app", "ada lovelace.png", "/bo.jpg")
    out, errors = second.communicate(timeout=30)
    assert (second.returncode, errors) == (0, "")
    assert "open already" in out
    assert heard.args == [(tmp_path / "ada lovelace.png", Path("/bo.jpg")), "token-7"]


def test_a_picture_alone_is_enough(first: SingleInstance, qtbot: QtBot, tmp_path: Path) -> None:
    picture = tmp_path / "ada.png"
    picture.touch()
    with qtbot.waitSignal(first.wanted, timeout=30_000) as heard:
        second = start(START, picture)
    second.communicate(timeout=30)
    assert second.returncode == 0
    assert heard.args is not None
    assert heard.args[0] == (picture,)


def test_a_start_with_other_settings_is_another_first(
    first: SingleInstance, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert not SingleInstance().claim()
    monkeypatch.setenv("AVATARIFY_CONFIG", str(tmp_path / "other"))
    assert SingleInstance().claim()


def test_nobody_else_may_open_the_socket(first: SingleInstance, run_time_folder: Path) -> None:
    (socket,) = (path for path in run_time_folder.iterdir() if path.is_socket())
    assert socket.stat().st_mode & 0o077 == 0


@pytest.mark.skipif(os.name != "posix", reason="kills like POSIX")
def test_a_crashed_first_one_does_not_count(qtbot: QtBot) -> None:
    crashed = start(HOLD)
    assert crashed.stdout is not None
    assert crashed.stdout.readline() == "claimed True\n"
    assert not SingleInstance().claim()
    crashed.send_signal(signal.SIGKILL)
    crashed.communicate()
    later = SingleInstance()
    assert later.claim()
    later.listen()
    later.release()


def test_a_first_one_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(single_instance, "_PATIENCE_MS", 300)
    silent = start(HOLD)
    assert silent.stdout is not None
    silent.stdout.readline()
    second = SingleInstance()
    assert not second.claim()
    with pytest.raises(AvatarifyError, match=rf"\(process {silent.pid}\) but does not answer"):
        second.hand_over([])
    silent.kill()
    silent.communicate()


@pytest.mark.parametrize("message", [b"{}\n", b"no json\n", b'{"pictures": 7, "token": 1}\n'])
def test_nonsense_is_not_heard(
    first: SingleInstance, qtbot: QtBot, run_time_folder: Path, message: bytes
) -> None:
    (name,) = (path for path in run_time_folder.iterdir() if path.is_socket())
    socket = QLocalSocket()
    with qtbot.assertNotEmitted(first.wanted), qtbot.waitSignal(socket.disconnected):
        socket.connectToServer(str(name))
        socket.write(message)


def test_a_folder_that_cannot_be_used_locks_nobody_out(tmp_path: Path, qtbot: QtBot) -> None:
    instance = SingleInstance(tmp_path / "none")
    assert instance.claim()
    instance.listen()
    instance.release()


def test_the_window_comes_to_the_front_and_asks_about_the_picture(
    make_desk: Callable[..., object], settings: object, tmp_path: Path
) -> None:
    from avatarify.media.image_file import write_image
    from tests.tiny_models import picture

    write_image(tmp_path / "ada.png", picture(1, 64))
    desk = make_desk(settings)
    window = desk.window  # type: ignore[attr-defined]  # the fixture's own class
    window.showMinimized()
    window.come_to_front((tmp_path / "ada.png",), "")
    assert not window.isMinimized()
    desk.until(lambda: window.gallery.imports.dialog is not None)  # type: ignore[attr-defined]
    assert window.gallery.imports.dialog.name == "ada"
    window.gallery.imports.dialog.reject()

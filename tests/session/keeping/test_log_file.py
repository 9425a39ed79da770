"""The log says what happened, and nothing about the user's files."""

import logging
import threading
from pathlib import Path

import pytest

from avatarify.errors import ImageError
from avatarify.session.keeping.log_file import log_file, log_folder, log_path, private_text

logger = logging.getLogger("avatarify.media.somewhere")


def written() -> str:
    return log_path().read_text("utf-8")


def test_words_of_the_program_stay_and_paths_go() -> None:
    with log_file():
        logger.warning("The folder %s cannot be listed: %s", Path("/home/anna/My cats"), 13)
        logger.info("%d of %.1f frames by %s", 3, 29.97, "V4L2")
    first, second = written().splitlines()
    assert first.endswith(
        "WARNING avatarify.media.somewhere: The folder <path> cannot be listed: 13"
    )
    assert second.endswith("3 of 30.0 frames by V4L2")


@pytest.mark.parametrize(
    "text",
    [
        "/home/anna/Holiday in Rome/Anna Smith.png",
        "Cannot write /home/anna/Holiday in Rome/Anna Smith.mp4. The disk is full.",
        "[Errno 2] No such file or directory: '/home/anna/Holiday in Rome/Anna Smith.png'",
        r"C:\Users\anna\Pictures\Anna Smith.jpeg is broken",
        r"\\server\anna\Smith: no such share",
        "Anna Smith.PNG is no picture",
        "~/Smith/Anna",
        "http://anna:secret@192.168.0.7:8080/video does not answer",
        "the setting avatar = 'Pictures/Anna Smith.webp' is ignored",
        "rtsp://anna-smith.example/stream",
        "file:///home/anna/Smith%20A.png",
    ],
)
def test_no_form_of_a_name_gets_through(text: str) -> None:
    private = private_text(text)
    for name in ("anna", "Anna", "Smith", "Rome", "secret", "192.168"):
        assert name not in private, private


@pytest.mark.parametrize(
    "text",
    [
        "Global hotkeys are off: there is no X11 display.",
        "torch 2.13.0+cpu and/or openvino 2026.4.1 at 29.7/30 fps",
        "openvino is not used: it failed: Unsupported operation aten::frobnicate.",
        "Camera HD Webcam (usb-0000:00:14.0-1) is open by V4L2 at (720, 1280)",
    ],
)
def test_what_names_no_file_is_kept(text: str) -> None:
    assert private_text(text) == text


def test_a_traceback_names_modules_and_no_folder() -> None:
    def open_it() -> None:
        try:
            Path("/home/anna/secret.png").read_bytes()
        except OSError as error:
            raise ImageError("The image /home/anna/secret.png is missing.") from error

    with log_file():
        try:
            open_it()
        except ImageError:
            logger.exception("That failed.")
    text = written()
    assert "ImageError" in text
    assert "FileNotFoundError: No such file or directory" in text
    assert "test_log_file:" in text
    assert "open_it" in text
    assert "anna" not in text
    assert "secret" not in text
    assert "/" not in text


def test_what_ends_the_program_or_a_thread_is_logged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading, "excepthook", lambda event: None)

    def break_down() -> None:
        raise RuntimeError("the device vanished")

    def run() -> None:
        with log_file():
            thread = threading.Thread(target=break_down)
            thread.start()
            thread.join()
            break_down()

    with pytest.raises(RuntimeError):
        run()
    text = written()
    assert text.count("RuntimeError: the device vanished") == 2
    assert "A thread ended with an error." in text
    assert "The program ends with an error." in text


def test_the_log_is_of_bounded_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("avatarify.session.keeping.log_file._MOST_BYTES", 5000)
    with log_file():
        for number in range(400):
            logger.info("Line %d of a very talkative program that goes on and on and on", number)
    files = sorted(log_folder().iterdir())
    assert [path.name for path in files] == [
        "avatarify.log", "avatarify.log.1", "avatarify.log.2", "avatarify.log.3"
    ]  # fmt: skip
    assert sum(path.stat().st_size for path in files) < 25_000
    assert "Line 399 of" in written()


def test_a_place_that_cannot_be_written_stops_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("AVATARIFY_LOGS", str(tmp_path / "file" / "logs"))
    with log_file():
        logger.info("Nobody hears this.")
    assert capfd.readouterr() == ("", "")


def test_the_terminal_hears_no_more_than_before(capsys: pytest.CaptureFixture[str]) -> None:
    from avatarify import cli

    cli.main(["models", "path"])
    assert capsys.readouterr().err == ""
    assert "models begins." in written()

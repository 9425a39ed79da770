import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from avatarify.errors import CameraError
from avatarify.media.screen import ScreenRegion, ScreenSource, parse_region
from tests.linux_session import LinuxSession


@pytest.fixture
def desktop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LinuxSession]:
    """An X server of 1280x800 pixels without any window."""
    if shutil.which("Xvfb") is None:
        pytest.skip("needs the package xvfb")
    session = LinuxSession(tmp_path)
    try:
        session.start_display()
        monkeypatch.setenv("DISPLAY", session.environment["DISPLAY"])
        monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
        yield session
    finally:
        session.close()


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("screen", None),
        ("screen:", None),
        ("Screen:10,20,300,200", ScreenRegion(10, 20, 300, 200)),
        ("screen: -5, 0, 64, 48", ScreenRegion(-5, 0, 64, 48)),
    ],
)
def test_regions_are_read(text: str, region: ScreenRegion | None) -> None:
    assert parse_region(text) == region


@pytest.mark.parametrize("text", ["screen:1,2,3", "screen:a,b,c,d", "screen:0,0,0,10"])
def test_other_words_are_refused(text: str) -> None:
    with pytest.raises(CameraError, match="Write screen or screen:x,y,width,height"):
        parse_region(text)


def paint_square(display: str) -> "subprocess.Popen[str]":
    """Show a window of 200x100 pixels at (300, 400), blue (20, 60, 220), until its input ends."""
    code = """
import sys, tkinter
root = tkinter.Tk()
root.overrideredirect(True)
root.geometry("200x100+300+400")
root.configure(bg="#143cdc")
root.update()
print("shown", flush=True)
sys.stdin.read()
"""
    return subprocess.Popen(
        [sys.executable, "-c", code],
        env={"DISPLAY": display},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_a_region_shows_what_is_on_the_screen(desktop: LinuxSession) -> None:
    pytest.importorskip("tkinter")
    window = paint_square(desktop.environment["DISPLAY"])
    try:
        assert window.stdout is not None
        assert window.stdout.readline() == "shown\n"
        with ScreenSource(ScreenRegion(290, 390, 101, 51), fps=60) as source:
            frame = source.read()
    finally:
        window.communicate()
    assert source.name == "screen 101x51 at 290,390"
    assert frame is not None
    assert frame.image.shape == (51, 101, 3)
    assert frame.image[5, 5].tolist() == [0, 0, 0]
    assert frame.image[20, 50].tolist() == [0x14, 0x3C, 0xDC]


def test_the_whole_screen_is_taken_without_a_region(desktop: LinuxSession) -> None:
    with ScreenSource(fps=60) as source:
        frame = source.read()
    assert frame is not None
    assert frame.image.shape == (800, 1280, 3)


def test_a_region_outside_is_refused(desktop: LinuxSession) -> None:
    with pytest.raises(CameraError, match="outside the desktop of 1280x800"):
        ScreenSource(ScreenRegion(1200, 0, 640, 480))


def test_after_closing_the_screen_is_not_read(desktop: LinuxSession) -> None:
    source = ScreenSource()
    source.close()
    source.close()
    with pytest.raises(CameraError, match="no longer"):
        source.read()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a screen")
def test_without_a_desktop_the_message_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    with pytest.raises(CameraError, match="no screen to look at"):
        ScreenSource()


@pytest.mark.skipif(sys.platform != "linux", reason="Wayland is a Linux desktop")
def test_wayland_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    monkeypatch.setenv("XDG_SESSION_TYPE", "wayland")
    with pytest.raises(CameraError, match="X11"):
        ScreenSource()

"""Webcams of a test's own making, read by OpenCV's real V4L2 code.

A preloaded library (`v4l2_cameras.c`) answers for /dev/video0 to /dev/video3 in programs that are
started with the environment of `MadeCameras`; nothing of the machine is changed.
"""

import os
import shutil
import struct
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import cv2
import pytest

from avatarify.frames import Image

_SOURCE = Path(__file__).with_name("v4l2_cameras.c")
_TREE = Path(__file__).resolve().parents[2]


def jpeg(image: Image) -> bytes:
    """Return a picture as a webcam sends it: RGB in, JPEG out."""
    return cv2.imencode(".jpg", image[..., ::-1])[1].tobytes()


class MadeCameras:
    """Cameras that can be plugged in and out."""

    def __init__(self, folder: Path) -> None:
        compiler = shutil.which("cc") or shutil.which("gcc")
        if compiler is None or not sys.platform.startswith("linux"):
            pytest.skip("needs Linux and a C compiler")
        self._folder = folder / "cameras"
        self._folder.mkdir()
        self._library = folder / "v4l2_cameras.so"
        command = [compiler, "-shared", "-fPIC", "-O1", "-o", str(self._library), str(_SOURCE)]
        subprocess.run([*command, "-ldl"], check=True, timeout=60)

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "LD_PRELOAD": str(self._library),
            "V4L2_CAMERAS": str(self._folder),
            "PYTHONPATH": str(_TREE),
        }

    def plug_in(
        self,
        number: int,
        name: str,
        frames: Sequence[bytes] = (),
        *,
        size: tuple[int, int] = (240, 320),
        fps: int = 30,
        pixels: str = "MJPG",
        driver: str = "uvcvideo",
        bus: str = "",
        is_silent: bool = False,
    ) -> None:
        """Make /dev/videoN a camera that delivers these frames over and over."""
        folder = self._folder / f"video{number}"
        folder.mkdir()
        content = b"".join(struct.pack("=I", len(frame)) + frame for frame in frames)
        (folder / "frames").write_bytes(content)
        height, width = size
        about = [driver, name, bus or f"usb-0000:00:14.0-{number + 1}", pixels, width, height, fps]
        about.append("silent" if is_silent else "")
        (folder / "about").write_text("\n".join(map(str, about)) + "\n")

    def break_pictures(self, number: int) -> None:
        """Let a camera send rubbish of the same length from now on."""
        path = self._folder / f"video{number}" / "frames"
        content = path.read_bytes()
        with path.open("r+b") as file:  # in place: it is being read
            file.write(content[:4] + bytes(len(content) - 4))

    def unplug(self, number: int) -> None:
        """Take a camera away; whoever reads it notices."""
        folder = self._folder / f"video{number}"
        folder.rename(self._folder / f"gone{number}")
        shutil.rmtree(self._folder / f"gone{number}")

    def start(self, code: str) -> "subprocess.Popen[str]":
        """Run Python that sees these cameras; it says what it does line by line."""
        return subprocess.Popen(
            [sys.executable, "-u", "-c", code],
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def printed(self, code: str) -> list[str]:
        """Run Python that sees these cameras and return the lines that it prints."""
        process = self.start(code)
        try:
            return process.communicate(timeout=60)[0].splitlines()
        finally:
            process.kill()


@pytest.fixture
def made_cameras(tmp_path: Path) -> MadeCameras:
    """No camera yet."""
    return MadeCameras(tmp_path)

"""A part of the screen as a camera, such as a video call or a player in a window."""

import os
import re
import sys
import time
from dataclasses import dataclass

import cv2
import numpy as np
from mss import MSS, ScreenShotError

from avatarify.errors import CameraError
from avatarify.frames import ClosedAfterUse, Frame
from avatarify.media.source_kind import SCREEN

_WHOLE_SCREEN = re.compile(rf"{SCREEN}:?", re.IGNORECASE)
_PART = re.compile(rf"{SCREEN}:(-?\d+),(-?\d+),(\d+),(\d+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ScreenRegion:
    """A rectangle of the desktop, in pixels."""

    left: int
    top: int
    width: int
    height: int

    def __post_init__(self) -> None:
        if self.width <= 0 or self.height <= 0:
            raise ValueError(f"a screen region needs a width and a height, not {self}")


def parse_region(text: str) -> ScreenRegion | None:
    """Read `screen` or `screen:x,y,width,height`.

    Returns:
        The region, or None for the whole first screen.

    Raises:
        CameraError: It is written in another way.
    """
    text = text.replace(" ", "")
    if _WHOLE_SCREEN.fullmatch(text):
        return None
    if numbers := _PART.fullmatch(text):
        left, top, width, height = (int(number) for number in numbers.groups())
        if width and height:
            return ScreenRegion(left, top, width, height)
    raise CameraError(f"'{text}' is no screen region. Write screen or screen:x,y,width,height.")


class ScreenSource(ClosedAfterUse):
    """Takes pictures of the screen at a steady rate. Used from the thread that opened it."""

    def __init__(self, region: ScreenRegion | None = None, fps: float = 30.0) -> None:
        """Begin to look at the screen.

        Args:
            region: Which part; None takes the whole first screen.
            fps: Pictures per second, above 0.

        Raises:
            CameraError: There is no screen, it may not be seen, or the region lies outside.
        """
        if fps <= 0:
            raise ValueError(f"fps must be above 0, not {fps}")
        _require_readable_screen()
        self._fps = fps
        self._count = 0
        self._due_s = time.monotonic()
        try:
            self._screen: MSS | None = MSS()
        except ScreenShotError as error:
            raise CameraError(f"There is no screen to look at: {error}") from error
        try:
            self._area = _area(self._screen, region)
            self._screen.grab(self._area)
        except (ScreenShotError, CameraError) as error:
            self.close()
            raise CameraError(f"The screen cannot be seen: {error}") from error

    @property
    def name(self) -> str:
        """The region in words."""
        area = self._area
        return f"screen {area['width']}x{area['height']} at {area['left']},{area['top']}"

    @property
    def fps(self) -> float:
        """Pictures per second."""
        return self._fps

    def read(self) -> Frame | None:
        """Wait until the next picture is due and take it.

        Raises:
            CameraError: The screen is gone or locked, or the source is closed.
        """
        screen = self._wait()
        try:
            shot = screen.grab(self._area)
        except ScreenShotError as error:
            raise CameraError(f"The screen cannot be seen any more: {error}") from error
        bgra = np.frombuffer(shot.bgra, np.uint8).reshape(shot.height, shot.width, 4)
        image = np.asarray(cv2.cvtColor(bgra, cv2.COLOR_BGRA2RGB), np.uint8)
        frame = Frame(image, time.monotonic(), self._count)
        self._count += 1
        return frame

    def skip(self) -> None:
        """Wait until the next picture is due, and do not take it.

        Raises:
            CameraError: The source is closed.
        """
        self._wait()
        self._count += 1

    def _wait(self) -> MSS:
        if self._screen is None:
            raise CameraError("The screen is no longer looked at. Open it again.")
        time.sleep(max(0.0, self._due_s - time.monotonic()))
        self._due_s = max(self._due_s + 1 / self._fps, time.monotonic())
        return self._screen

    def close(self) -> None:
        """Stop looking; a second call does nothing."""
        if self._screen is not None:
            self._screen.close()
            self._screen = None


def _require_readable_screen() -> None:
    if sys.platform != "linux":
        return
    if os.environ.get("WAYLAND_DISPLAY") and os.environ.get("XDG_SESSION_TYPE") == "wayland":
        raise CameraError(
            "A Wayland desktop lets no program read the screen this way. Choose an X11 (Xorg) "
            "session at login, or use a video file or a webcam."
        )


def _area(screen: MSS, region: ScreenRegion | None) -> dict[str, int]:
    everything, first = screen.monitors[0], screen.monitors[1]
    if region is None:
        return {side: int(first[side]) for side in ("left", "top", "width", "height")}
    fits = (
        region.left >= everything["left"]
        and region.top >= everything["top"]
        and region.left + region.width <= everything["left"] + everything["width"]
        and region.top + region.height <= everything["top"] + everything["height"]
    )
    if not fits:
        raise CameraError(
            f"the region lies outside the desktop of {everything['width']}x{everything['height']} "
            "pixels. Choose a smaller one."
        )
    return {
        "left": region.left,
        "top": region.top,
        "width": region.width,
        "height": region.height,
    }

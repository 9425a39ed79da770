"""A camera that is never late: what a loop manages must not be what its camera gives."""

import time
from pathlib import Path

from avatarify.frames import Frame, Image
from avatarify.media.video_file import VideoFile

CAMERA_FPS = 240.0
"""Of the camera, and so the most that a measured loop can show."""


class TirelessCamera:
    """Plays a clip from memory, round and round.

    The clip keeps its own pace, so that a head turns no faster than it did; its pictures are given
    several times each. Nothing is decoded meanwhile, which would be the measured loop's loss.
    """

    name = "tireless camera"
    fps = CAMERA_FPS

    def __init__(self, clip: Path) -> None:
        """Decode the clip.

        Raises:
            VideoError: It cannot be read.
        """
        with VideoFile(clip) as video:
            self._clip_fps = video.fps
            self._images: list[Image] = [frame.image for frame in iter(video.read, None)]
        self._start_s: float | None = None
        self._tick = 0

    def read(self) -> Frame | None:
        """Wait for the next tick of the camera's rate; a reader who is late waits for none.

        Returns:
            A frame whose picture others get too: not to be written to.
        """
        now_s = time.monotonic()
        if self._start_s is None:
            self._start_s = now_s
        tick = max(self._tick, int((now_s - self._start_s) * CAMERA_FPS))
        self._tick = tick + 1
        time.sleep(max(0.0, self._start_s + tick / CAMERA_FPS - now_s))
        shown = int(tick * self._clip_fps / CAMERA_FPS) % len(self._images)
        return Frame(self._images[shown], time.monotonic(), tick)

    def close(self) -> None:
        """Do nothing: there is no device."""

"""The frame and the two roles around it: what every layer above agrees on."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
"""RGB, uint8, (H, W, 3), contiguous."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture and when it was taken."""

    image: Image
    """RGB, uint8, (H, W, 3), contiguous. BGR exists only inside `media/`."""

    time_s: float
    """Live sources: `time.monotonic()` at capture. Files: presentation time from the start."""

    index: int
    """Position in the stream, counted by the source from 0; gaps are dropped frames."""


class FrameSource(Protocol):
    """Something that delivers frames: a webcam, a video file, an image folder."""

    @property
    def name(self) -> str:
        """What the user calls this source: a device name or a file name."""

    @property
    def fps(self) -> float:
        """Nominal frames per second, above 0."""

    def read(self) -> Frame | None:
        """Wait for the next frame.

        Returns:
            The frame, or None when the stream has ended (a webcam never ends).

        Raises:
            CameraError: A device is lost.
            VideoError: A file is broken.
        """

    def close(self) -> None:
        """Release the device or file; a second call does nothing."""


@runtime_checkable
class SparingSource(FrameSource, Protocol):
    """A source that can let frames go by without making pictures of them."""

    def skip(self) -> None:
        """Wait for the next frame and let it go by.

        Raises:
            CameraError: The device is lost.
        """


class FrameSink(Protocol):
    """Something that accepts frames: a virtual camera, a video file, an image folder."""

    def write(self, frame: Frame) -> None:
        """Deliver one frame.

        Raises:
            OutputError: A file could not be written.
            VirtualCameraError: The device is lost.
        """

    def close(self) -> None:
        """Finish the file or release the device; a second call does nothing."""


@runtime_checkable
class TimedSink(FrameSink, Protocol):
    """A sink in which each frame is seen until the time of the next one, however long that is."""

    keeps_times: bool
    """Always true."""


@runtime_checkable
class WatchedSink(FrameSink, Protocol):
    """A sink that other programs read, and that may know whether one does."""

    @property
    def is_watched(self) -> bool | None:
        """Whether a program reads it at this moment; None where that cannot be known."""


class ClosedAfterUse(ABC):
    """What holds a device, a file or threads, and is closed at the end of a `with` block."""

    @abstractmethod
    def close(self) -> None:
        """Let go of it; a second call does nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def frames_of(count: int) -> str:
    """Return how many frames there are, in words: `1 frame`, `5 frames`."""
    return "1 frame" if count == 1 else f"{count} frames"

"""Clips and pictures that lie on their side, turned as the user says."""

from dataclasses import replace
from typing import Protocol

from avatarify.frames import ClosedAfterUse, Frame, FrameSource
from avatarify.media.composition import rotate


class ClosingSource(FrameSource, Protocol):
    """A file as a source: it knows its length, and is closed by `with`."""

    @property
    def frame_count(self) -> int | None:
        """How many frames there are; None where that is not known."""

    @property
    def has_sound(self) -> bool:
        """Whether it holds sound."""


class TurnedSource(ClosedAfterUse):
    """A file's frames, all turned by the same angle."""

    def __init__(self, source: ClosingSource, degrees: int) -> None:
        """Take over an open source.

        Args:
            source: Its frames are turned; it is closed with this one.
            degrees: Clockwise: 90, 180 or 270.
        """
        self._source = source
        self._degrees = degrees

    @property
    def name(self) -> str:
        """The file's name without its folder."""
        return self._source.name

    @property
    def fps(self) -> float:
        """Frames per second."""
        return self._source.fps

    @property
    def frame_count(self) -> int | None:
        """How many frames there are; None where that is not known."""
        return self._source.frame_count

    @property
    def has_sound(self) -> bool:
        """Whether the file holds sound."""
        return self._source.has_sound

    def read(self) -> Frame | None:
        """Return the next frame, turned; errors are the file's own."""
        frame = self._source.read()
        return None if frame is None else replace(frame, image=rotate(frame.image, self._degrees))

    def close(self) -> None:
        """Release the file; a second call does nothing."""
        self._source.close()

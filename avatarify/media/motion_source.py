"""Saved motion as a frame source: frames whose face is known and whose picture is grey.

They go wherever frames go, by the clock and in loops like a video's; whoever tracks faces takes
the landmarks that they carry instead of searching.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avatarify.frames import ClosedAfterUse, Frame
from avatarify.media.motion_file import Motion

_GREY = 127


@dataclass(frozen=True, slots=True, eq=False)
class MotionFrame(Frame):
    """A frame that carries what a tracker found earlier; its picture is grey all over."""

    landmarks: NDArray[np.float32] | None
    """(478, 3) x, y, depth in pixels of the picture, (0, 0) being its upper left corner; None where
    no face was seen."""

    blendshapes: NDArray[np.float32] | None
    """(52,) strength of each expression, 0 to 1; None where no face was seen."""


class MotionSource(ClosedAfterUse):
    """A motion, frame by frame, as fast as it is read."""

    def __init__(self, name: str, motion: Motion) -> None:
        """Start before the first frame.

        Args:
            name: What the user calls it, such as a file's name.
            motion: What the face does.
        """
        self._name = name
        self._motion = motion
        self._next = 0

    @property
    def name(self) -> str:
        """What the user calls this motion."""
        return self._name

    @property
    def fps(self) -> float:
        """Frames per second, averaged."""
        return self._motion.fps

    @property
    def frame_count(self) -> int:
        """How many frames there are."""
        return self._motion.frame_count

    @property
    def has_sound(self) -> bool:
        """Always false."""
        return False

    def read(self) -> MotionFrame | None:
        """Return the next frame, its time counted from the first one; None at the end."""
        index, motion = self._next, self._motion
        if index >= motion.frame_count:
            return None
        self._next = index + 1
        is_seen = bool(motion.has_face[index])
        return MotionFrame(
            image=np.full((*motion.size, 3), _GREY, np.uint8),
            time_s=float(motion.times_s[index] - motion.times_s[0]),
            index=index,
            landmarks=motion.landmarks[index].copy() if is_seen else None,
            blendshapes=motion.blendshapes[index].copy() if is_seen else None,
        )

    def close(self) -> None:
        """End the motion; a second call does nothing."""
        self._next = self._motion.frame_count

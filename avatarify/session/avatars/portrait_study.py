"""Finds the face of a newly chosen avatar, beside the stream: loading a tracker takes a moment."""

from collections.abc import Callable

from avatarify.frames import Image
from avatarify.streaming.hand_over import LatestFrame
from avatarify.streaming.stage import Stage
from avatarify.streaming.worker import Worker
from avatarify.tracking.face import Face


class PortraitStudy:
    """A thread that studies the newest portrait; those replaced meanwhile are skipped."""

    def __init__(
        self, find_face: Callable[[Image], Face | None], found: Callable[[Face | None], None]
    ) -> None:
        """Prepare; nothing runs before `start`.

        Args:
            find_face: Finds the face of a portrait.
            found: Called in this thread with what was found.
        """
        self._portraits: LatestFrame[Image] = LatestFrame()
        nothing: LatestFrame[None] = LatestFrame()
        work = Stage(self._portraits, lambda portrait: found(find_face(portrait)), nothing)
        self._worker = Worker("avatarify-portrait", work)

    @property
    def error(self) -> BaseException | None:
        """A defect that ended the thread, or None."""
        return self._worker.error

    def start(self) -> None:
        """Start the thread."""
        self._worker.start()

    def study(self, portrait: Image) -> None:
        """Find the face of this portrait, RGB (H, W, 3)."""
        self._portraits.put(portrait)

    def stop(self, timeout_s: float) -> None:
        """End the thread."""
        self._portraits.close()
        self._worker.stop()
        self._worker.join(timeout_s)

"""The seam behind which a face tracker works: mediapipe's, or our own."""

import threading
from abc import abstractmethod

from avatarify.frames import ClosedAfterUse, Image
from avatarify.tracking.face import Face


class FaceFinder(ClosedAfterUse):
    """Finds faces. Use it as a context manager, and from one thread.

    The first thread that asks for faces owns it; making and closing it may be left to another one.
    """

    def find(self, image: Image, time_s: float = 0.0) -> Face | None:
        """Find the face to follow: the one followed so far, else the largest and most central.

        Args:
            image: (H, W, 3) RGB uint8.
            time_s: When the frame was taken; need not rise, and is not used for single images.

        Returns:
            The face, or None when there is none.
        """
        faces = self.find_all(image, time_s)
        return faces[0] if faces else None

    def prefer(self, face: Face) -> None:
        """Follow this face from now on: one of those that `find_all` returned last.

        A finder that looks at each picture anew follows none, and has nothing to do.
        """
        del face

    @abstractmethod
    def find_all(self, image: Image, time_s: float = 0.0) -> tuple[Face, ...]:
        """Find all faces, the one to follow first; arguments as for `find`.

        In single pictures at most eight are found, in streams three, of which the others than the
        first are where they were up to a second ago.

        Raises:
            ValueError: The finder is closed, or belongs to another thread.
        """

    @property
    @abstractmethod
    def name(self) -> str:
        """What users call it."""

    @abstractmethod
    def close(self) -> None:
        """Release the model; a second call does nothing. Not while another thread finds faces."""


class OneThread:
    """Refuses all threads but the first one that asks."""

    def __init__(self) -> None:
        self._owner: int | None = None

    def check(self) -> None:
        """Raise ValueError when called from a second thread."""
        caller = threading.get_ident()
        if self._owner is None:
            self._owner = caller
        if caller != self._owner:
            raise ValueError("A face finder belongs to one thread; make one per thread.")


def closed_finder() -> ValueError:
    """Return what to raise when a closed finder is asked for faces."""
    return ValueError("The face finder is closed; make a new one.")

"""The seam behind which a face tracker works: mediapipe's, or our own."""

from pathlib import Path
from types import TracebackType
from typing import Literal, Protocol, Self

from avatarify.frames import Image
from avatarify.tracking.face import Face
from avatarify.tracking.landmarker import FaceLandmarker, LandmarkerMode
from avatarify.tracking.own_finder import OwnFinder

FinderName = Literal["own", "mediapipe"]


class FaceFinder(Protocol):
    """Finds faces. A context manager, to be used from one thread."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...

    def find(self, image: Image, time_s: float = 0.0) -> Face | None:
        """Find the face to follow: the one followed so far, else the largest and most central.

        Args:
            image: (H, W, 3) RGB uint8.
            time_s: When the frame was taken; need not rise, and is not used for single images.
        """

    def find_all(self, image: Image, time_s: float = 0.0) -> tuple[Face, ...]:
        """Find up to three faces, the one to follow first; arguments as for `find`."""

    @property
    def name(self) -> str:
        """What users call it."""

    def close(self) -> None:
        """Release the model; a second call does nothing."""


def make_finder(
    name: FinderName, model_path: Path, mode: LandmarkerMode = LandmarkerMode.VIDEO
) -> FaceFinder:
    """Make a finder.

    Args:
        name: Whose networks run.
        model_path: Our `landmarks.safetensors`, or mediapipe's `face_landmarker.task`.
        mode: What the pictures have to do with one another.

    Raises:
        TrackerError: The file is missing or broken, or what runs it cannot be loaded.
    """
    if name == "own":
        return OwnFinder(model_path, mode)
    return FaceLandmarker(model_path, mode)

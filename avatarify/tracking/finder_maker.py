"""Makes a face finder of the kind that was chosen."""

from pathlib import Path
from typing import Literal

from avatarify.tracking.face_finder import FaceFinder
from avatarify.tracking.landmarker import FaceLandmarker, LandmarkerMode
from avatarify.tracking.own_finder import OwnFinder

FinderName = Literal["own", "mediapipe"]


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

"""A driver's video in, saved motion out: what the face did, and nothing of how it looks."""

from collections.abc import Callable
from threading import Event

import numpy as np

from avatarify.errors import FaceNotFoundError, VideoError
from avatarify.frames import Frame
from avatarify.media import motion_file
from avatarify.media.file_choice import FileSource
from avatarify.media.motion_file import BLENDSHAPE_COUNT, LANDMARK_COUNT, Motion
from avatarify.session.offline.driving_survey import FaceFinder
from avatarify.session.offline.overlap import reading_ahead
from avatarify.tracking.face import Face


def track_motion(
    source: FileSource, find_face: FaceFinder, advance: Callable[[], None], stop: Event
) -> Motion | None:
    """Find the face in every frame.

    Args:
        source: A video or pictures, before its first frame; not closed here.
        find_face: A tracker that looks at each frame for itself (`LandmarkerMode.VIDEO`).
        advance: Called for each frame.
        stop: Set by another thread or a signal to end with the frame in work.

    Returns:
        One row for each frame that was looked at; None if it was stopped before any face.

    Raises:
        VideoError: The source is broken, too long, or changes its size.
        FaceNotFoundError: No frame shows a face.
    """
    times_s: list[float] = []
    faces: list[Face | None] = []
    size: tuple[int, int] | None = None
    with reading_ahead(source.read) as frames:
        for frame in frames:
            size = _checked_size(frame, size, source.name)
            faces.append(find_face(frame.image, frame.time_s))
            times_s.append(frame.time_s)
            advance()
            if stop.is_set():
                break
    if size is None or all(face is None for face in faces):
        if stop.is_set():
            return None
        raise FaceNotFoundError(
            f"No face was found in any of the {len(faces)} frames of {source.name}. Use a clip "
            "that shows a face from the front."
        )
    return _motion(faces, times_s, size)


def _checked_size(frame: Frame, size: tuple[int, int] | None, name: str) -> tuple[int, int]:
    """Return the frame's size, which must be that of the frames before."""
    if frame.index >= motion_file.MOST_FRAMES:
        raise VideoError(
            f"{name} has more than {motion_file.MOST_FRAMES} frames, an hour at 30 a second. Cut "
            "it into parts."
        )
    found = frame.image.shape[0], frame.image.shape[1]
    if size not in (None, found):
        raise VideoError(
            f"Frame {frame.index} of {name} is {found[1]}x{found[0]} pixels large, those before "
            f"are {size[1]}x{size[0]}. Scale them alike."
        )
    return found


def _motion(faces: list[Face | None], times_s: list[float], size: tuple[int, int]) -> Motion:
    landmarks = np.full((len(faces), LANDMARK_COUNT, 3), np.nan, np.float32)
    blendshapes = np.full((len(faces), BLENDSHAPE_COUNT), np.nan, np.float32)
    for index, face in enumerate(faces):
        if face is not None:
            landmarks[index], blendshapes[index] = face.landmarks, face.blendshapes
    return Motion(landmarks, blendshapes, np.array(times_s, np.float64), size)

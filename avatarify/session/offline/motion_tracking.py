"""A driver's video in, saved motion out: what the face did, and nothing of how it looks."""

from collections.abc import Callable
from threading import Event

import numpy as np
from numpy.typing import NDArray

from avatarify.errors import FaceNotFoundError, VideoError
from avatarify.frames import Frame, Image, frames_of
from avatarify.media import motion_file
from avatarify.media.composition import rotate
from avatarify.media.file_choice import FileSource
from avatarify.media.motion_file import BLENDSHAPE_COUNT, LANDMARK_COUNT, Motion
from avatarify.session.keeping.absent_face import explain_absence
from avatarify.session.offline.driving_survey import FaceFinder
from avatarify.session.offline.overlap import reading_ahead
from avatarify.tracking.face import Face
from avatarify.tracking.missing_face import Missing
from avatarify.tracking.mouth_watch import opens
from avatarify.tracking.placed_face import PlacedFace
from avatarify.tracking.upright import UprightTurn

_SHORTEST_TALK_S = 3.0
"""A shorter clip may well show a shut mouth."""


def track_motion(
    source: FileSource, find_face: FaceFinder, advance: Callable[[], None], stop: Event
) -> Motion | None:
    """Find the face in every frame; a head that lies on its side is turned upright first.

    Args:
        source: A video or pictures, before its first frame; not closed here.
        find_face: A tracker that looks at each frame for itself (`LandmarkerMode.VIDEO`).
        advance: Called for each frame.
        stop: Set by another thread or a signal to end with the frame in work.

    Returns:
        One row for each frame that was looked at; None if it was stopped before any face.

    Raises:
        VideoError: The source is broken or too long.
        FaceNotFoundError: No frame shows a face.
    """
    first: Image | None = None
    times_s: list[float] = []
    faces: list[Face | None] = []
    points: list[NDArray[np.float32] | None] = []
    placed, upright = PlacedFace(), UprightTurn()
    with reading_ahead(source.read) as frames:
        for frame in frames:
            _check_length(frame, source.name)
            first = frame.image if first is None else first
            turn = upright.turn
            image = rotate(frame.image, turn)
            face = find_face(image, frame.time_s)
            upright.look(image, [] if face is None else [face], frame.time_s)
            faces.append(face)
            seen = None if face is None else face.landmarks
            points.append(placed.place(seen, (image.shape[0], image.shape[1]), turn))
            times_s.append(frame.time_s)
            advance()
            if stop.is_set():
                break
    if placed.size is None or all(face is None for face in faces):
        if stop.is_set():
            return None
        raise FaceNotFoundError(
            f"No face was found in {source.name} ({frames_of(len(faces))}). Use a clip "
            f"that shows a face from the front.{reason_of_absence(first)}"
        )
    return _motion(faces, points, times_s, placed.size)


def reason_of_absence(first: Image | None) -> str:
    """Say what is wrong with a clip's first frame, if that is known, as a further sentence."""
    reason = None if first is None else explain_absence(first)
    return "" if reason in (None, Missing.NOTHING) else f" Of its first frame: {reason.value}"


def remark_on_mouth(motion: Motion, name: str) -> str:
    """Say that the driver's mouth never opens, which a clip seldom means; else nothing."""
    seen = motion.landmarks[motion.has_face]
    lasts_s = float(motion.times_s[-1] - motion.times_s[0]) if len(seen) else 0.0
    if lasts_s < _SHORTEST_TALK_S or opens(seen):
        return ""
    return (
        f"The mouth never opens in {name}, so the avatar's stays shut. Is it covered (a mask, a "
        "hand, a microphone) or too small to be seen?"
    )


def _check_length(frame: Frame, name: str) -> None:
    if frame.index >= motion_file.MOST_FRAMES:
        raise VideoError(
            f"{name} has more than {motion_file.MOST_FRAMES} frames, an hour at 30 a second. Cut "
            "it into parts."
        )


def _motion(
    faces: list[Face | None],
    points: list[NDArray[np.float32] | None],
    times_s: list[float],
    size: tuple[int, int],
) -> Motion:
    landmarks = np.full((len(faces), LANDMARK_COUNT, 3), np.nan, np.float32)
    blendshapes = np.full((len(faces), BLENDSHAPE_COUNT), np.nan, np.float32)
    for index, (face, place) in enumerate(zip(faces, points, strict=True)):
        if face is not None and place is not None:
            landmarks[index], blendshapes[index] = place, face.blendshapes
    return Motion(landmarks, blendshapes, np.array(times_s, np.float64), size)

"""Takes one frame of the face engine apart: which frame, explained by which figure."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avatarify.animation.face.animator import FaceAnimator
from avatarify.animation.face.figure import draw_face_explanation
from avatarify.errors import FaceNotFoundError, TrackerError
from avatarify.frames import Frame
from avatarify.geometry.likeness import most_alike, unlikeness
from avatarify.media.file_choice import open_source
from avatarify.media.image_file import write_image
from avatarify.media.motion_source import MotionFrame
from avatarify.session.avatars.avatar import Avatar
from avatarify.session.keeping.tracker_choice import open_tracker
from avatarify.session.offline.chosen_face import following
from avatarify.session.offline.explain import MOST_FRAMES, ExplainSettings
from avatarify.session.offline.motion_tracking import reason_of_absence
from avatarify.tracking.landmarker import LandmarkerMode

Seen = tuple[Frame, NDArray[np.float32]]


def explain_face(
    settings: ExplainSettings,
    avatar: Avatar,
    tracker_file: Path | None,
    tell: Callable[[str], None] = lambda words: None,
) -> int:
    """Draw how the portrait follows one driving frame.

    In a clip the frame most like the portrait is the reference, and the frame least like that one
    is shown; a single picture is shown against the portrait's own pose.

    Args:
        settings: What to explain, and where to.
        avatar: The portrait, with landmarks and matte.
        tracker_file: A face tracker's file; saved motion needs none.
        tell: Hears which of several faces is taken.

    Returns:
        The index of the driving frame that is shown; 0 for a picture.

    Raises:
        AvatarifyError: What the user can fix.
    """
    assert avatar.landmarks is not None
    seen = _seen(settings, tracker_file, tell)
    faces = np.stack([landmarks for _, landmarks in seen])
    animator = FaceAnimator()
    animator.set_source(avatar.portrait())
    reference = avatar.landmarks if len(seen) == 1 else faces[most_alike(faces, avatar.landmarks)]
    animator.calibrate(reference)
    shown = int(np.argmax([unlikeness(face, reference) for face in faces]))
    frame, landmarks = seen[shown]
    figure = draw_face_explanation(
        animator.decompose(landmarks), avatar.image, avatar.landmarks, frame.image, landmarks
    )
    write_image(settings.output, figure)
    return frame.index


def _seen(
    settings: ExplainSettings, tracker_file: Path | None, tell: Callable[[str], None]
) -> list[Seen]:
    """Return the frames that are looked at, with the landmarks of the face in each."""
    path = settings.driving
    with open_source(path, rotation=settings.rotation) as source:
        step = max(1, -(-(source.frame_count or 1) // MOST_FRAMES))
        frames = [frame for frame in iter(source.read, None) if frame.index % step == 0]
    known: list[Seen] = [
        (frame, frame.landmarks)
        for frame in frames
        if isinstance(frame, MotionFrame) and frame.landmarks is not None
    ]
    seen = known or _tracked(frames, tracker_file, settings, tell)
    if not seen:
        raise FaceNotFoundError(
            f"No face was found in {path}. Use a picture or clip that shows a whole face from the "
            f"front.{reason_of_absence(frames[0].image if frames else None)}"
        )
    return seen


def _tracked(
    frames: list[Frame],
    tracker_file: Path | None,
    settings: ExplainSettings,
    tell: Callable[[str], None],
) -> list[Seen]:
    if tracker_file is None:
        raise TrackerError(
            "The face tracker is missing. Run `avatarify models pull face-landmarker`, explain "
            "saved motion (.npz), or take --model compact."
        )
    with (
        open_tracker(tracker_file, LandmarkerMode.IMAGE) as landmarker,
        following(landmarker, settings.face, settings.driving.name, tell) as chosen,
    ):
        found = [(frame, chosen.find(frame.image, frame.time_s)) for frame in frames]
    return [(frame, face.landmarks) for frame, face in found if face is not None]

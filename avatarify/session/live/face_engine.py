"""The face engine behind a live session: the avatar moves by every landmark of the driver.

A picture in which no human face is known is moved by the compact model instead, which is loaded
when it is needed and says so.
"""

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np

from avatarify.animation.face.animator import FaceAnimator, FaceSettings
from avatarify.animation.face.panels import face_panels, landmark_picture
from avatarify.animation.face.person_painter import PersonPainters
from avatarify.frames import Image
from avatarify.geometry.average_face import average_face
from avatarify.session.avatars.avatar import Avatar
from avatarify.session.avatars.profiles import DrivingReference
from avatarify.session.keeping.settings import FACE_MODEL, MotionControls
from avatarify.session.live.avatar_engine import AvatarEngine
from avatarify.session.live.listener import EngineReport, MotionView
from avatarify.session.live.sighting import Driving
from avatarify.tracking.crop import cut

PANEL_SIDE = 256
"""Side of the X-ray's panels, in pixels; they show what is around the face."""

_LANDMARKS = "landmarks"
_SQUARE = 256
"""Side of driving squares, in pixels: only shown, never animated with."""

NO_FACE = (
    "No human face is known in this picture, so the compact model moves it: less like you. "
    "Set the face's points by hand to do better."
)
NO_TRACKER = "Without the face tracker the compact model moves the avatar: less like you."


class FaceEngine:
    """Adapts a `FaceAnimator` to what the live session needs; see `AvatarEngine`."""

    def __init__(
        self,
        load_substitute: Callable[[], AvatarEngine],
        has_tracker: Callable[[], bool] = lambda: True,
        warning: str = "",
        painters: PersonPainters | None = None,
    ) -> None:
        """Begin without an avatar.

        Args:
            load_substitute: Loads what moves pictures without a known face.
            has_tracker: Whether faces can be found at all.
            warning: Said in `report`.
            painters: Make what paints the person; the processor by default.
        """
        cv2.setNumThreads(1)  # its workers wait by spinning, and a call needs the processor too
        self._painters = painters or PersonPainters()
        self._animator = FaceAnimator(painters=self._painters)
        self._load_substitute = load_substitute
        self._has_tracker = has_tracker
        self._substitute: AvatarEngine | None = None
        self._warning = warning
        self._avatar: Avatar | None = None
        self._motion = MotionControls()
        self.set_motion(self._motion)

    @property
    def report(self) -> EngineReport:
        """What runs, for the status bar."""
        if self._substitute is not None:
            lacks_face = self._has_tracker()
            note = NO_FACE if lacks_face else NO_TRACKER
            return replace(self._substitute.report, note=note, lacks_face=lacks_face)
        painters = self._painters
        return EngineReport(FACE_MODEL, painters.name, "fp32", painters.note, self._warning)

    @property
    def input_size(self) -> int:
        """Side of the driving squares, in pixels."""
        return _SQUARE if self._substitute is None else self._substitute.input_size

    @property
    def wants_landmarks(self) -> bool:
        """Whether every frame must be tracked."""
        return self._substitute is None

    def set_avatar(self, avatar: Avatar) -> None:
        """Take a portrait apart into layers, or load what moves it without."""
        self._avatar = avatar
        if not avatar.has_face:
            substitute = self._substitute or self._load_substitute()
            substitute.set_motion(self._motion)
            substitute.set_avatar(avatar.as_square())
            self._substitute = substitute
            return
        self.close()
        self._animator.set_source(avatar.portrait(), avatar.backdrop)

    def set_motion(self, motion: MotionControls) -> None:
        """Change how motion is transferred.

        Absolute motion is relative to the average face: the avatar takes the driver's pose.
        """
        if motion.is_relative is not self._motion.is_relative:
            self._animator.reference = None
        self._motion = motion
        self._animator.settings = FaceSettings(
            motion.gains.scaled(motion.gain), motion.smoothing, first_frame_is_reference=False
        )
        if self._substitute is not None:
            self._substitute.set_motion(motion)

    def calibrate(self, driving: Driving) -> None:
        """Take the driver's landmarks as driving reference.

        Raises:
            ValueError: No face is seen in it.
        """
        if self._substitute is not None:
            self._substitute.calibrate(driving)
            return
        if driving.landmarks is None:
            raise ValueError("there is no face to calibrate with")
        if self._motion.is_relative:
            self._animator.calibrate(driving.landmarks)

    @property
    def reference(self) -> DrivingReference | None:
        """The driving reference as numbers, or None while there is none."""
        if self._substitute is not None:
            return self._substitute.reference
        landmarks = self._animator.reference
        if landmarks is None:
            return None
        return DrivingReference(FACE_MODEL, ((_LANDMARKS, landmarks.astype(np.float32)),))

    def use_reference(self, reference: DrivingReference) -> None:
        """Go back to an earlier driving reference.

        Raises:
            ValueError: It belongs to another model.
        """
        if self._substitute is not None:
            self._substitute.use_reference(reference)
            return
        arrays = dict(reference.arrays)
        if arrays.keys() != {_LANDMARKS}:
            raise ValueError(f"not landmarks of a driver: {sorted(arrays)}")
        self._animator.restore(arrays[_LANDMARKS])

    def animate(self, driving: Driving, time_s: float, strength: float) -> Image:
        """Move the avatar like the driver.

        Raises:
            ValueError: The driver's landmarks are missing.
        """
        if self._substitute is not None:
            return self._substitute.animate(driving, time_s, strength)
        if driving.landmarks is None:
            raise ValueError("the driver's face was not tracked")
        if not self._motion.is_relative and self._animator.reference is None:
            self._animator.restore(average_face())
        return self._animator.animate(driving.landmarks, time_s=time_s, strength=strength)

    def xray(self, driving: Driving) -> MotionView | None:
        """Show what the engine computes for a frame, or None where it cannot."""
        if self._substitute is not None:
            return self._substitute.xray(driving)
        avatar = self._avatar
        if avatar is None or avatar.landmarks is None or driving.landmarks is None:
            return None
        around = avatar.face_square()
        panels = face_panels(
            self._animator.decompose(driving.landmarks), avatar.image, avatar.landmarks
        )
        first = ("Your keypoints", _drivers_points(driving.landmarks))
        squares = ((title, cut(picture, around, PANEL_SIDE)) for title, picture in panels)
        return MotionView((first, *squares))

    def close(self) -> None:
        """Free the memory of a substitute."""
        substitute, self._substitute = self._substitute, None
        if substitute is not None:
            substitute.close()


def _drivers_points(landmarks: np.ndarray) -> Image:
    """Draw the driver's landmarks without the driver's picture."""
    low, high = landmarks[:, :2].min(axis=0), landmarks[:, :2].max(axis=0)
    scale = 0.8 * PANEL_SIDE / max(float((high - low).max()), 1e-6)
    placed = landmarks.copy()
    placed[:, :2] = (landmarks[:, :2] - (low + high) / 2) * scale + PANEL_SIDE / 2
    return landmark_picture(np.zeros((PANEL_SIDE, PANEL_SIDE, 3), np.uint8), placed)

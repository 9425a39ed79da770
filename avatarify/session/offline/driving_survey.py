"""The first look at a driving clip: where the face is, and which frame resembles the avatar most.

A live session must decide from the frames it has seen; a clip can be read whole first. So most
clips get one crop that never moves, and with it nothing but the face's own motion.
"""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.errors import FaceNotFoundError, SettingsError
from avatarify.frames import Frame, Image, frames_of
from avatarify.tracking.calibration import rate
from avatarify.tracking.conditions import Observation
from avatarify.tracking.crop import FACE_MARGIN, Crop
from avatarify.tracking.face import Face
from avatarify.tracking.follow import FaceFollower

FaceFinder = Callable[[Image, float], Face | None]
"""Takes a picture and its time in seconds; `FaceLandmarker.find` is one."""

_THOROUGH = 30
"""Of so many frames each is looked at: a short clip has none to spare."""

_LOOK_EVERY_S = 0.16
"""After these a face in place is looked at no more often than this. Its crop is a median, and an
expression that could be the reference lasts longer."""

_STRAYING = 0.22
"""How far a face may leave the middle of a fixed crop, over its size: its box is still inside."""

_SIZE_RANGE = (0.65, 1.4)
"""How small and large a face may become in a fixed crop, over its usual size."""

_EXCEPTIONS = 0.02
"""Part of the frames that may break these limits: a tracker errs now and then."""


@dataclass(frozen=True, slots=True, eq=False)
class DrivingSurvey:
    """What one pass over the driving clip found."""

    frame_count: int | None
    """Frames that the clip really holds; None if they were not all looked at."""

    reference: Frame
    """The frame whose motion counts as none."""

    crops: tuple[Crop, ...]
    """What to cut from each frame, the last one also from all later ones; empty if the frames are
    used whole."""

    def crop_at(self, index: int) -> Crop | None:
        """Return what to cut from a frame, or None if it is used whole."""
        return self.crops[min(index, len(self.crops) - 1)] if self.crops else None


class Surveyor:
    """Takes the frames of a clip one by one, holding none of them but the best."""

    def __init__(
        self,
        find_face: FaceFinder | None,
        avatar: Face | None,
        reference: int | None,
        *,
        crops: bool,
    ) -> None:
        """Start before the first frame.

        Args:
            find_face: The tracker; None if there is none.
            avatar: The portrait's face, which the reference should resemble.
            reference: Index of the reference frame; None looks for the best one.
            crops: Whether crops are wanted.
        """
        self._find_face = find_face
        self._avatar = avatar
        self._wanted = reference
        self._crops = crops
        self._follower = FaceFollower()
        self._followed: list[Crop] = []
        self._face: Face | None = None
        self._looked_s = 0.0
        self._shape: tuple[int, ...] = ()
        self._faces: list[tuple[float, float, float]] = []  # centre and larger side
        self._count = 0
        self._reference: Frame | None = None
        self._best = (-1.0, 0.0)

    def see(self, frame: Frame) -> None:
        """Take the next frame."""
        is_looked_at = not self._may_be_skipped(frame)
        if is_looked_at:
            self._look(frame)
        if self._crops:
            size = frame.image.shape[0], frame.image.shape[1]
            self._followed.append(self._follower.follow(self._face, size, frame.time_s))
        if self._wanted is not None:
            self._reference = frame if frame.index == self._wanted else self._reference
        elif is_looked_at:
            self._consider_as_reference(frame)
        self._count += 1

    @property
    def is_done(self) -> bool:
        """Whether later frames would change nothing: without a tracker there is little to see."""
        return self._find_face is None and self._reference is not None

    def finish(self, name: str) -> DrivingSurvey:
        """Decide.

        Args:
            name: What the user calls the clip.

        Raises:
            FaceNotFoundError: Crops are wanted, and no frame shows a face.
            SettingsError: The clip is shorter than the index of the wanted reference frame.
        """
        if self._reference is None:
            last = f"0 to {self._count - 1}" if self._count > 1 else "0"
            raise SettingsError(
                f"There is no frame {self._wanted} in {name}: it has {frames_of(self._count)}, "
                f"counted from 0. Choose --reference {last}, or auto."
            )
        if self._crops and self._find_face and not self._faces:
            raise FaceNotFoundError(
                f"No face was found in {name} ({frames_of(self._count)}). Use a clip that "
                "shows a face from the front, or --crop none."
            )
        count = None if self._find_face is None else self._count
        return DrivingSurvey(count, self._reference, self._decide_crops())

    def _may_be_skipped(self, frame: Frame) -> bool:
        if frame.image.shape != self._shape:
            return False
        is_in_place = self._face is not None and not self._follower.is_moving
        is_recent = 0.0 <= frame.time_s - self._looked_s < _LOOK_EVERY_S
        return is_in_place and is_recent and self._count >= _THOROUGH

    def _look(self, frame: Frame) -> None:
        self._face = self._find_face(frame.image, frame.time_s) if self._find_face else None
        self._looked_s, self._shape = frame.time_s, frame.image.shape
        if self._face is not None:
            self._faces.append((*self._face.box.center, self._face.box.larger_side))

    def _consider_as_reference(self, frame: Frame) -> None:
        resemblance = self._resemblance(frame, self._face)
        if self._reference is None or resemblance > self._best:
            self._reference, self._best = frame, resemblance

    def _resemblance(self, frame: Frame, face: Face | None) -> tuple[float, float]:
        """Rank frames as the live session's auto-calibration does, alike ones by their shape."""
        if face is None:
            return self._best
        size = frame.image.shape[0], frame.image.shape[1]
        score = rate(Observation(face, size, frame.time_s), self._avatar).score
        return float(score), -shape_distance(face, self._avatar) if self._avatar else 0.0

    def _decide_crops(self) -> tuple[Crop, ...]:
        if not self._crops or not self._faces:
            return tuple(self._followed)
        x, y, side = np.median(np.array(self._faces), axis=0).tolist()
        crop = Crop(x, y, FACE_MARGIN * side)
        return (crop,) * self._count if self._fits(crop) else tuple(self._followed)

    def _fits(self, crop: Crop) -> bool:
        """Tell whether nearly all faces are well inside a crop, and of a like size."""
        faces = np.array(self._faces)
        away = np.abs(faces[:, :2] - (crop.center_x, crop.center_y)).max(axis=1) / crop.size
        scale = faces[:, 2] * FACE_MARGIN / crop.size
        smallest, largest = _SIZE_RANGE
        strays = (away > _STRAYING) | (scale < smallest) | (scale > largest)
        return bool(strays.mean() <= _EXCEPTIONS)


def shape_distance(face: Face, other: Face) -> float:
    """Compare how two faces stand and what they express, wherever and however large they are.

    Returns:
        The mean squared distance of their landmarks, both centred and scaled to equal area.
    """
    difference = _centred(face) - _centred(other)
    return float((difference**2).sum(axis=1).mean())


def _centred(face: Face) -> NDArray[np.float32]:
    points = face.landmarks[:, :2] - face.landmarks[:, :2].mean(axis=0)
    area = cv2.contourArea(cv2.convexHull(points))
    return points / np.float32(np.sqrt(max(area, 1e-6)))

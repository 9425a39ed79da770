"""From any picture to an avatar: find the face, say what is wrong with it, cut and matte it.

Where the tracker finds no face, or errs, the face's points may come from the user instead.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from avatarify.animation.face.matte import person_matte
from avatarify.errors import TrackerError
from avatarify.frames import Image
from avatarify.session.avatars.avatar import SQUARE_SIDE, Avatar
from avatarify.session.avatars.layers_file import PortraitLayers
from avatarify.session.avatars.portrait_framing import box_of, window_around
from avatarify.session.keeping.absent_face import explain_absence
from avatarify.session.keeping.tracker_choice import find_tracker, open_tracker
from avatarify.tracking.crop import cut
from avatarify.tracking.face import Box, Face
from avatarify.tracking.face_choice import FaceChoice
from avatarify.tracking.face_finder import FaceFinder
from avatarify.tracking.landmarker import LandmarkerMode
from avatarify.tracking.missing_face import Missing
from avatarify.tracking.portrait_check import Finding, check_portrait

T = TypeVar("T")

_UNKNOWN = (None, Missing.NOTHING)


@dataclass(frozen=True, slots=True, eq=False)
class Intake:
    """A picture, cut and judged."""

    original: Image
    """RGB (H, W, 3), as it came."""

    points: NDArray[np.float32] | None
    """(478, 3), the face's landmarks in pixels of the original; None where no face was found."""

    picture: Image
    """RGB (H, W, 3), cut to what others will see."""

    layers: PortraitLayers | None
    """The face and the person in it; None where no human face was found."""

    findings: tuple[Finding, ...]
    """What is wrong, in words; errors first."""

    is_usable: bool
    """Whether it can be animated at all."""

    is_by_hand: bool = False
    """The face was pointed out by the user."""

    faces: tuple[Box, ...] = ()
    """Boxes around all faces, in pixels of the original."""

    whom: str = ""
    """Which of several faces was taken without having been chosen."""

    def avatar(self, name: str) -> Avatar:
        """Return the avatar that it becomes."""
        if self.layers is None:
            return Avatar(name, self.picture)
        return Avatar(name, self.picture, self.layers.landmarks, self.layers.matte)


def take_in(image: Image, choice: FaceChoice | None = None, name: str = "The picture") -> Intake:
    """Cut and judge a picture that is to become an avatar. Takes a second or two.

    Args:
        image: RGB (H, W, 3), any shape.
        choice: Which of several faces is meant; the largest if nothing is said.
        name: What the user calls the picture.

    Raises:
        FaceNotFoundError: There are several faces, and none of the number that was chosen.
    """
    return _with_tracker(lambda landmarker: _taken_in(image, landmarker, choice, name))


def by_hand(image: Image, points: NDArray[np.floating]) -> Intake:
    """Cut a picture whose face was pointed out by the user. Takes a second or two.

    Args:
        image: RGB (H, W, 3), any shape.
        points: (478, 3), landmarks in pixels of it.
    """
    window = window_around(box_of(points), (image.shape[0], image.shape[1]))
    picture, landmarks = window.cut(image), window.place(points)
    layers = PortraitLayers(landmarks, person_matte(picture, landmarks))
    kept = points.astype(np.float32)
    return Intake(image, kept, picture, layers, (), is_usable=True, is_by_hand=True)


def study(picture: Image) -> PortraitLayers | None:
    """Find the face and the person in a picture that is an avatar already, as it is.

    Args:
        picture: RGB (H, W, 3).

    Returns:
        None where there is no human face, or no tracker.
    """
    report = _with_tracker(lambda landmarker: check_portrait(picture, landmarker))
    return None if report.face is None else _layers(picture, report.face)


def _taken_in(
    image: Image, landmarker: FaceFinder | None, choice: FaceChoice | None, name: str
) -> Intake:
    report = check_portrait(image, landmarker, choice=choice, name=name)
    if report.face is None:
        square = cut(image, report.crop, SQUARE_SIDE)
        findings = report.findings
        if landmarker is not None and (reason := explain_absence(image)) not in _UNKNOWN:
            findings = (*findings, Finding(reason.value, is_error=False))
        return Intake(image, None, square, None, findings, report.is_usable)
    window = window_around(report.face.box, (image.shape[0], image.shape[1]))
    picture = window.cut(image)
    layers = None
    if report.is_usable:
        placed = window.place(report.face.landmarks)
        found = None if landmarker is None else _again(landmarker, picture, placed)
        landmarks = placed if found is None else found.landmarks
        layers = PortraitLayers(landmarks, person_matte(picture, landmarks))
    return Intake(
        image,
        report.face.landmarks,
        picture,
        layers,
        report.findings,
        report.is_usable,
        faces=tuple(face.box for face in report.faces),
        whom=report.whom,
    )


def _again(landmarker: FaceFinder, picture: Image, points: NDArray[np.float32]) -> Face | None:
    """Find the face once more, now exact at this size; a neighbour is not taken for it."""
    box = box_of(points)
    found = FaceChoice(point=box.center).pick(landmarker.find_all(picture))
    if found is None:
        return None
    away = np.hypot(*np.subtract(found.box.center, box.center))
    return found if away < 0.25 * box.larger_side else None


def _layers(picture: Image, face: Face) -> PortraitLayers:
    return PortraitLayers(face.landmarks, person_matte(picture, face.landmarks))


def _with_tracker(use: Callable[[FaceFinder | None], T]) -> T:
    path = find_tracker()
    if path is None:
        return use(None)
    try:
        with open_tracker(path, LandmarkerMode.IMAGE) as finder:
            return use(finder)
    except TrackerError:
        return use(None)

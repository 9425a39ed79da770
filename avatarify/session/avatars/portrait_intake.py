"""From any picture to an avatar: find the face, say what is wrong with it, cut the square."""

from dataclasses import dataclass

from avatarify.errors import TrackerError
from avatarify.frames import Image
from avatarify.tracking.crop import cut
from avatarify.tracking.landmarker import FaceLandmarker, LandmarkerMode
from avatarify.tracking.portrait_check import Finding, PortraitReport, check_portrait
from avatarify.zoo.registry import FACE_LANDMARKER
from avatarify.zoo.store import find

AVATAR_SIDE = 512
"""Side of the avatars that are kept, in pixels: what the shipped model animates."""


@dataclass(frozen=True, slots=True, eq=False)
class Intake:
    """A picture, cut and judged."""

    square: Image
    """RGB (512, 512, 3), framed as the models expect."""

    findings: tuple[Finding, ...]
    """What is wrong, in words; errors first."""

    is_usable: bool
    """Whether it can be animated at all."""


def take_in(image: Image) -> Intake:
    """Cut and judge a picture that is to become an avatar. Takes some tenths of a second.

    Args:
        image: RGB (H, W, 3), any shape.
    """
    report = _report(image)
    return Intake(cut(image, report.crop, AVATAR_SIDE), report.findings, report.is_usable)


def _report(image: Image) -> PortraitReport:
    path = find(FACE_LANDMARKER.installed_name)
    if path is None:
        return check_portrait(image, None)
    try:
        with FaceLandmarker(path, LandmarkerMode.IMAGE) as landmarker:
            return check_portrait(image, landmarker)
    except TrackerError:
        return check_portrait(image, None)

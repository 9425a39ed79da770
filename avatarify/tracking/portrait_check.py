"""Is this picture good as an avatar? What to say at import, and which square to cut."""

from collections.abc import Sequence
from dataclasses import dataclass

from avatarify.frames import Image
from avatarify.tracking.conditions import outside
from avatarify.tracking.crop import Crop, crop_of_face
from avatarify.tracking.face import Face
from avatarify.tracking.face_choice import FaceChoice, whom
from avatarify.tracking.face_finder import FaceFinder


@dataclass(frozen=True, slots=True)
class PortraitLimits:
    """From where on a portrait is refused or commented on."""

    least_size: float = 64.0
    """Pixels of the face's larger side below which it is refused."""

    good_size: float = 135.0
    """Pixels below which the avatar will look soft: 256 pixels for a crop of 1.9 faces."""

    turned_deg: float = 45.0
    """Yaw from which it is refused."""

    slightly_turned_deg: float = 15.0
    """Yaw from which it is commented on."""

    nodded_deg: float = 35.0
    """Pitch from which it is refused."""

    slightly_nodded_deg: float = 22.0
    """Pitch from which it is commented on; drawings of frontal faces measure up to 15."""

    tilted_deg: float = 15.0
    """Roll from which it is commented on."""

    shut_eyes: float = 0.55
    """Blink of both eyes from which it is commented on."""

    open_mouth: float = 0.06
    """Gap between the lips, over the face's height, from which it is commented on."""

    cut_off: float = 0.05
    """Part of the face that may be outside the picture."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark on a portrait."""

    text: str
    """What is wrong and what to do."""

    is_error: bool
    """Whether the portrait cannot work; otherwise it works less well."""


NO_FACE = Finding(
    "No human face was found. The compact model will move this picture, less well. Set the face's "
    "points by hand to do better, or choose a picture that shows one face from the front.",
    is_error=False,
)


@dataclass(frozen=True, slots=True)
class PortraitReport:
    """All remarks, the errors first, and the square to cut."""

    findings: tuple[Finding, ...]
    crop: Crop
    """The project's framing of the face; without a face the largest square in the middle."""

    face: Face | None
    """The face that will be animated."""

    faces: tuple[Face, ...] = ()
    """All faces of the picture."""

    whom: str = ""
    """Which of several faces is taken without having been chosen, see `face_choice.whom`."""

    @property
    def is_usable(self) -> bool:
        """Whether there is no error."""
        return not any(finding.is_error for finding in self.findings)


def check_portrait(
    image: Image,
    landmarker: FaceFinder | None,
    limits: PortraitLimits | None = None,
    *,
    choice: FaceChoice | None = None,
    name: str = "The picture",
) -> PortraitReport:
    """Check a picture that is to become an avatar.

    Args:
        image: (H, W, 3) RGB uint8.
        landmarker: A tracker in image mode; None when there is none: then nothing can be
            checked.
        limits: From where on a portrait is refused or commented on.
        choice: Which of several faces is meant; the largest if nothing is said.
        name: What the user calls the picture.

    Raises:
        FaceNotFoundError: There are several faces, and none of the number that was chosen.
    """
    if landmarker is None:
        unchecked = Finding(
            "The face was not checked, as the face tracker's file is missing. Cut the picture so "
            "that the face is in the middle and about half as high as the square.",
            is_error=False,
        )
        return PortraitReport((unchecked,), _middle_square(image), None)
    return report_on(image, landmarker.find_all(image), limits, choice=choice, name=name)


def report_on(
    image: Image,
    faces: Sequence[Face],
    limits: PortraitLimits | None = None,
    *,
    choice: FaceChoice | None = None,
    name: str = "The picture",
) -> PortraitReport:
    """Report on a picture whose faces are known; see `check_portrait`."""
    limits, choice = limits or PortraitLimits(), choice or FaceChoice()
    face = choice.require(faces, name)
    if face is None:
        return PortraitReport((NO_FACE,), _middle_square(image), None)
    taken = "" if len(faces) == 1 or choice.is_made else whom(face, faces)
    findings = [
        *([Finding(f"The picture shows {taken}", is_error=False)] if taken else []),
        *_size(face, image, limits),
        *_pose(face, limits),
        *_expression(face, limits),
    ]
    ranked = tuple(sorted(findings, key=lambda finding: not finding.is_error))
    return PortraitReport(ranked, crop_of_face(face), face, tuple(faces), taken)


def _size(face: Face, image: Image, limits: PortraitLimits) -> list[Finding]:
    findings = []
    size = round(face.box.larger_side)
    if size < limits.least_size:
        text = f"The face is only {size} pixels large. Choose a larger picture."
        findings.append(Finding(text, is_error=True))
    elif size < limits.good_size:
        text = f"The face is only {size} pixels large, so the avatar will look soft."
        findings.append(Finding(text, is_error=False))
    if max(outside(face.box, (image.shape[0], image.shape[1]))) > limits.cut_off:
        text = "The face is cut off at the edge. Choose a picture that shows all of it."
        findings.append(Finding(text, is_error=True))
    return findings


def _pose(face: Face, limits: PortraitLimits) -> list[Finding]:
    findings = []
    if abs(face.yaw_deg) > limits.slightly_turned_deg:
        is_error = abs(face.yaw_deg) > limits.turned_deg
        text = "The face is turned {}to the side. Frontal portraits move best."
        findings.append(Finding(text.format("far " if is_error else ""), is_error))
    if abs(face.pitch_deg) > limits.slightly_nodded_deg:
        is_error = abs(face.pitch_deg) > limits.nodded_deg
        direction = "up" if face.pitch_deg > 0 else "down"
        text = f"The face looks {direction}. Portraits that look straight ahead move best."
        findings.append(Finding(text, is_error))
    if abs(face.roll_deg) > limits.tilted_deg:
        findings.append(Finding("The head is tilted. Turn the picture upright.", is_error=False))
    return findings


def _expression(face: Face, limits: PortraitLimits) -> list[Finding]:
    findings = []
    if min(face.blink_left, face.blink_right) > limits.shut_eyes:
        text = "The eyes are shut. Open eyes can be shut later, but not the other way round."
        findings.append(Finding(text, is_error=False))
    if face.lips_apart > limits.open_mouth:
        text = "The mouth is open. A closed mouth moves best."
        findings.append(Finding(text, is_error=False))
    return findings


def _middle_square(image: Image) -> Crop:
    height, width = image.shape[:2]
    return Crop(width / 2, height / 2, min(height, width))

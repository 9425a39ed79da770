"""Paints the inside of a mouth by a compiled function, where that paints what OpenCV does."""

import logging

import numpy as np

from avatarify.animation.face.likeness import unlike
from avatarify.animation.face.mouth import MouthInside
from avatarify.animation.face.mouth_light import SHADOW, openness_around, openness_below
from avatarify.animation.face.mouth_plates import Plate
from avatarify.animation.face.open_mouth import OpenMouth
from avatarify.animation.native.library import NativeLibrary, native_library
from avatarify.animation.native.mouth import MouthOpening, MouthPaint, PlatePaint
from avatarify.frames import Image
from avatarify.geometry.face_mesh import INNER_LIPS_LOWER, OUTER_LIPS_LOWER
from avatarify.geometry.face_motion import face_unit, neck_joint
from avatarify.geometry.face_transfer import MovedFace
from avatarify.geometry.mouth_arch import DEPTHS, LOOK_UP, STEEPEST, STEPS, Arch
from avatarify.geometry.similarity import Similarity, rotation_from_vector

_LOG = logging.getLogger(__name__)

_TRIALS = ((0.0, (0.0, 0.0, 0.0)), (0.08, (0.1, 0.3, 0.05)), (0.3, (-0.1, -0.4, -0.1)))
"""Faces that are painted to try the compiled function: how far the lower lip goes down, in
distances of the outer eye corners, and the turn of the head, in radians."""


class NativeMouthInside:
    """Paints what `MouthInside` does; a `Layer`."""

    def __init__(self, mouth: MouthInside, library: NativeLibrary) -> None:
        """Take a portrait's mouth.

        Args:
            mouth: The mouth.
            library: The compiled functions.
        """
        self._mouth = mouth
        plates, paint = mouth.plates, mouth.paint
        lower, upper = (
            _plate(plate, lit)
            for plate, lit in ((plates.lower, plates.lower_lit), (plates.upper, None))
        )
        self._native = library.mouth(
            MouthPaint(
                plates=(lower, upper),
                positions=STEPS,
                depths=DEPTHS,
                entries=LOOK_UP,
                steepest=STEEPEST,
                ground=paint.ground,
                darkest=paint.darkest,
                exposure=plates.exposure,
                bounced=paint.bounced,
                flesh=paint.flesh,
                wet=paint.wet,
                seam=paint.seam,
                wetness=paint.wetness,
                shadow=SHADOW,
            )
        )

    def draw(self, canvas: Image, face: MovedFace) -> None:
        """Paint the inside of the mouth, in place; see `MouthInside.draw`."""
        found = self._mouth.find(face, canvas.shape[:2])
        if found is not None:
            self.paint(canvas, found)

    def paint(self, canvas: Image, found: OpenMouth) -> None:
        """Paint a mouth that is open as `MouthInside.find` says, in place.

        Raises:
            ValueError: The canvas does not hold it, or is no RGB picture.
        """
        self._native.draw(canvas, _opening(found, self._mouth.paint.veil_at(found.wide)))


def _plate(plate: Plate, lit: Image | None) -> PlatePaint:
    grid = plate.grid
    texels = (plate.texels, plate.texels if lit is None else lit)
    return PlatePaint(texels, grid.left, grid.top, grid.density)


def _opening(found: OpenMouth, veil: float) -> MouthOpening:
    return MouthOpening(
        arches=np.array([_axes(found.lower), _axes(found.upper)]),
        mix=(found.wide, 0.0),
        bright=found.light.bright,
        shade=found.light.shade,
        veil=veil,
        seal=found.seal,
        activity=found.activity,
        near=openness_around(found.mask, found.unit),
        below=openness_below(found.mask, found.wet_reach),
        soft=found.soft,
        left=found.box[0],
        top=found.box[1],
    )


def _axes(arch: Arch) -> list[np.ndarray]:
    return [arch.origin[:2], arch.across[:2], arch.down[:2], arch.back[:2]]


def fastest_mouth(
    mouth: MouthInside, picture: Image, landmarks: np.ndarray
) -> MouthInside | NativeMouthInside:
    """Return what paints the inside of a portrait's mouth: compiled, where that paints the same.

    Args:
        mouth: The mouth, painted by OpenCV.
        picture: RGB (H, W, 3), the portrait, to try both on.
        landmarks: (478, 3), its face.
    """
    library = native_library()
    if library is None:
        return mouth
    compiled = NativeMouthInside(mouth, library)
    for face in _faces(np.asarray(landmarks, np.float64)):
        pictures = [picture.copy(), picture.copy()]
        compiled.draw(pictures[0], face)
        mouth.draw(pictures[1], face)
        found = mouth.find(face, picture.shape[:2])
        if found is None:
            continue
        x0, y0, x1, y1 = found.box
        own, theirs = (each[y0:y1, x0:x1] for each in pictures)
        fault = unlike(own, theirs)
        if fault is not None:
            _LOG.warning("OpenCV paints the mouth instead of the compiled function: %s.", fault)
            return mouth
    return compiled


def _faces(landmarks: np.ndarray) -> list[MovedFace]:
    """Open a portrait's mouth in several ways."""
    faces = []
    lower, joint = [*INNER_LIPS_LOWER[1:-1], *OUTER_LIPS_LOWER[1:-1]], neck_joint(landmarks)
    for way, turn in _TRIALS:
        opened = landmarks.copy()
        opened[lower, 1] += way * face_unit(landmarks)
        rotation = rotation_from_vector(np.array(turn))
        head = Similarity(1.0, rotation, joint - rotation @ joint)
        faces.append(MovedFace(head.apply(opened), head))
    return faces

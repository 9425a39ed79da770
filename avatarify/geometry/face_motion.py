"""What a driver's face has done since the reference frame, free of size, place and pose.

Head motion and expression are told apart by a rigid fit of landmarks that expressions hardly move.
Openings are ratios and gaze is the iris's place between its own lids, so that they mean the same on
every face. Relative motion as in FOMM (arXiv 2003.00196, section 3.3), with landmarks as keypoints.
"""

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from avatarify.geometry.face_mesh import (
    CHIN,
    EYES,
    FOREHEAD,
    INNER_LIPS_LOWER,
    INNER_LIPS_UPPER,
    MESH_COUNT,
    RIGID,
    EyeIndices,
)
from avatarify.geometry.similarity import fit_similarity, length_of, rotation_vector

Points = NDArray[np.floating]

SHUT_EYE = 0.06
"""Opening over width that a shut eye still measures: the tracker's own floor."""

LEAST_OPENING = (0.02, 0.05)
"""Eyes are believed to be open by this much more, at least: to tell how far they shut, and how far
they open."""

WIDEST_LIDS = 1.6
"""Eyes open this many times as wide as in the reference frame are the widest believed, unless they
were half shut there."""

IRIS_LAG = 1.35
"""How much farther eyes look than their tracked irises tell, which stay behind: of eight drivers
seen again in the picture, gaze came out at 0.72 of what it was without this, at 0.88 with it."""

_WIDE_EYE = 0.3
"""Opening over width of an eye that is open wide."""

_RIGID = np.array(RIGID)
_LIPS = np.array([INNER_LIPS_LOWER[1:-1], INNER_LIPS_UPPER[1:-1]])


class FaceMotion(NamedTuple):
    """Motion since the driving reference; lengths in distances of the outer eye corners."""

    turn: Points
    """(3,), rotation vector of the head in radians, in the reference frame's axes."""
    light_turn: Points
    """(3,), `turn` as the light on the skin takes it: the same, until it is smoothed more."""
    shift: Points
    """(2,), where the joint of neck and head went, right and down: no turn moves it."""
    growth: Points
    """(1,), natural logarithm of how much larger the head has become."""
    expression: Points
    """(468, 3), how landmarks moved with the head held still, in the reference's pose."""
    lids: Points
    """(2,), opening of the right and the left eye over that of the reference: 0 is shut."""
    gaze: Points
    """(2,), how far the eyes look aside from there, in widths of an eye, right and down: the way of
    the irises between their corners, times `IRIS_LAG`."""
    lips: Points
    """(9,), gaps between pairs of the inner lips, from the person's right to the left."""
    lips_reference: Points
    """(9,), the same gaps in the reference."""


def face_unit(landmarks: Points) -> float:
    """Return the distance of the outer eye corners in space: the unit of a face's lengths."""
    return float(np.linalg.norm(landmarks[EYES[0].outer] - landmarks[EYES[1].outer]))


class MotionReader:
    """Tells what a driver does, relative to the reference frame, which it studies once."""

    def __init__(self, reference: Points) -> None:
        """Take the reference frame.

        Args:
            reference: (478, 3), landmarks at calibration, in any unit.
        """
        reference = np.asarray(reference, dtype=np.float64)
        self._reference = reference
        self._unit = face_unit(reference)
        self._joint = neck_joint(reference)
        self._gaps = [lid_gap(reference, eye) for eye in EYES]
        self._irises = [iris_place(reference, eye) for eye in EYES]
        self._lips = lip_gaps(reference) / self._unit

    def __call__(self, driving: Points) -> FaceMotion:
        """Tell what a driver does now.

        Args:
            driving: (478, 3), the landmarks now, in the reference's unit.

        Raises:
            ValueError: The landmarks are not finite, or all in one place.
        """
        reference, driving = self._reference, np.asarray(driving, dtype=np.float64)
        head = fit_similarity(reference[_RIGID], driving[_RIGID])
        calm = head.undo(driving)  # the face as it would look had the head kept still
        lids = np.array(
            [_lid_ratio(was, lid_gap(calm, eye)) for was, eye in zip(self._gaps, EYES, strict=True)]
        )
        irises = [iris_place(calm, eye) for eye in EYES]
        went = head.apply(self._joint) - self._joint
        turn = rotation_vector(head.rotation)
        return FaceMotion(
            turn=turn,
            light_turn=turn,
            shift=went[:2] / self._unit,
            growth=np.array([math.log(max(head.scale, 1e-6))]),
            expression=(calm - reference)[:MESH_COUNT] / self._unit,
            lids=lids,
            gaze=_gaze_change(self._irises, irises, lids),
            lips=lip_gaps(calm) / self._unit,
            lips_reference=self._lips,
        )


def read_motion(reference: Points, driving: Points) -> FaceMotion:
    """Tell what a driver does in one frame; see `MotionReader`."""
    return MotionReader(reference)(driving)


def neck_joint(landmarks: Points) -> Points:
    """Return (3,), about where the skull sits on the neck: heads turn around it.

    In distances of the outer eye corners, 0.9 behind and 0.3 below the middle of the rigid
    landmarks.
    """
    across = landmarks[EYES[1].outer] - landmarks[EYES[0].outer]
    down = landmarks[CHIN] - landmarks[FOREHEAD]
    across = across / max(float(np.linalg.norm(across)), 1e-9)
    down = down - (down @ across) * across
    down = down / max(float(np.linalg.norm(down)), 1e-9)
    back = np.cross(across, down)  # depth grows away from the viewer
    middle = landmarks[_RIGID].mean(axis=0)
    return middle + face_unit(landmarks) * (0.9 * back + 0.3 * down)


def placed_like(reference: Points, driving: Points) -> Points:
    """Return a reference moved and scaled to where the driver is now, its pose and expression kept.

    Args:
        reference: (478, 3), landmarks at calibration.
        driving: (478, 3), landmarks now; the motion between both keeps its turn and loses shift and
            growth.
    """
    reference = np.asarray(reference, dtype=np.float64)
    head = fit_similarity(reference[_RIGID], np.asarray(driving, np.float64)[_RIGID])
    joint = neck_joint(reference)
    return head.scale * (reference - joint) + head.apply(joint)


def lip_gaps(landmarks: Points) -> Points:
    """Return (9,), the distances between the pairs of the inner lips, corners left out."""
    lower, upper = landmarks[_LIPS]
    return _lengths(lower - upper)


def _lengths(ways: Points) -> Points:
    """Return (N,), how long (N, 3) ways are."""
    lengths: Points = np.sqrt(np.einsum("ij,ij->i", ways, ways))
    return lengths


def eye_axes(landmarks: Points, eye: EyeIndices) -> tuple[Points, Points, float]:
    """Return middle (2,) and axis (2,) of an eye in the picture's plane, and its width.

    The axis points from the corner on the picture's left to that on its right where the face is
    upright; both eyes agree on it.
    """
    first, last = (eye.outer, eye.inner) if eye is EYES[0] else (eye.inner, eye.outer)
    start, end = landmarks[first, :2], landmarks[last, :2]
    width = max(length_of(end - start), 1e-6)
    return (start + end) / 2, (end - start) / width, width


def lid_gap(landmarks: Points, eye: EyeIndices) -> float:
    """Return the middle distance of an eye's lids, in widths of that eye."""
    upper, lower = landmarks[lid_indices(eye)]
    gaps = sorted(_lengths(upper - lower).tolist())
    width = math.dist(landmarks[eye.outer].tolist(), landmarks[eye.inner].tolist())
    return float(gaps[len(gaps) // 2]) / max(width, 1e-6)


@lru_cache(maxsize=4)
def lid_indices(eye: EyeIndices) -> NDArray[np.intp]:
    """Return (2, 7), the landmarks of an eye's upper and lower lid; not to be written to."""
    indices = np.array([eye.upper, eye.lower])
    indices.setflags(write=False)
    return indices


def _lid_ratio(was: float, now: float) -> float:
    """Return the opening of lids over that of the reference, of their gaps in widths of the eye."""
    more = now - was
    open_by = max(was - SHUT_EYE, LEAST_OPENING[int(more > 0.0)])
    widest = max(WIDEST_LIDS, 1.0 + (_WIDE_EYE - was) / open_by)
    return min(max(1.0 + more / open_by, 0.0), widest)


def iris_place(landmarks: Points, eye: EyeIndices) -> Points:
    """Return (2,), where an iris is between its corners, right and down, in widths of the eye."""
    middle, axis, width = eye_axes(landmarks, eye)
    offset = landmarks[eye.iris, :2] - middle
    (right, down), (x, y) = axis.tolist(), offset.tolist()
    return np.array([right * x + down * y, right * y - down * x]) / width


def _gaze_change(was: list[Points], now: list[Points], lids: Points) -> Points:
    """Both eyes look together; an eye that is nearly shut has no say, for it shows no iris."""
    trust = [min(max((lid - 0.12) / 0.3, 0.0), 1.0) for lid in lids.tolist()]
    change = sum(share * (there - here) for share, here, there in zip(trust, was, now, strict=True))
    return np.asarray(IRIS_LAG * change / max(sum(trust), 1.0))

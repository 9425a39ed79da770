"""The portrait's landmarks, moved by what a driver did.

The driver's expression is scaled and turned into the portrait's own face, openings keep their
ratios, and the portrait's own head is turned in space: no motion depends on how alike the two are.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from avatarify.geometry.average_face import average_face
from avatarify.geometry.face_gains import FaceGains
from avatarify.geometry.face_mesh import (
    CHIN,
    EYES,
    FOREHEAD,
    INNER_LIPS_LOWER,
    INNER_LIPS_UPPER,
    LANDMARK_COUNT,
    MESH_COUNT,
    OUTER_LIPS_LOWER,
    OUTER_LIPS_UPPER,
    RIGID,
    EyeIndices,
)
from avatarify.geometry.face_motion import (
    LEAST_OPENING,
    SHUT_EYE,
    FaceMotion,
    eye_axes,
    face_unit,
    lid_gap,
    lid_indices,
    neck_joint,
)
from avatarify.geometry.face_regions import region_weights
from avatarify.geometry.similarity import (
    Similarity,
    fit_similarity,
    length_of,
    rotation_from_vector,
)

Points = NDArray[np.floating]

FARTHEST_TURN = (0.5, 0.8)
"""Radians: turns bend from the first on and never pass the second."""

REVEALING_TURN = (0.02, 0.07)
"""The same for turns that bring to light the side of the head that a portrait hides: nothing is
known of it, and a torn face is worse than one that turns less."""

LOOKS_ASIDE = (0.35, 0.45)
"""Radians by which a portrait looks aside, from which on it hides a side, and from which on it
hides it altogether."""

FARTHEST_SHIFT = (1.2, 2.0)
"""Distances of the outer eye corners: the same for shifts of the head."""

FARTHEST_GROWTH = (0.3, 0.55)
"""The same for the logarithm of the head's size."""

WIDENING = 0.4
"""Eyes never open wider than in the portrait by more than this part of their opening, unless they
are half shut there."""

_WIDE_OPEN = 0.32
"""Half-shut eyes never open as far as this, in widths of an eye."""

_HALF_SHUT = (0.16, 0.08)
"""Openings from which on an eye counts as half shut, and as shut: its own lids do not tell any more
what curve they take when they open."""

FARTHEST_GAZE = (0.22, 0.34)
"""The same for irises, in widths of an eye."""

SMALLEST_GAP = 0.02
"""Gaps of lips up to this are shut, in distances of the outer eye corners: no ratio is taken."""

_INNER_UPPER, _INNER_LOWER = np.array(INNER_LIPS_UPPER[1:-1]), np.array(INNER_LIPS_LOWER[1:-1])
USUAL_OPENING = 0.2
"""Opening of most eyes, in widths of an eye."""

LIDS_MEET = -0.05
"""Where shut lids meet: this part of the opening above the lower lid (a little below it)."""

_SECOND_UPPER = (183, 42, 41, 38, 12, 268, 271, 272, 407)
_SECOND_LOWER = (96, 89, 179, 86, 15, 316, 403, 319, 325)
_LIP_ROWS = tuple(
    (np.array(uppers), np.array(lowers), share)
    for uppers, lowers, share in (
        (INNER_LIPS_UPPER[1:-1], INNER_LIPS_LOWER[1:-1], 1.0),
        (_SECOND_UPPER, _SECOND_LOWER, 0.6),
        (OUTER_LIPS_UPPER[1:-1], OUTER_LIPS_LOWER[1:-1], 0.25),
    )
)


class MovedFace(NamedTuple):
    """Where a portrait's face is in a picture that is to be painted."""

    landmarks: Points
    """(478, 3), in the unit of the portrait's landmarks."""
    head: Similarity
    """The rigid part: from the portrait to the picture."""
    light_rotation: Points | None = None
    """(3, 3), how far light takes the head to have turned; None where it is as `head` says."""


class _OwnEye(NamedTuple):
    """What a portrait tells of one of its eyes."""

    opening: Points
    """(7, 3), from the lower lid to the upper one."""
    gap: float
    """Of the lids, in widths of the eye."""
    middle: Points
    """(3,), between the corners."""
    axes: Points
    """(2, 2), the eye's directions right and down in columns, as long as the eye is wide."""
    iris: NDArray[np.intp]
    """(5,), the landmarks that move when it looks."""

    @classmethod
    def of(cls, portrait: Points, eye: EyeIndices) -> "_OwnEye":
        upper, lower = lid_indices(eye)
        _, axis, width = eye_axes(portrait, eye)
        return cls(
            portrait[upper] - portrait[lower],
            lid_gap(portrait, eye),
            (portrait[eye.outer] + portrait[eye.inner]) / 2.0,
            width * np.array([[axis[0], -axis[1]], [axis[1], axis[0]]]),
            np.array([eye.iris, *eye.rim]),
        )


class FaceTransfer:
    """Moves one portrait's landmarks. What depends on the portrait alone is found once."""

    def __init__(self, portrait: Points) -> None:
        """Take a portrait's landmarks.

        Args:
            portrait: (478, 3), in pixels of the portrait.

        Raises:
            ValueError: The shape is wrong or a number is not finite.
        """
        portrait = np.asarray(portrait, dtype=np.float64)
        if portrait.shape != (LANDMARK_COUNT, 3) or not np.isfinite(portrait).all():
            raise ValueError(f"a portrait needs {LANDMARK_COUNT} finite landmarks (x, y, depth)")
        self.portrait = portrait
        self._unit = face_unit(portrait)
        self._regions = region_weights(portrait)
        down = portrait[CHIN] - portrait[FOREHEAD]
        self._down = down / max(float(np.linalg.norm(down)), 1e-9)
        self._gaps = (portrait[_INNER_LOWER] - portrait[_INNER_UPPER]) @ self._down
        self._joint = neck_joint(portrait)
        self._aside = _looks_aside(portrait)
        self._eyes = {eye: _OwnEye.of(portrait, eye) for eye in EYES}
        self._known: tuple[Points, Similarity] | None = None

    def __call__(
        self, motion: FaceMotion, reference: Points, gains: FaceGains | None = None
    ) -> MovedFace:
        """Return where the portrait's landmarks go.

        Args:
            motion: What the driver did; see `read_motion`.
            reference: (478, 3), the driver's landmarks at calibration.
            gains: How much of it arrives.
        """
        gains = gains or FaceGains()
        to_portrait = self._pose_change(reference)
        face = self.portrait.copy()
        self._express(face, motion, gains, to_portrait.rotation)
        self._meet_lips(face, motion, gains)
        for eye, ratio in zip(EYES, motion.lids, strict=True):
            self._open_lids(face, eye, max(0.0, 1.0 + gains.eyes * (float(ratio) - 1.0)))
            self._look(face, eye, gains.gaze * motion.gaze)
        heading = gains.turn * _heading(to_portrait.rotation)
        head = self._head(motion, gains, self._turned(heading @ motion.turn))
        return MovedFace(head.apply(face), head, self._turned(heading @ motion.light_turn))

    def still(self) -> MovedFace:
        """Return the portrait as it is."""
        return MovedFace(self.portrait, Similarity(1.0, np.eye(3), np.zeros(3)))

    def _pose_change(self, reference: Points) -> Similarity:
        """Return the way from a reference's pose to the portrait's; the last one is remembered."""
        if self._known is None or self._known[0] is not reference:
            rigid = list(RIGID)
            fit = fit_similarity(np.asarray(reference, np.float64)[rigid], self.portrait[rigid])
            self._known = reference, fit
        return self._known[1]

    def _express(
        self, face: Points, motion: FaceMotion, gains: FaceGains, rotation: Points
    ) -> None:
        share = self._regions @ np.array([gains.mouth, gains.eyes, gains.brows])
        offsets = motion.expression @ rotation.T * self._unit
        face[:MESH_COUNT] += share[:, None] * offsets

    def _meet_lips(self, face: Points, motion: FaceMotion, gains: FaceGains) -> None:
        """Close lips by ratio: what is shut on the driver's face is shut on the portrait's.

        Lips that open are moved as the driver's; they never cross, however unlike the mouths are.
        """
        gaps = (face[_INNER_LOWER] - face[_INNER_UPPER]) @ self._down
        is_open = motion.lips_reference > SMALLEST_GAP
        ratio = motion.lips / np.maximum(motion.lips_reference, SMALLEST_GAP)
        closing = np.where(is_open, np.clip(1.0 - ratio, 0.0, 1.0), 0.0) * min(1.0, gains.mouth)
        wanted = np.where(closing > 0, self._gaps * (1.0 - closing), gaps)
        wanted = np.maximum(wanted, np.minimum(self._gaps, 0.0))
        excess = (gaps - wanted)[:, None] * self._down / 2
        for uppers, lowers, share in _LIP_ROWS:
            face[uppers] += share * excess
            face[lowers] -= share * excess

    def _open_lids(self, face: Points, eye: EyeIndices, ratio: float) -> None:
        """Set an opening; lids that shut meet on a smooth line near the lower one."""
        upper, lower = lid_indices(eye)
        own, gap = self._eyes[eye].opening, self._eyes[eye].gap
        meeting = _bow(face[eye.outer], face[eye.inner], face[lower] + LIDS_MEET * own)
        face[lower] += max(0.0, 1.0 - ratio) * (meeting - face[lower])
        if ratio <= 1.0:
            face[upper] = face[lower] + lid_share(ratio, gap) * own
        else:
            more = widened_share(ratio, gap) - 1.0
            face[upper] = face[lower] + own + more * _opening_curve(own, gap)

    def _look(self, face: Points, eye: EyeIndices, gaze: Points) -> None:
        """Move an iris between its corners; the eyeball itself stays in its socket."""
        own = self._eyes[eye]
        way = (face[eye.outer] + face[eye.inner]) / 2.0 - own.middle
        way[:2] += own.axes @ soft_limited(gaze, FARTHEST_GAZE)
        face[own.iris] += way

    def _turned(self, turn: Points) -> Points:
        """Return the rotation (3, 3) that the portrait's head can follow of a turn (3,)."""
        return rotation_from_vector(self._held_back(soft_limited(turn, FARTHEST_TURN)))

    def _head(self, motion: FaceMotion, gains: FaceGains, turn: Points) -> Similarity:
        growth = soft_limited(gains.shift * motion.growth, FARTHEST_GROWTH)
        scale = math.exp(growth[0])
        shift = self._unit * soft_limited(gains.shift * motion.shift, FARTHEST_SHIFT)
        joint = self._joint + np.append(shift, 0.0)
        return Similarity(scale, turn, joint - scale * turn @ self._joint)

    def _held_back(self, turn: Points) -> Points:
        """Limit a turn's part that would show the side which the portrait hides."""
        start, end = LOOKS_ASIDE
        hides = min(max((abs(self._aside) - start) / (end - start), 0.0), 1.0)
        if hides == 0.0 or turn[1] * self._aside >= 0.0:
            return turn
        limited = soft_limited(turn[1:2], REVEALING_TURN)[0]
        return np.array([turn[0], turn[1] + hides * (limited - turn[1]), turn[2]])


def _looks_aside(portrait: Points) -> float:
    """Return how far a portrait's head is turned about the vertical, in radians."""
    rigid = list(RIGID)
    rotation = fit_similarity(average_face()[rigid].astype(np.float64), portrait[rigid]).rotation
    nose = rotation @ np.array([0.0, 0.0, -1.0])
    return float(np.arctan2(-nose[0], -nose[2]))


def lid_share(ratio: float, gap: float) -> float:
    """Return how much of a portrait's opening remains at a driver's ratio of openings.

    Large eyes have a longer way to go, and half-shut ones would look wide open still: below 1
    their lids come down faster, as if near the end they were of usual size.

    Args:
        ratio: The driver's opening over that of the reference.
        gap: The portrait's opening in widths of the eye.
    """
    usual = min(1.0, USUAL_OPENING / max(gap, 1e-6))
    return ratio * (ratio + (1.0 - ratio) * usual)


def widened_share(ratio: float, gap: float) -> float:
    """Return how many times as wide as in the portrait an eye opens.

    Args:
        ratio: The driver's opening over that of the reference, at least 1.
        gap: The portrait's opening in widths of the eye.
    """
    gap = max(gap, 1e-6)
    more = (ratio - 1.0) * max(gap - SHUT_EYE, LEAST_OPENING[1]) / gap
    room = max(WIDENING, _WIDE_OPEN / gap - 1.0)
    return 1.0 + room * float(np.tanh(more / room))


def _opening_curve(own: Points, gap: float) -> Points:
    """Return (9, 3), the way of an upper lid that opens by its own opening once more.

    Args:
        own: (9, 3), from the lower to the upper lid.
        gap: Their distance in widths of the eye.
    """
    shut = float(np.clip((_HALF_SHUT[0] - gap) / (_HALF_SHUT[0] - _HALF_SHUT[1]), 0.0, 1.0))
    if shut == 0.0:
        return own
    along = np.linspace(0.0, 1.0, len(own) + 2)[1:-1]
    bow = along * (1.0 - along)
    bow /= np.median(bow)
    height = float(np.median(np.linalg.norm(own, axis=1)))
    up = own.sum(axis=0)
    up = up / max(float(np.linalg.norm(up)), 1e-9)
    return (1.0 - shut) * own + shut * height * bow[:, None] * up


def _bow(start: Points, end: Points, points: Points) -> Points:
    """Return points (N, 3) brought onto the parabola between two ends that fits them best."""
    chord = end - start
    along = (points - start) @ chord / max(float(chord @ chord), 1e-9)
    along = np.minimum(np.maximum(along, 0.0), 1.0)
    rise = 4.0 * along * (1.0 - along)
    straight = start + along[:, None] * chord
    bend = rise @ (points - straight) / max(float(rise @ rise), 1e-9)
    return straight + rise[:, None] * bend


def _heading(rotation: Points) -> Points:
    """Return the part of a rotation (3, 3) that turns a head aside.

    A portrait that looks aside nods along its own nose. How far it is tilted is no matter: necks
    stand upright, and what the tracker takes for a tilt of a drawing would turn yaw into roll.
    """
    angle = math.atan2(rotation[0, 2], rotation[2, 2])
    cosine, sine = math.cos(angle), math.sin(angle)
    return np.array([[cosine, 0.0, sine], [0.0, 1.0, 0.0], [-sine, 0.0, cosine]])


def soft_limited(vector: Points, limits: tuple[float, float]) -> Points:
    """Return a vector whose length bends from the first limit on and never passes the second.

    Below the first limit nothing changes; the slope is continuous there.
    """
    start, end = limits
    length = length_of(vector)
    if length <= start:
        return vector
    return vector * ((start + (end - start) * math.tanh((length - start) / (end - start))) / length)

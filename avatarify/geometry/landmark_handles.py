"""A face's landmarks bent by a few handles that a person can set by hand.

Between the handles a thin-plate spline carries the displacement (Bookstein, "Principal Warps",
PAMI 1989): it is zero where nothing was moved, exact at the handles, and any affine motion of all
handles is the same motion of all landmarks. The outline has only four handles; between them it is
kept round by points that go half the way with both neighbours.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from avatarify.geometry.face_mesh import CHIN, EYES, FOREHEAD, LEFT_EYE, RIGHT_EYE, EyeIndices

Points = NDArray[np.floating]


class Handle(NamedTuple):
    """A landmark that can be set by hand."""

    name: str
    """As the user knows it; right and left are the person's own."""
    landmark: int


HANDLES = (
    Handle("Forehead", FOREHEAD),
    Handle("Right brow", 105),
    Handle("Left brow", 334),
    Handle("Right eye, outer corner", RIGHT_EYE.outer),
    Handle("Right eye, upper lid", 159),
    Handle("Right eye, lower lid", 145),
    Handle("Right eye, inner corner", RIGHT_EYE.inner),
    Handle("Left eye, inner corner", LEFT_EYE.inner),
    Handle("Left eye, upper lid", 386),
    Handle("Left eye, lower lid", 374),
    Handle("Left eye, outer corner", LEFT_EYE.outer),
    Handle("Right side of the face", 234),
    Handle("Left side of the face", 454),
    Handle("Tip of the nose", 1),
    Handle("Right corner of the mouth", 61),
    Handle("Upper lip", 0),
    Handle("Lower lip", 17),
    Handle("Left corner of the mouth", 291),
    Handle("Chin", CHIN),
)
"""From top to bottom; the middle of a line where it is a line."""

_RIDGE = 1e-6
"""Keeps the spline soluble where two handles lie in one place, as those of a shut eye may."""

_BETWEEN = {54: (FOREHEAD, 234), 284: (FOREHEAD, 454), 172: (CHIN, 234), 397: (CHIN, 454)}
"""Landmarks of the outline between two handles."""

_LANDMARKS = [handle.landmark for handle in HANDLES]


def handle_places(landmarks: Points) -> NDArray[np.float64]:
    """Return (K, 2), where the handles of a face (478, 3) are."""
    return np.array(landmarks[_LANDMARKS, :2], dtype=np.float64)


class LandmarkBend:
    """Bends one face; made once, called whenever a handle has moved.

    Example:
        >>> bend = LandmarkBend(landmarks)
        >>> places = bend.places.copy()
        >>> places[0] += (0, -4)
        >>> bent = bend(places)
    """

    def __init__(self, landmarks: Points) -> None:
        """Take the face as it is now.

        Args:
            landmarks: (478, 3) x, y, depth, in any unit.

        Raises:
            ValueError: They are not finite, or all in one place.
        """
        if not np.isfinite(landmarks).all():
            raise ValueError("landmarks must be finite")
        self._landmarks = np.array(landmarks, dtype=np.float64)
        self.places = handle_places(landmarks)
        """(K, 2), where the handles are at rest."""
        followers = self._landmarks[list(_BETWEEN), :2]
        knots = np.vstack([self.places, followers])
        follow = np.vstack([np.eye(len(HANDLES)), _following(self.places, followers)])
        self._shares = _spline_shares(knots, self._landmarks[:, :2]) @ follow

    def __call__(self, places: Points) -> NDArray[np.float64]:
        """Return the landmarks (478, 3) with the handles at `places` (K, 2).

        Irises stay round and keep their place between the lids. Depth grows with the face.
        """
        moved = self._landmarks.copy()
        moved[:, :2] += self._shares @ (places - self.places)
        moved[:, 2] *= _spread(places) / _spread(self.places)
        for eye in EYES:
            self._carry_iris(moved, eye)
        return moved

    def _carry_iris(self, moved: NDArray[np.float64], eye: EyeIndices) -> None:
        """Turn and scale the rim as the eye's corners were: a spline would make it oval."""
        start = _chord(self._landmarks, eye)
        turn = _chord(moved, eye) / start
        rim, iris = list(eye.rim), eye.iris
        offsets = self._landmarks[rim, :2] - self._landmarks[iris, :2]
        turned = (offsets[:, 0] + 1j * offsets[:, 1]) * turn
        moved[rim, :2] = moved[iris, :2] + np.column_stack([turned.real, turned.imag])


def _following(handles: Points, followers: Points) -> NDArray[np.float64]:
    """Return (M, K): how much of each handle's displacement arrives at followers (M, 2).

    The affine map that fits all displacements best, and half of what it leaves at both neighbours.
    """
    places = np.vstack([handles, followers])
    middle, unit = handles.mean(axis=0), max(_spread(handles), 1e-9)
    affine = _affine((places - middle) / unit)
    fitted = affine @ np.linalg.pinv(affine[: len(handles)])
    left = np.eye(len(handles)) - fitted[: len(handles)]
    neighbours = [[_LANDMARKS.index(end) for end in ends] for ends in _BETWEEN.values()]
    return fitted[len(handles) :] + np.stack([left[pair].mean(axis=0) for pair in neighbours])


def _spline_shares(knots: Points, points: Points) -> NDArray[np.float64]:
    """Return (N, K): how much of each knot's displacement arrives at each point."""
    middle, unit = knots.mean(axis=0), _spread(knots)
    if unit <= 0:
        raise ValueError("landmarks must not all lie in one place")
    knots, points = (knots - middle) / unit, (points - middle) / unit
    count = len(knots)
    system = np.zeros((count + 3, count + 3))
    system[:count, :count] = _plate(knots, knots) + _RIDGE * np.eye(count)
    system[:count, count:] = _affine(knots)
    system[count:, :count] = _affine(knots).T
    solved = np.linalg.inv(system)[:, :count]
    return np.hstack([_plate(points, knots), _affine(points)]) @ solved


def _plate(points: Points, knots: Points) -> NDArray[np.float64]:
    """r² log r, as ½ r² log r²."""
    squared = ((points[:, None] - knots[None]) ** 2).sum(axis=2)
    return 0.5 * squared * np.log(np.maximum(squared, 1e-18))


def _affine(points: Points) -> NDArray[np.float64]:
    return np.column_stack([np.ones(len(points)), points])


def _spread(points: Points) -> float:
    return float(np.sqrt(((points - points.mean(axis=0)) ** 2).sum(axis=1).mean()))


def _chord(landmarks: Points, eye: EyeIndices) -> complex:
    x, y = landmarks[eye.inner, :2] - landmarks[eye.outer, :2]
    return complex(x, y) or complex(1e-9)

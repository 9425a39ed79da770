"""How one face tracker's points agree with another's, frame by frame over a clip.

Distances are over that of the irises. What moves is compared over time: the correlation says
whether a gap opens when the other's does, the gain by how much.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avatarify.networks.landmark_points import LEFT_EYE_POINTS, MOUTH_POINTS, RIGHT_EYE_POINTS

Track = NDArray[np.float32]
"""(N, 478, 2 or 3), one face's points in N frames."""

Series = NDArray[np.floating]

LIDS = RIGHT_EYE_POINTS[:16] + LEFT_EYE_POINTS[:16]

_LID_PAIRS = (
    ((159, 145), (158, 153), (160, 144)),
    ((386, 374), (385, 380), (387, 373)),
)
_CORNERS = ((33, 133), (263, 362))
_IRISES = (468, 473)
_BROWS = ((105, 66, 52), (334, 296, 282))
_INNER_GAPS = ((13, 14), (82, 87), (312, 317))


@dataclass(frozen=True, slots=True)
class Agreement:
    """One movement over a clip."""

    correlation: float
    """Of both trackers' values; NaN where one of them stands still."""

    gain: float
    """By how much this tracker's value moves for 1 of the other's."""


@dataclass(frozen=True, slots=True)
class TrackScore:
    """How a tracker's points compare with another's on one clip."""

    frames: int
    """In which both found the face."""

    found: float
    """Share of the other's frames in which this tracker found the face too."""

    all_points: float
    """Mean distance over that of the irises."""

    lips: float
    """The same of the lips."""

    lids: float
    """The same of the lids."""

    movements: dict[str, Agreement]
    """By the names of `movements`."""


def score_track(track: Track, truth: Track, found: float = 1.0) -> TrackScore:
    """Compare two tracks of the same frames.

    Args:
        track: (N, 478, 2 or 3), in pixels.
        truth: The other tracker's, in the same pixels.
        found: Share of the truth's frames that `track` has.
    """
    unit = np.linalg.norm(truth[:, 468, :2] - truth[:, 473, :2], axis=1)
    distance = np.linalg.norm(track[..., :2] - truth[..., :2], axis=2) / unit[:, None]
    ours, theirs = movements(track), movements(truth)
    return TrackScore(
        len(track),
        found,
        float(distance.mean()),
        float(distance[:, MOUTH_POINTS].mean()),
        float(distance[:, LIDS].mean()),
        {name: agreement(ours[name], theirs[name]) for name in theirs},
    )


def movements(track: Track) -> dict[str, Series]:
    """Return what moves in a face, each (N,), over the distance of the outer eye corners."""
    points = track[..., :2].astype(np.float64)
    unit = _distance(points, 33, 263)
    eyes = range(2)
    lids = [np.mean([_distance(points, *p) for p in _LID_PAIRS[e]], axis=0) for e in eyes]
    return {
        "lip gap": np.mean([_distance(points, *pair) for pair in _INNER_GAPS], axis=0) / unit,
        "mouth width": _distance(points, 61, 291) / unit,
        "lids": np.mean(lids, axis=0) / unit,
        "gaze": np.mean([_gaze(points, _IRISES[e], *_CORNERS[e]) for e in eyes], axis=0) / unit,
        "brows": np.mean([_brow(points, _BROWS[e], *_CORNERS[e]) for e in eyes], axis=0) / unit,
    }


def agreement(ours: Series, theirs: Series) -> Agreement:
    """Compare two series of one length."""
    a, b = ours - ours.mean(), theirs - theirs.mean()
    shared, own, other = float(a @ b), float(a @ a), float(b @ b)
    if min(own, other) <= 0.0:
        return Agreement(float("nan"), float("nan"))
    return Agreement(shared / float(np.sqrt(own * other)), shared / other)


def _distance(points: NDArray[np.float64], a: int, b: int) -> NDArray[np.float64]:
    distance: NDArray[np.float64] = np.linalg.norm(points[:, a] - points[:, b], axis=1)
    return distance


def _gaze(points: NDArray[np.float64], iris: int, outer: int, inner: int) -> NDArray[np.float64]:
    """Return how far the iris lies to the picture's right of its lids' corners' middle."""
    along = points[:, 263] - points[:, 33]
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    away = points[:, iris] - (points[:, outer] + points[:, inner]) / 2.0
    return np.asarray((away * along).sum(axis=1))


def _brow(
    points: NDArray[np.float64], brow: tuple[int, ...], outer: int, inner: int
) -> NDArray[np.float64]:
    """Return how high the brow is above the lids' corners."""
    along = points[:, 263] - points[:, 33]
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    up = np.column_stack((along[:, 1], -along[:, 0]))
    away = points[:, brow].mean(axis=1) - (points[:, outer] + points[:, inner]) / 2.0
    return np.asarray((away * up).sum(axis=1))

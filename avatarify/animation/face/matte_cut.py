"""Cutting a person out of a picture: colours and edges join what the landmarks say.

The cut is the smallest sum of two costs: what each pixel's odds say against its side, and the
length of the outline, cheap along edges. It is found over fractions u in [0, 1] instead of yes and
no (Unger, Pock, Trobin, Cremers and Bischof, "TVSeg", BMVC 2008), where the problem is convex: the
best outline, rounded everywhere alike instead of along pixel rows, whatever the start.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.animation.face.matte_colours import ColourCounts
from avatarify.animation.face.matte_prior import PersonPrior
from avatarify.animation.face.matte_reach import reach
from avatarify.frames import Image

Plane = NDArray[np.float32]

_ROUNDS = 3
_STEPS = 120
_MOST_COLOUR = 2.6
"""Colours say no more than this, in log odds."""

_MOST_REACH, _MOST_REACH_HAIR = 1.0, 1.9
"""Edges on the way say no more than this, in log odds: furniture reaches up to shoulders."""

_SMOOTH = 0.3
"""Changes of colour that are no edge, in parts of the picture's mean change per pixel."""

_STEEP = 2.0
"""Changes beyond this count no more: the edge of skin and hair is no farther than hair's own."""

_SURE = 3.4
_SURE_PERSON = 2.6
_ROOM_PERCENT = 8
"""Ways begin where log odds are beyond these; so many pixels are the room's at least."""

_DOUBT, _SHARP, _FAITH = 3.0, 2.0, 0.3
"""Prior log odds below the first do not show what colours the person has: a piece of furniture
beside the head would. So much of that first guess stays in all later ones."""

_LENGTH = 8.0
"""Cost of an outline's pixel where there is no edge."""


def cut_person(picture: Image, prior: PersonPrior) -> Plane:
    """Find which pixels are the person.

    Args:
        picture: RGB (H, W, 3), a few hundred pixels wide.
        prior: For the same pixels.

    Returns:
        (H, W) in [0, 1], mostly near 0 or 1: at least 0.5 is the person.
    """
    colours = cv2.cvtColor(picture, cv2.COLOR_RGB2LAB).astype(np.uint8)
    change = _change(colours)
    length = _edge_cost(change)
    counts = ColourCounts(colours, prior.face_height)
    belief = _likely(prior.log_odds)
    near = prior.log_odds + _reach_odds(change, prior, prior.log_odds)
    guess = _likely(near)
    for _ in range(_ROUNDS):
        odds = prior.log_odds + counts.odds(guess, _MOST_COLOUR)
        near = odds + _reach_odds(change, prior, odds)
        cut = shortest_outline(near, length)
        guess = (1.0 - _FAITH) * cut + _FAITH * belief
    return cut


def _likely(log_odds: Plane) -> Plane:
    """What counts as the person's colour before any is known: only what is rather sure."""
    return 1.0 / (1.0 + np.exp(-_SHARP * (log_odds - _DOUBT)))


def _change(colours: Image) -> Plane:
    """How much the colour changes from one pixel to the next."""
    smooth = cv2.GaussianBlur(colours.astype(np.float32), (0, 0), 0.8)
    across = cv2.Scharr(smooth, cv2.CV_32F, 1, 0) / 32.0
    down = cv2.Scharr(smooth, cv2.CV_32F, 0, 1) / 32.0
    return np.sqrt((across**2 + down**2).sum(axis=2))


def _typical(change: Plane) -> float:
    return max(float(change.mean()), 0.5)


def _lowest(odds: Plane) -> float:
    return float(np.percentile(odds, _ROOM_PERCENT))


def _reach_odds(change: Plane, prior: PersonPrior, odds: Plane) -> Plane:
    """Log odds by which side's surest pixels are reached across fewer edges."""
    typical = _typical(change)
    cost = np.maximum(change / typical - _SMOOTH, 0.0)
    cost = cost / (1.0 + cost / _STEEP) + np.float32(0.001)
    room_is_sure = (prior.log_odds < -_SURE) | (odds <= _lowest(odds)) | (odds < -_SURE)
    person, room = reach(prior.log_odds > _SURE_PERSON, cost), reach(room_is_sure, cost)
    most = np.where(prior.has_hair, np.float32(_MOST_REACH_HAIR), np.float32(_MOST_REACH))
    return (most * (room - person) / (room + person + 0.3)).astype(np.float32)


def _edge_cost(change: Plane) -> Plane:
    """What a pixel of outline costs: little where colours change."""
    typical = _typical(change)
    return (_LENGTH * np.exp(-change / (1.5 * typical)) + 0.08).astype(np.float32)


def shortest_outline(log_odds: Plane, length: Plane, steps: int = _STEPS) -> Plane:
    """Minimise Σ length · |∇u| − log_odds · u over 0 ≤ u ≤ 1 (Chambolle and Pock, JMIV 2011).

    Args:
        log_odds: (H, W), positive where u wants to be 1.
        length: (H, W), the cost of one pixel of outline.
        steps: Of the iteration.
    """
    pace = np.float32(1.0 / np.sqrt(8.0))
    u = (log_odds > 0).astype(np.float32)
    ahead = u.copy()
    right, down = np.zeros_like(u), np.zeros_like(u)
    for _ in range(steps):
        right[:, :-1] += pace * (ahead[:, 1:] - ahead[:, :-1])
        down[:-1] += pace * (ahead[1:] - ahead[:-1])
        shrink = np.maximum(1.0, np.sqrt(right * right + down * down) / length)
        right /= shrink
        down /= shrink
        before = u
        u = np.clip(u + pace * (_divergence(right, down) + log_odds), 0.0, 1.0)
        ahead = 2.0 * u - before
    return u


def _divergence(right: Plane, down: Plane) -> Plane:
    total = right + down
    total[:, 1:] -= right[:, :-1]
    total[1:] -= down[:-1]
    return total

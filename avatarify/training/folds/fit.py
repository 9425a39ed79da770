"""Fits the skin's folds: ridge regression of shades on motion, every person counting alike."""

import logging
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from avatarify.geometry.average_face import average_face
from avatarify.geometry.face_mesh import MESH_COUNT
from avatarify.geometry.skin_folds import SkinFolds
from avatarify.training.clip_cache import Clip
from avatarify.training.folds.observed import Observed, mirrored, observe
from avatarify.training.folds.settings import FoldSettings

logger = logging.getLogger(__name__)

Points = NDArray[np.floating]

_LOWER = 0.02
"""Landmarks so far below the outer corners of the eyes, in distances between them, tell how the
lower face moves."""

_FRAMES_FOR_DIRECTIONS = 75
"""Of each clip: long ones would decide alone which ways faces move."""


class PersonSeen(NamedTuple):
    """A clip's two looks, and whose they are."""

    person: str
    looks: tuple[Observed, Observed]


def see(clips: Sequence[Clip], settings: FoldSettings) -> list[PersonSeen]:
    """Look at all clips that are long enough and whose people are not kept for validation."""
    seen = []
    for clip in clips:
        if clip.person in settings.excluded_people:
            continue
        looks = observe(clip, settings.frames, settings.band)
        if looks is not None:
            seen.append(PersonSeen(clip.person, looks))
            logger.info("%s: %d frames", clip.name, len(looks[0].moved))
    return seen


def fit_folds(seen: Sequence[PersonSeen], settings: FoldSettings) -> SkinFolds:
    """Return the folds of the mean person.

    Args:
        seen: What clips show, see `see`; at least one.
        settings: How many directions, and how stiff.
    """
    directions = _directions(seen, settings.directions)
    steps = [[look.moved @ directions.T for look in one.looks] for one in seen]
    scale = np.concatenate([pair[0] for pair in steps]).std(axis=0) + 1e-12
    clips_of = Counter(one.person for one in seen)
    squares, products = np.zeros((len(scale), len(scale))), 0.0
    for one, pair in zip(seen, steps, strict=True):
        # of more frames, only the square root tells more: neighbours are alike
        weight = 1.0 / np.sqrt(len(pair[0])) / clips_of[one.person] / len(seen)
        for step, look in zip(pair, one.looks, strict=True):
            scaled = step / scale
            squares += weight * scaled.T @ scaled
            products = products + weight * scaled.T @ look.shade
    stiff = settings.stiffness * np.eye(len(scale))
    shades = np.linalg.solve(squares + stiff, products) / scale[:, None]
    return SkinFolds(directions, shades)


def explained(folds: SkinFolds, one: PersonSeen) -> float:
    """Return the share of a person's variance of shades that folds explain; below 0 they harm."""
    look = one.looks[0]
    told = np.stack([folds.change(moved) for moved in look.moved])
    told -= told.mean(axis=0)
    return 1.0 - float(((look.shade - told) ** 2).sum() / (look.shade**2).sum())


def _directions(seen: Sequence[PersonSeen], count: int) -> Points:
    """Return (K, 1404), the ways in which lower halves of faces and their mirror images move."""
    stride = [max(1, len(one.looks[0].moved) // _FRAMES_FOR_DIRECTIONS) for one in seen]
    moved = np.concatenate(
        [one.looks[0].moved[::step] for one, step in zip(seen, stride, strict=True)]
    )
    both = np.concatenate([moved, mirrored(moved)]).reshape(-1, MESH_COUNT, 3)
    lower = average_face()[:MESH_COUNT, 1] > _LOWER
    flat = (both * lower[None, :, None]).reshape(len(both), -1)
    directions: Points = np.linalg.svd(flat, full_matrices=False)[2][:count]
    return directions

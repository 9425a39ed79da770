"""How skin brightens and darkens while a face moves: the folds beside a smile, a pushed-up chin.

Skin that bends shades itself, and no warp of a picture can show that. The ratio of two pictures of
one face, laid by its landmarks, is free of the face's own colour (Liu, Shan and Zhang, "Expressive
Expression Mapping with Ratio Images", SIGGRAPH 2001, equation 4). Here its logarithm is linear in
where the landmarks went, along a few directions in which the lower half of faces moves, and is then
bent: the small shades of talking are noise, the deep ones of a laugh are what a mean of many people
blurs.
"""

import functools
import io
from importlib.resources import files
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from avatarify.geometry.average_face import average_face
from avatarify.geometry.face_mesh import (
    EYES,
    FACE_TRIANGLE_COUNT,
    INNER_LIPS,
    MESH_COUNT,
    OVAL,
    face_triangles,
)
from avatarify.geometry.face_motion import face_unit

Points = NDArray[np.floating]

CELL = 0.0355
"""Side of a cell of the map, in distances of the outer eye corners."""

_TOP = 0.19
"""How far below the eyes' outer corners the map begins, in the same unit."""

_SPARED = ((INNER_LIPS, 0.03), (OVAL, 0.09), (EYES[0].loop, 0.07), (EYES[1].loop, 0.07))
"""Landmarks, and how far from them the map ends: edges that the tracker meets now and then."""

_STRENGTH, _KNEE = 4.0, 0.1
"""Logarithms of ratios far above the knee are shown so many times as strong, those far below it
hardly: people differ in where exactly they fold, so that the mean of them is too weak."""


class FoldMap(NamedTuple):
    """Where on a face the ratio is known: cells of a map, each in a triangle of the mesh."""

    corners: NDArray[np.intp]
    """(P, 3), landmarks."""
    weights: Points
    """(P, 3), how near each cell is to each of them; a row's sum is 1."""
    cells: NDArray[np.intp]
    """(P, 2), column and row in the map, which is symmetric."""

    def places(self, landmarks: Points) -> Points:
        """Return (P, 2), where the cells lie on a face, in the unit of its landmarks (468+, 2+)."""
        corners = landmarks[self.corners.reshape(-1), :2].reshape(-1, 3, 2)
        places: Points = np.einsum("pc,pcx->px", self.weights, corners)
        return places


@functools.lru_cache(maxsize=1)
def fold_map() -> FoldMap:
    """Return the map of the lower face, seen from the front."""
    face = average_face()[:MESH_COUNT]
    flat = face[:, :2] / (CELL * face_unit(face))
    reach = np.ceil(np.abs(flat).max(axis=0)).astype(int)
    columns, rows = (np.arange(-each, each + 1) for each in reach)
    cells = np.stack(np.meshgrid(columns, rows), axis=-1).reshape(-1, 2)
    cells = cells[cells[:, 1] > _TOP / CELL]
    for seeds, distance in _SPARED:
        ways = np.linalg.norm(cells[:, None] - flat[list(seeds)], axis=2)
        cells = cells[ways.min(axis=1) > distance / CELL]
    skin = face_triangles()[:FACE_TRIANGLE_COUNT]
    corners, weights, is_skin = _located(cells, flat, skin)
    return FoldMap(corners[is_skin], weights[is_skin], cells[is_skin])


def _located(
    cells: NDArray[np.intp], flat: Points, triangles: NDArray[np.integer]
) -> tuple[NDArray[np.intp], Points, NDArray[np.bool_]]:
    """Return the triangles around cells, the weights of their corners, and where there are any."""
    first = flat[triangles[:, 0]]
    sides = np.stack([flat[triangles[:, each]] - first for each in (1, 2)], axis=2)
    inverse = np.linalg.pinv(sides)
    shares = np.einsum("tij,ptj->pti", inverse, cells[:, None] - first)
    weights = np.concatenate([1.0 - shares.sum(axis=2, keepdims=True), shares], axis=2)
    depth = weights.min(axis=2)
    best = depth.argmax(axis=1)
    rows = np.arange(len(cells))
    return triangles[best].astype(np.intp), weights[rows, best], depth[rows, best] > -1e-6


class SkinFolds(NamedTuple):
    """The linear model."""

    directions: Points
    """(K, 1404), ways of the landmarks' motion (468, 3), in distances of the outer eye corners."""
    shades: Points
    """(K, P), logarithm of how much brighter cells of `fold_map` become on one step each way."""

    def change(self, expression: Points) -> Points:
        """Return (P,), logarithm of how much brighter cells become.

        Args:
            expression: (468, 3), how landmarks moved with the head held still, in distances of the
                outer eye corners.
        """
        linear = (self.directions @ expression.reshape(-1)) @ self.shades
        return strengthened(linear)


def strengthened(linear: Points) -> Points:
    """Bend logarithms of ratios: small ones shrink, large ones grow."""
    size = np.abs(linear)
    bent: Points = _STRENGTH * linear * size / (size + _KNEE)
    return bent


@functools.lru_cache(maxsize=1)
def usual_folds() -> SkinFolds:
    """Return the model that comes with the program: see models/FACE_CARD.md."""
    kept = files("avatarify.geometry").joinpath("skin_folds.npz").read_bytes()
    with np.load(io.BytesIO(kept), allow_pickle=False) as file:
        return SkinFolds(file["directions"].astype(np.float64), file["shades"].astype(np.float64))

"""Skin that a portrait hides or shows at a slant, for the moment when it turns to the viewer.

A portrait that looks to the side shows one cheek, and of the other one a sliver that is half hair
and room. Where a triangle faces the viewer better than it did in the portrait, and its mirror image
on the other side of the head faced the viewer then, it takes the colours of that, the more so the
less was seen of its own: faces are nearly symmetric. At rest nothing is taken.
"""

import numpy as np
from numpy.typing import NDArray

from avatarify.animation.face.sheet import Sheet
from avatarify.frames import Image
from avatarify.geometry.face_mesh import FACE_TRIANGLE_COUNT, MESH_COUNT, OVAL, face_triangles

Floats = NDArray[np.floating]

_SLANT = (0.3, 0.5)
"""Cosines between skin and viewer in the portrait, up to which skin is not believed at all, and
from which on it is."""

_BETTER = (0.1, 0.3)
"""By how much the mirror image faces the viewer better, to be taken at all, and taken whole."""

_TURNED = (0.02, 0.14)
"""By how much the triangle faces the viewer better than in the portrait, for the same."""

_RINGS = (1.0, 0.5)
"""How much the rings next to the face take part, from the inner one outwards: ears do, hair is not
alike on both sides."""

_LEAST = 0.03
"""Faces with less of their surface in doubt have nothing to mend."""

_MOST_LIT = (0.5, 1.6)
"""Light on the hidden side over that on the other one, at least and at most."""


class HiddenSkin:
    """Which parts of a portrait's mesh the portrait itself hardly shows."""

    def __init__(self, sheet: Sheet, picture: Image) -> None:
        """Look at the portrait at rest.

        Args:
            sheet: The mesh.
            picture: RGB (H, W, 3), the portrait, for the light on both sides.
        """
        normals = _vertex_normals(sheet)
        self._normals = _unit(normals[sheet.triangles].sum(axis=1))
        mirrored = _unit(normals[sheet.mirrored_triangles].sum(axis=1))
        facing, better = self._normals[:, 2], mirrored[:, 2] - self._normals[:, 2]
        self._doubt = (1.0 - _ramp(facing, _SLANT)) * _ramp(better, _BETTER) * _near_face(sheet)
        self._facing = np.maximum(facing, 0.0)
        self.is_any = float(self._doubt[:FACE_TRIANGLE_COUNT].mean()) > _LEAST
        """Whether there is anything to mend."""
        self.light = _light(sheet, picture, better > _BETTER[0])
        """(3,), by how much the mirror image is brighter or darker here, of each colour."""

    def shares(self, rotation: Floats) -> NDArray[np.float32]:
        """Return (T,), how much each triangle takes of its mirror image, 0 to 1.

        Args:
            rotation: (3, 3), of the head since the portrait.
        """
        now = self._normals @ rotation[2]
        shares: NDArray[np.float32] = (self._doubt * _ramp(now - self._facing, _TURNED)).astype(
            np.float32
        )
        return shares


def _near_face(sheet: Sheet) -> Floats:
    """Return (T,), 1 in the face, less in the rings around it."""
    shares = np.ones(len(sheet.triangles))
    around = 2 * len(OVAL)
    shares[FACE_TRIANGLE_COUNT:] = 0.0
    for ring, share in enumerate(_RINGS):
        start = len(face_triangles()) + ring * around
        shares[start : start + around] = share
    return shares


def _vertex_normals(sheet: Sheet) -> Floats:
    """Return (V, 3), unit normals; their third coordinate is the cosine to the viewer."""
    corners = sheet.rest[sheet.triangles]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals *= np.where(_is_wound_like_the_face(normals, sheet.front_count), 1.0, -1.0)[:, None]
    sums = np.zeros_like(sheet.rest)
    for corner in range(3):
        np.add.at(sums, sheet.triangles[:, corner], normals)
    return _unit(sums)


def _is_wound_like_the_face(normals: Floats, front_count: int) -> NDArray[np.bool_]:
    """Return (T,), whether a triangle's normal points out of the head.

    Triangles of the face are all wound one way, those of the rings another; most of either faces
    the viewer, whose side has positive cosines here.
    """
    parts = np.split(normals[:, 2], [FACE_TRIANGLE_COUNT, front_count])
    return np.concatenate([np.full(len(part), np.median(part) > 0) for part in parts])


def _light(sheet: Sheet, picture: Image, is_hidden: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Compare the skin that both sides show: (3,), the hidden side's over the other one's."""
    corners, others = sheet.triangles, sheet.mirrored_triangles
    is_skin = np.arange(len(corners)) < FACE_TRIANGLE_COUNT
    chosen = is_hidden & is_skin & (corners < MESH_COUNT).all(axis=1)
    if chosen.sum() < 12:
        return np.ones(3, np.float32)
    height, width = picture.shape[:2]

    def seen(triangles: NDArray[np.int32]) -> Floats:
        places = sheet.rest[triangles[chosen]].mean(axis=1)[:, :2].astype(int)
        x, y = np.clip(places[:, 0], 0, width - 1), np.clip(places[:, 1], 0, height - 1)
        return np.median(picture[y, x].astype(np.float64), axis=0)

    ratio = seen(corners) / np.maximum(seen(others), 1.0)
    return np.clip(ratio, *_MOST_LIT).astype(np.float32)


def _unit(vectors: Floats) -> Floats:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Floats = vectors / np.maximum(lengths, 1e-9)
    return unit


def _ramp(value: Floats, ends: tuple[float, float]) -> Floats:
    part = np.clip((value - ends[0]) / (ends[1] - ends[0]), 0.0, 1.0)
    return part * part * (3.0 - 2.0 * part)

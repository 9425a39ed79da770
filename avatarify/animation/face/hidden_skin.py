"""Skin that a turned portrait hides, for the moment when it turns the other way.

A portrait that looks to the side shows one cheek, and hair behind the other one. Where a moved
triangle would look up something that lies in front of it in the portrait, it looks up its mirror
image on the other side of the head instead: faces are nearly symmetric.
"""

import numpy as np
from numpy.typing import NDArray

from avatarify.animation.face.sheet import Sheet
from avatarify.geometry.face_mesh import FACE_TRIANGLE_COUNT
from avatarify.geometry.face_motion import face_unit
from avatarify.geometry.triangle_flow import TriangleFlow, affine_maps, draw_flow, look_up

_BEHIND = 0.12
"""So much deeper than what is seen in the portrait is hidden, in distances of the eye corners."""

_LEAST = 0.08
"""Portraits that hide less of the face's surface have nothing to mend."""


_PROFILE = 0.12
"""Portraits that hide more of it hide hair and ear of that side too, which are mended as well."""


class HiddenSkin:
    """Which parts of a portrait's mesh the portrait itself does not show."""

    def __init__(self, sheet: Sheet, size: tuple[int, int], step: int) -> None:
        """Look at the portrait at rest.

        Args:
            sheet: The mesh.
            size: (height, width) of the picture.
            step: Pixels between two grid points.
        """
        self._sheet, self._step = sheet, step
        self._tolerance = _BEHIND * face_unit(sheet.rest)
        shape = (-(-size[0] // step), -(-size[1] // step))
        corners = sheet.rest[sheet.triangles]
        self._planes = _depth_planes(corners)
        rest = draw_flow(sheet.triangles, sheet.rest, sheet.rest, shape, step=step)
        self._nearest = self._depth(rest.label, rest.source)
        self._nearest[rest.label < 0] = np.inf
        self._mirrored = sheet.rest[sheet.mirrored_triangles][:, :, :2]
        share = _hidden_share(corners[:FACE_TRIANGLE_COUNT])
        self._mended = len(corners) if share > _PROFILE else FACE_TRIANGLE_COUNT
        self.is_any = share > _LEAST
        """Whether there is anything to mend."""

    def mend(
        self, flow: TriangleFlow, moved: NDArray[np.floating], offset: tuple[float, float]
    ) -> TriangleFlow:
        """Let hidden skin look up its mirror image.

        Args:
            flow: Of the moved mesh.
            moved: (V, 3), the moved vertices.
            offset: (x, y) of the flow's grid in the picture.
        """
        cells = np.floor(flow.source / self._step).astype(np.int32)
        height, width = self._nearest.shape
        x, y = np.clip(cells[..., 0], 0, width - 1), np.clip(cells[..., 1], 0, height - 1)
        behind = self._depth(flow.label, flow.source) - self._nearest[y, x]
        is_hidden = (behind > self._tolerance) & (flow.label >= 0)
        is_hidden &= flow.label < self._mended
        if not is_hidden.any():
            return flow
        maps = affine_maps(self._mirrored, moved[self._sheet.triangles][:, :, :2])
        other = look_up(maps, flow.label, offset, float(self._step))
        source = np.where(is_hidden[..., None], other, flow.source)
        return TriangleFlow(source, flow.label)

    def _depth(self, label: NDArray[np.int32], source: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return (h, w), how deep each triangle lies in the portrait at the places looked up."""
        plane = self._planes[label]
        return plane[..., 0] * source[..., 0] + plane[..., 1] * source[..., 1] + plane[..., 2]


def _depth_planes(corners: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return (T, 3), (a, b, c) with depth = a x + b y + c; of steep triangles the mean depth."""
    first, second = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    area = first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]
    across = first[:, 2] * second[:, 1] - first[:, 1] * second[:, 2]
    down = first[:, 0] * second[:, 2] - first[:, 2] * second[:, 0]
    is_flat = np.abs(area) > 0.1 * (np.abs(across) + np.abs(down))
    safe = np.where(is_flat, area, 1.0)
    slope = np.where(is_flat[:, None], np.stack([across, down], axis=1) / safe[:, None], 0.0)
    middle = corners.mean(axis=1)
    offset = middle[:, 2] - (slope * middle[:, :2]).sum(axis=1)
    return np.column_stack([slope, offset]).astype(np.float32)


def _hidden_share(corners: NDArray[np.floating]) -> float:
    """Return how much of a face's surface is turned away, 0 to 1."""
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    size = np.linalg.norm(normals, axis=1)
    faces_away = normals[:, 2] * np.sign(np.median(normals[:, 2])) < 0
    return float(size[faces_away].sum() / max(size.sum(), 1e-9))

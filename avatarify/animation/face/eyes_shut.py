"""Shut lids as a further picture shows them, while eyes close: its skin, its fold, its lashes."""

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.animation.face.face_picture import FacePicture
from avatarify.frames import Image
from avatarify.geometry.eye_outline import falling
from avatarify.geometry.face_mesh import EYES, EyeIndices, face_triangles
from avatarify.geometry.face_motion import lid_gap
from avatarify.geometry.face_transfer import MovedFace
from avatarify.geometry.triangle_flow import draw_flow

Points = NDArray[np.floating]
Floats = NDArray[np.float32]

SHUT = 0.13
"""An eye whose opening is less than this part of its width counts as shut in a further picture."""

_LEAST_CLOSING = 0.55
"""Its opening must also be less than this part of the portrait's."""

_APPEARS = (0.15, 0.5)
"""Openings, in parts of the portrait's, below which the further lids are all that is seen, and
above which nothing of them is."""

_SOFT_EDGE = 0.2
"""Width of the edge on which the further picture's skin runs into the portrait's, in eye widths."""

_RINGS = 2
"""Rings of the mesh around an eye that come from the further picture: to just below the brow."""

_GAINS = (0.4, 2.5)
"""How much the further picture may be darkened or brightened to the portrait's light."""


def shows_shut_eyes(landmarks: Points) -> bool:
    """Tell whether both eyes are shut in a picture, by its landmarks (478, 3)."""
    return all(lid_gap(landmarks, eye) < SHUT for eye in EYES)


class ShutLids:
    """Lays the shut lids of a further picture over those of the warped portrait."""

    def __init__(self, portrait: FacePicture, shut: FacePicture) -> None:
        """Take both eyes' lids out of a further picture.

        Args:
            portrait: The portrait, eyes open.
            shut: The same person with shut eyes; an eye that is not is left out.
        """
        self._lids = [
            _Lids(eye, portrait, shut) for eye in EYES if _is_shut_by(portrait, shut, eye)
        ]

    def draw(self, canvas: Image, face: MovedFace) -> None:
        """Paint the lids of eyes that close, in place.

        Args:
            canvas: RGB (H, W, 3), with skin and eyeballs of the moved face.
            face: Where the face is.
        """
        for lids in self._lids:
            lids.draw(canvas, face)


class _Lids:
    """The lids of one eye."""

    def __init__(self, eye: EyeIndices, portrait: FacePicture, shut: FacePicture) -> None:
        self._eye, self._gap = eye, lid_gap(portrait.landmarks, eye)
        around = _around(eye)
        triangles = face_triangles()
        self._triangles = triangles[np.isin(triangles, around).all(axis=1)]
        self._vertices = np.unique(self._triangles)
        self._source, self._texture = self._patch(shut)
        seen = [_mean_colour(picture, around) for picture in (portrait, shut)]
        gain = np.clip(seen[0] / np.maximum(seen[1], 1.0), *_GAINS).astype(np.float32)
        self._texture[..., :3] = np.minimum(self._texture[..., :3] * gain, np.float32(255.0))

    def _patch(self, shut: FacePicture) -> tuple[Points, Floats]:
        """Return landmarks (478, 3) in pixels of the patch, and the patch (h, w, 4), alpha 0..1."""
        points = shut.landmarks[self._vertices, :2]
        height, width = shut.picture.shape[:2]
        left, top = np.clip(np.floor(points.min(axis=0)).astype(int) - 2, 0, None).tolist()
        right, bottom = (np.ceil(points.max(axis=0)).astype(int) + 2).tolist()
        patch = shut.picture[top : min(bottom, height), left : min(right, width)]
        places = shut.landmarks - np.array([left, top, 0.0])
        covered = np.zeros((patch.shape[0] + 2, patch.shape[1] + 2), np.uint8)
        for corners in places[self._triangles, :2]:
            fixed = np.round((corners + 0.5) * 16).astype(np.int32)
            cv2.fillConvexPoly(covered, fixed, 1, cv2.LINE_8, 4)
        covered[[0, -1]] = covered[:, [0, -1]] = 0  # cut off by the picture is an edge as well
        depth = cv2.distanceTransform(covered, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)[1:-1, 1:-1]
        corners = shut.landmarks[[self._eye.outer, self._eye.inner], :2]
        edge = max(2.0, _SOFT_EDGE * float(np.linalg.norm(corners[1] - corners[0])))
        alpha = 1.0 - falling(depth.astype(np.float32), 0.5, edge)
        return places, np.dstack([patch.astype(np.float32), alpha]).astype(np.float32)

    def draw(self, canvas: Image, face: MovedFace) -> None:
        openness = lid_gap(face.landmarks, self._eye) / max(self._gap, 1e-6)
        share = float(falling(np.array(openness), *_APPEARS))
        if share <= 0.0:
            return
        points = face.landmarks[self._vertices, :2]
        low = np.maximum(np.floor(points.min(axis=0)).astype(int) - 1, 0)
        high = np.minimum(np.ceil(points.max(axis=0)).astype(int) + 1, canvas.shape[1::-1])
        width, height = (high - low).tolist()
        if width < 2 or height < 2:
            return
        flow = draw_flow(
            self._triangles,
            self._source,
            face.landmarks,
            (height, width),
            offset=(float(low[0]), float(low[1])),
            step=1.0,
        )
        seen = cv2.remap(self._texture, flow.source - np.float32(0.5), None, cv2.INTER_LINEAR)
        alpha = seen[..., 3:] * np.float32(share) * (flow.label >= 0)[..., None]
        place = canvas[low[1] : high[1], low[0] : high[0]]
        place[...] = np.round(place + alpha * (seen[..., :3] - place)).astype(np.uint8)


def _is_shut_by(portrait: FacePicture, shut: FacePicture, eye: EyeIndices) -> bool:
    gap = lid_gap(shut.landmarks, eye)
    return gap < SHUT and gap < _LEAST_CLOSING * lid_gap(portrait.landmarks, eye)


def _around(eye: EyeIndices) -> NDArray[np.int32]:
    """Return the numbers of an eye's margins and of the rings of the mesh around them."""
    triangles = face_triangles()
    found = np.array(eye.loop, np.int32)
    for _ in range(_RINGS):
        touching = np.isin(triangles, found).any(axis=1)
        found = np.unique(triangles[touching])
    return found


def _mean_colour(picture: FacePicture, vertices: NDArray[np.int32]) -> Floats:
    """Return (3,), the mean colour of the skin at landmarks."""
    soft = cv2.blur(picture.picture, (3, 3))
    x, y = np.floor(picture.landmarks[vertices, :2]).astype(int).T
    inside = (x >= 0) & (y >= 0) & (x < soft.shape[1]) & (y < soft.shape[0])
    if not inside.any():
        return np.ones(3, np.float32)
    return np.asarray(np.median(soft[y[inside], x[inside]], axis=0), np.float32)

"""The painters of a portrait: they correct what warp and layers made of its mouth and eyes.

Each looks at a small upright patch and answers with a flow, a light and a colour. These are what is
enlarged to the picture's size, never the patch itself: the picture keeps its own detail.
"""

import logging
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.animation.face.painter_file import PainterWeights, read_painters
from avatarify.animation.face.painter_graph import MakeRunner, RunPainter, painter_on_openvino
from avatarify.animation.face.painter_view import PatchView, View
from avatarify.frames import Image
from avatarify.geometry.face_mesh import EYES
from avatarify.geometry.face_patches import FacePatch
from avatarify.geometry.face_transfer import MovedFace
from avatarify.networks.painter_config import INPUTS

_LOG = logging.getLogger(__name__)

Fields = NDArray[np.float32]

_UNSEEN = 1e-3
"""A share that changes no colour by one step."""


class _Painter(NamedTuple):
    kinds: list[FacePatch]
    """The patches that it works in, of any face."""
    make_runner: MakeRunner


class FacePainters:
    """The trained painters, ready for any portrait in any thread; loaded once."""

    def __init__(self, painters: dict[str, PainterWeights]) -> None:
        """Compile the networks: on OpenVINO, or in torch where that is not installed.

        Args:
            painters: By their part of the face, "mouth" and "eyes"; either may be missing.
        """
        self._painters = {
            part: _Painter(kinds, _runner(weights, len(kinds)))
            for part, weights in painters.items()
            for kinds in [_kinds(part, weights.config.size)]
        }

    @classmethod
    def load(cls, path: Path) -> "FacePainters":
        """Load a file of painters.

        Raises:
            CheckpointError: It is missing or broken.
        """
        return cls(read_painters(path))

    def of(self, picture: Image, landmarks: NDArray[np.floating]) -> "PortraitPainters":
        """Prepare the painters for a portrait.

        Args:
            picture: RGB (H, W, 3).
            landmarks: (478, 3) in pixels of the picture, 0 its upper left corner.
        """
        return PortraitPainters(
            [
                _Part(
                    [PatchView(kind, picture, landmarks) for kind in one.kinds], one.make_runner()
                )
                for one in self._painters.values()
            ]
        )


class PortraitPainters:
    """The painters of one portrait."""

    def __init__(self, parts: "list[_Part]") -> None:
        self._parts = parts

    def draw(self, canvas: Image, face: MovedFace) -> None:
        """Correct mouth and eyes, in place; a face at rest is left as it is.

        Args:
            canvas: RGB (H, W, 3), the moved portrait with all its layers.
            face: Where its landmarks went.
        """
        for part in self._parts:
            part.draw(canvas, face)


class _Part:
    """One network, and the patches that it looks at together."""

    def __init__(self, views: list[PatchView], run: RunPainter) -> None:
        self._views, self._run = views, run
        height, width = views[0].patch.size
        self._patches = np.zeros((len(views), INPUTS, height, width), np.float32)
        for patch, view in zip(self._patches, views, strict=True):
            patch[3:6] = view.rest.transpose(2, 0, 1) * np.float32(1 / 255)

    def draw(self, canvas: Image, face: MovedFace) -> None:
        looks = [view.look(canvas, face.landmarks) for view in self._views]
        if not any(looks):
            return
        for patch, look in zip(self._patches, looks, strict=True):
            if look is not None:
                patch[:3] = look.picture.transpose(2, 0, 1) * np.float32(1 / 255)
                patch[6:] = look.masks.transpose(2, 0, 1) * np.float32(1 / 255)
        made = self._run(self._patches)
        for fields, look in zip(made, looks, strict=True):
            if look is not None:
                lay(canvas, fields, look)


def lay(canvas: Image, fields: Fields, look: View) -> None:
    """Carry out a painter's correction in the picture, in place.

    Args:
        canvas: RGB (H, W, 3).
        fields: (6, h, w), as `FacePainter` returns them.
        look: Where the patch lies, and where it may change something.
    """
    box = _box(look, canvas.shape)
    if box is None:
        return
    x0, y0, x1, y1 = box
    shares = fields.transpose(1, 2, 0) * look.region[..., None]
    shares[..., :2] @= look.place.turn.T.astype(np.float32)
    shares[..., 2] = np.expm1(shares[..., 2])
    shares[..., 3:] *= 255.0
    grey = shares[..., 3:].mean(axis=2, keepdims=True)
    shares[..., 3:] = grey + look.tint * (shares[..., 3:] - grey)
    place = look.place.matrix()
    place[:, 2] -= x0, y0
    flow, change = (
        _enlarged(part, place, (x1 - x0, y1 - y0)) for part in (shares[..., :2], shares[..., 2:])
    )
    flow[..., 0] += np.arange(x0, x1, dtype=np.float32)
    flow[..., 1] += np.arange(y0, y1, dtype=np.float32)[:, None]
    moved = cv2.remap(canvas, flow, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    lit = moved * (1.0 + change[..., :1])
    lit += change[..., 1:]
    canvas[y0:y1, x0:x1] = np.clip(np.rint(lit), 0, 255).astype(np.uint8)


def _enlarged(part: Fields, place: NDArray[np.floating], size: tuple[int, int]) -> Fields:
    """Carry fields (h, w, C) over to a part of the picture, zero around the patch."""
    whole = cv2.warpAffine(np.ascontiguousarray(part), place, size, flags=cv2.INTER_LINEAR)
    return np.asarray(whole, np.float32)


def _box(look: View, shape: tuple[int, ...]) -> tuple[int, int, int, int] | None:
    """Return left, top, right, bottom of what may change in the picture."""
    rows = np.flatnonzero(look.region.max(axis=1) > _UNSEEN)
    columns = np.flatnonzero(look.region.max(axis=0) > _UNSEEN)
    if not len(rows) or not len(columns):
        return None
    left, right, top, bottom = columns[0] - 1, columns[-1] + 2, rows[0] - 1, rows[-1] + 2
    corners = [[left, top], [right, top], [left, bottom], [right, bottom]]
    ends = look.place.to_picture(np.array(corners, np.float64))
    low = np.maximum(np.floor(ends.min(axis=0)).astype(int), 0)
    high = np.minimum(np.ceil(ends.max(axis=0)).astype(int), [shape[1], shape[0]])
    return None if (high <= low).any() else (int(low[0]), int(low[1]), int(high[0]), int(high[1]))


def _kinds(part: str, size: tuple[int, int]) -> list[FacePatch]:
    """Return the patches that a painter works in."""
    return [FacePatch(size)] if part == "mouth" else [FacePatch(size, eye) for eye in EYES]


def _runner(weights: PainterWeights, batch: int) -> MakeRunner:
    try:
        return painter_on_openvino(weights, batch)
    except (ImportError, RuntimeError) as error:
        _LOG.info("The painters run in torch: %s", error)
    from avatarify.animation.face.painter_torch import painter_on_torch

    return painter_on_torch(weights)

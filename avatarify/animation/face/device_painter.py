"""The person painted by a graphics card: what `FacePuppet.draw` paints, in torch.

The person, the backdrop and the room's light stay on the card. Each frame brings the numbers of the
triangles, drawn by OpenCV, and their affine maps, under a megabyte; look-up, cracks, tears,
enlargement, warp, mirrored skin and composition happen there, and one finished picture comes back.

The triangles are drawn by the processor, because that takes it about two milliseconds, far to near
and one over the other, which a card without a renderer can only do one by one. Eyes and mouth are
painted over the picture by the processor: their crops are small, and a card would wait for Python
rather than compute. Float32 throughout: places need it, and colours are looked up, hardly computed.

Only live sessions ask for it: offline the same run makes the same pictures, whatever is quicker.

Written and compared with the processor's picture on torch's CPU device. Never run on CUDA: whether
it is faster there is not yet measured, so `person_painter` measures it before it is used.
"""

from typing import Any, NamedTuple

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from avatarify.animation.face.puppet import (
    LEAST_SHARE,
    MIRROR_BLUR,
    STEP,
    FacePuppet,
    MirroredSkin,
    PersonMotion,
    overlap,
)
from avatarify.frames import Image
from avatarify.geometry.device_flow import (
    blurred,
    enlarged_flow,
    look_up,
    mirrored,
    size_of_blur,
)
from avatarify.geometry.device_silhouette import DeviceSurfaces
from avatarify.geometry.face_transfer import MovedFace
from avatarify.geometry.fine_flow import EDGE_BLUR
from avatarify.geometry.silhouette import NOWHERE
from avatarify.geometry.similarity import Similarity
from avatarify.geometry.triangle_flow import grid_maps


class _Layer(NamedTuple):
    """A layer on the device, ready to be looked up."""

    colours: Tensor
    """(1, 4, H, W), 0 to 255."""
    to_grid: Tensor
    """(2, 1, 1), from pixels to the coordinates of `grid_sample`."""

    @classmethod
    def of(cls, layer: NDArray[np.uint8], device: torch.device) -> "_Layer":
        """Bring a layer RGBA (H, W, 4) to the device."""
        colours = torch.from_numpy(layer).to(device).permute(2, 0, 1).float()[None].contiguous()
        sides = torch.tensor(layer.shape[1::-1], device=device)
        return cls(colours, (2.0 / (sides - 1).clamp(min=1)).view(2, 1, 1))

    def sampled(self, flow: Tensor) -> Tensor:
        """Return (4, h, w), what is seen where `flow` (2, h, w) looks, nothing beyond the edges."""
        return functional.grid_sample(
            self.colours,
            (flow * self.to_grid - 1.0).permute(1, 2, 0)[None],
            mode="bilinear",
            padding_mode="zeros",
            align_corners=True,
        )[0]


class DevicePainter:
    """Paints one portrait's person and room on a torch device; a `PersonPainter`."""

    def __init__(self, puppet: FacePuppet, device: torch.device) -> None:
        """Bring a portrait's layers to the device.

        Args:
            puppet: The portrait's layers and its mesh.
            device: Where to paint.

        Raises:
            RuntimeError: The device has no memory left, or fails.
        """
        self._puppet = puppet
        self._device = device
        self._person, self._behind = (
            _Layer.of(layer, device) for layer in (puppet.person, puppet.behind.person)
        )
        self._backdrop = torch.from_numpy(puppet.backdrop).to(device)
        light = np.append(puppet.hidden.light, np.float32(1.0))
        self._light = torch.from_numpy(light).to(device).view(4, 1, 1)
        size, sigma = EDGE_BLUR
        taps = torch.from_numpy(cv2.getGaussianKernel(size, sigma)).float().to(device)
        self._edge_taps = taps @ taps.T
        self._edge_reach = torch.arange(size, device=device) - size // 2

    @torch.inference_mode()
    def draw(self, face: MovedFace) -> Image:
        """Paint the portrait with its landmarks moved; see `FacePuppet.draw`.

        Returns:
            RGB (H, W, 3), in memory of its own.

        Raises:
            RuntimeError: The device has no memory left, or is lost.
        """
        motion = self._puppet.motion(face)
        label = self._sent(motion.label)
        has_cracks = bool(motion.label.min() < 0)
        maps = self._maps(motion.maps, motion)
        source = look_up(maps, label, has_cracks=has_cracks)
        uncovered = self._puppet.uncovered(motion, face.head)
        hidden = None if uncovered is None else self._sent(uncovered.hidden)
        if hidden is not None:
            source[:, hidden > 0] = NOWHERE
        surfaces = DeviceSurfaces(
            label, self._corners(motion), maps, self._puppet.sheet.front_count, hidden
        )
        flow, edges = enlarged_flow(source, STEP, surfaces)
        left, top = motion.left + STEP, motion.top + STEP
        size = self._puppet.size
        place = slice(STEP, STEP + size[0] - top), slice(STEP, STEP + size[1] - left)
        warped = self._seen(flow[:, place[0], place[1]]).round_()
        if edges is not None:
            self._soften(warped, edges[place])
        skin = self._puppet.mirrored(face)
        if skin is not None:
            self._mirror(warped, skin, motion, label, has_cracks=has_cracks)
        if uncovered is not None:
            self._lay_behind(warped, self._sent(uncovered.seen), face.head, (left, top))
        return self._fetched(self._composed(warped, left, top))

    def _maps(self, maps: NDArray[np.float32], motion: PersonMotion) -> Tensor:
        """Send maps (T, 6) that lead from the motion's grid into `FacePuppet.person`."""
        maps = maps.copy()
        maps[:, 2::3] += self._puppet.into_person
        return self._sent(grid_maps(maps, (motion.left, motion.top), STEP))

    def _corners(self, motion: PersonMotion) -> Tensor:
        """Send the triangles' corners (T, 3, 3), in cells of the motion's grid, and their depth."""
        corners = motion.corners.copy()
        corners[:, :, :2] = (corners[:, :, :2] - (motion.left, motion.top)) / STEP - 0.5
        return self._sent(corners.astype(np.float32))

    def _seen(self, flow: Tensor) -> Tensor:
        """Return (4, h, w), 0 to 255, what of the person is seen where `flow` (2, h, w) looks."""
        return self._person.sampled(flow)

    def _lay_behind(
        self, warped: Tensor, seen: Tensor, head: Similarity, corner: tuple[int, int]
    ) -> None:
        """Lay the back of the head under its front, in place; see `FacePuppet`."""
        height, width = warped.shape[1:]
        cover = seen.repeat_interleave(STEP, 0).repeat_interleave(STEP, 1)
        cover = cover[STEP : STEP + height, STEP : STEP + width]
        linear, shift = self._puppet.behind_to_picture(head)
        back = np.linalg.inv(linear)
        start = back @ (np.array(corner) - shift)
        x = torch.arange(width, device=warped.device, dtype=torch.float32)
        y = torch.arange(height, device=warped.device, dtype=torch.float32)[:, None]
        places = [
            along * x + down * y + first
            for (along, down), first in zip(back.tolist(), start.tolist(), strict=True)
        ]
        through = torch.minimum(255.0 - warped[3], cover.float()) / 255.0
        warped += (self._behind.sampled(torch.stack(places)) * through).round_()
        warped.clamp_(max=255.0)

    def _soften(self, warped: Tensor, edges: Tensor) -> None:
        """Smooth the steps of the flow's grid along silhouettes, in place, and nowhere else."""
        y, x = torch.nonzero(edges, as_tuple=True)
        height, width = edges.shape
        rows = mirrored(y[:, None] + self._edge_reach, height)[:, :, None]
        columns = mirrored(x[:, None] + self._edge_reach, width)[:, None, :]
        soft = (warped[:, rows, columns] * self._edge_taps).sum(dim=(2, 3))
        warped[:, y, x] = soft.round_()

    def _mirror(
        self,
        warped: Tensor,
        skin: MirroredSkin,
        motion: PersonMotion,
        label: Tensor,
        *,
        has_cracks: bool,
    ) -> None:
        """Lay the mirror image over skin that the portrait hardly shows, in place."""
        shares = self._sent(skin.shares)
        share = shares[label.clamp(min=0)] * (label >= 0)
        share = blurred(share[None], size_of_blur(MIRROR_BLUR), MIRROR_BLUR)
        taken = share[0] > LEAST_SHARE
        sides = torch.cat([taken.any(dim=1), taken.any(dim=0)]).cpu().numpy()
        rows, columns = np.flatnonzero(sides[: len(taken)]), np.flatnonzero(sides[len(taken) :])
        if not len(rows):
            return
        y, x = int(rows[0]), int(columns[0])
        box = slice(y, int(rows[-1]) + 1), slice(x, int(columns[-1]) + 1)
        maps = self._maps(skin.maps, motion)
        source = look_up(maps, label[box], (x, y), has_cracks=has_cracks)
        other = self._seen(enlarged_flow(source, STEP)[0]).round_()
        cover = functional.interpolate(
            share[:, box[0], box[1]][None],
            scale_factor=STEP,
            mode="bilinear",
            align_corners=False,
        )[0]
        corner = (STEP * (x - 1), STEP * (y - 1))
        at, inside = overlap(corner, other.shape[1:], warped.shape[1:])
        lit = (other[:, *inside] * self._light).clamp(max=255.0)
        place = warped[:, *at]
        place += (cover[:, *inside] * (lit - place)).round_()

    def _composed(self, warped: Tensor, left: int, top: int) -> Tensor:
        """Return RGB (H, W, 3), uint8: the person over the room."""
        picture = self._backdrop.clone()
        height, width = warped.shape[1:]
        place = picture[top : top + height, left : left + width]
        layer = warped.permute(1, 2, 0)
        room = (place * ((255.0 - layer[..., 3:]) / 255.0)).round_()
        place.copy_((room + layer[..., :3]).clamp(max=255.0))
        return picture

    def _sent(self, array: NDArray[Any]) -> Tensor:
        """Bring an array to the device; a card fetches it without making anybody wait."""
        tensor = torch.from_numpy(array)
        if self._device.type == "cuda":
            tensor = tensor.pin_memory()
        return tensor.to(self._device, non_blocking=True)

    def _fetched(self, picture: Tensor) -> Image:
        """Return a picture in memory of its own: pinned memory, of which torch keeps a store."""
        is_far = self._device.type == "cuda"
        here = torch.empty(picture.shape, dtype=picture.dtype, pin_memory=is_far)
        here.copy_(picture)  # waits until it is there
        fetched: Image = here.numpy()
        return fetched

"""What a GPU does of one frame, from uint8 pixels to uint8 pixels, without the CPU in between.

Modules of tensors in, tensors out, of fixed shapes and without branches on values: what a CUDA
graph can hold. They run on every device, so that tests need no GPU.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from avatarify.animation.rewriting.parts import MoveZeroOrder, Parts, Still, inputs_of
from avatarify.geometry import transfer
from avatarify.geometry.grid import resize_grid, warp
from avatarify.geometry.keypoints import Keypoints


class Driver(NamedTuple):
    """How each stream's driver moves its portrait."""

    value: Tensor
    """(B, K, 2), of the driving reference."""

    matrix: Tensor
    """(B, K, 2, 2), Jacobians or covariances of the driving reference."""

    scale: Tensor
    """(B, 1, 1), how much larger the portrait's face is."""

    gain: Tensor
    """(B, 1, 1), 0 for a still portrait, 1 for all motion."""


class Render(nn.Module):
    """`Move`, `Paint` and the picture's last step."""

    def __init__(self, parts: Parts, dtype: torch.dtype) -> None:
        """Take the parts of a model over.

        Args:
            parts: From `split`.
            dtype: What colours are computed in; coordinates stay float32.
        """
        super().__init__()
        self.move = parts.move
        self.paint = parts.paint.to(dtype=dtype)
        self.dtype = dtype

    def forward(self, portrait: Tensor, *inputs: Tensor) -> Tensor:
        """Paint frames.

        Args:
            portrait: (B, 3, S, S), in [0, 1]; only the compact model looks at it.
            inputs: From `inputs_of`, of the same batch size.

        Returns:
            RGB uint8 (B, S, S, 3).
        """
        return to_pixels(self.picture(portrait, *inputs))

    def picture(self, portrait: Tensor, *inputs: Tensor) -> Tensor:
        """Like `forward` before rounding: float32 (B, 3, S, S), in [0, 1]."""
        moved = cast(tuple[Tensor, ...], self.move(*inputs))
        bypassing = self.move.bypassing
        seen = (
            tensor.to(self.dtype, memory_format=torch.channels_last) for tensor in moved[bypassing:]
        )
        made = tuple(tensor.float() for tensor in self.paint(*seen))
        return compose(portrait, *moved[:bypassing], *made) if bypassing else made[0]


class WholeStep(nn.Module):
    """Detection, relative transfer and rendering of several streams at once."""

    def __init__(self, parts: Parts, dtype: torch.dtype) -> None:
        """Take the parts of a model over; see `Render`."""
        super().__init__()
        self.detect = parts.detect
        self.render = Render(parts, dtype)
        self.spans = parts.model.config.spans
        self.jacobian_noise = parts.model.config.jacobian_noise

    def forward(
        self, pixels: Tensor, crop_change: Tensor, driver: Driver, portrait: Tensor, still: Still
    ) -> Tensor:
        """Animate one frame of each stream.

        Args:
            pixels: Driving squares, RGB uint8 (B, s, s, 3).
            crop_change: (B, 2, 3), see `transfer.apply_affine`.
            driver: Of each stream.
            portrait: (B, 3, S, S), in [0, 1].
            still: Of each portrait, one batch.

        Returns:
            RGB uint8 (B, S, S, 3). A stream whose numbers are not finite shows its still portrait:
            nothing waits here to raise an error, and the others go on.
        """
        value, matrix = self.detect(pixels)
        value, matrix = self._carried(value, matrix, crop_change, driver, still)
        picture = self.render.picture(portrait, *inputs_of(still, value, matrix))
        is_sound = _finite(value) & _finite(matrix) & _finite(picture)
        return to_pixels(torch.where(is_sound[:, None, None, None], picture, portrait))

    def _carried(
        self, value: Tensor, matrix: Tensor, crop_change: Tensor, driver: Driver, still: Still
    ) -> tuple[Tensor, Tensor]:
        """Return values and matrices of the pictures to be painted."""
        # Of zero order the matrices are covariances, and the driver's own are used.
        is_zero_order = isinstance(self.render.move, MoveZeroOrder)
        found = Keypoints(value, *(None, matrix) if is_zero_order else (matrix, None))
        found = transfer.apply_affine(found, crop_change)
        # `relative` takes one scale for all; each stream has its own, so differences are scaled.
        source = Keypoints(still.value, still.matrix)
        moved = transfer.relative(
            source,
            found._replace(value=found.value * driver.scale),
            Keypoints(driver.value * driver.scale, driver.matrix),
        )
        moved = transfer.corrected(source, moved, self.spans, self.jacobian_noise)
        carried = moved.covariance if is_zero_order else moved.jacobian
        assert carried is not None
        gain = driver.gain.clamp(max=1.0) if is_zero_order else driver.gain
        return (
            torch.lerp(still.value, moved.value, driver.gain),
            torch.lerp(still.matrix, carried, gain[..., None]),
        )


def to_pixels(picture: Tensor) -> Tensor:
    """Return pictures (B, 3, S, S) in [0, 1] as RGB uint8 (B, S, S, 3)."""
    levels = picture.clamp(0.0, 1.0).mul(255.0).round()
    return levels.to(torch.uint8).permute(0, 2, 3, 1).contiguous()


def compose(
    portrait: Tensor, grid: Tensor, gate: Tensor, refinement: Tensor, paint: Tensor
) -> Tensor:
    """Warp portraits at full size and lay paint on them: `composition` in torch, for batches.

    Args:
        portrait: (B, 3, S, S), in [0, 1].
        grid: (B, 2, h, w), the dense flow, planar.
        gate: (B, 1, 1, 1).
        refinement: (B, 2, h', w').
        paint: (B, 4, H', W'), RGB and blend.

    Returns:
        (B, 3, S, S), in [0, 1].
    """
    side, own = portrait.shape[-1], refinement.shape[-1]
    flow = resize_grid(grid.permute(0, 2, 3, 1), own, own, align_corners=True)
    flow = flow + gate * refinement.permute(0, 2, 3, 1)
    warped = warp(
        portrait, resize_grid(flow, side, side, align_corners=True), padding_mode="border"
    )
    large = functional.interpolate(paint, size=(side, side), mode="bilinear", align_corners=True)
    return torch.lerp(warped, large[:, :3], gate * large[:, 3:])


@contextmanager
def full_float32() -> Iterator[None]:
    """Keep TF32 away from what starts, or is captured, inside: ten bits lose whole pixels."""
    before = torch.backends.cudnn.allow_tf32
    torch.backends.cudnn.allow_tf32 = False
    try:
        yield
    finally:
        torch.backends.cudnn.allow_tf32 = before


def _finite(tensor: Tensor) -> Tensor:
    return tensor.isfinite().flatten(1).all(dim=1)

"""What a GPU does of one frame, from uint8 pixels to uint8 pixels, without the CPU in between.

Modules of tensors in, tensors out, of fixed shapes and without branches on values: what a CUDA
graph can hold. They run on every device, so that tests need no GPU.
"""

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from avatarify.animation.backends.parts import MoveZeroOrder, Parts
from avatarify.geometry import transfer
from avatarify.geometry.grid import resize_grid, warp
from avatarify.geometry.keypoints import Keypoints


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
        moved = cast(tuple[Tensor, ...], self.move(*inputs))
        bypassing = self.move.bypassing
        seen = (
            tensor.to(self.dtype, memory_format=torch.channels_last) for tensor in moved[bypassing:]
        )
        made = tuple(tensor.float() for tensor in self.paint(*seen))
        picture = compose(portrait, *moved[:bypassing], *made) if bypassing else made[0]
        levels = picture.clamp(0.0, 1.0).mul(255.0).round()
        return levels.to(torch.uint8).permute(0, 2, 3, 1).contiguous()


class WholeStep(nn.Module):
    """Detection, relative transfer and rendering of several streams at once."""

    def __init__(self, parts: Parts, dtype: torch.dtype) -> None:
        """Take the parts of a model over; see `Render`."""
        super().__init__()
        self.detect = parts.detect
        self.render = Render(parts, dtype)

    def forward(self, pixels: Tensor, calibration: tuple[Tensor, ...], *still: Tensor) -> Tensor:
        """Animate one frame of each stream.

        Args:
            pixels: Driving squares, RGB uint8 (B, s, s, 3).
            calibration: Values (B, K, 2) and matrices (B, K, 2, 2) of the driving references, and
                the scale of the motion (B, 1, 1).
            still: The portraits (B, 3, S, S) and the fields of their `Still`, flat.

        Returns:
            RGB uint8 (B, S, S, 3).
        """
        value, matrix = self.detect(pixels)
        portrait, small, leaving, source_value, source_matrix, *features = still
        reference_value, reference_matrix, scale = calibration
        # `relative` takes one scale for all; each stream has its own, so differences are scaled.
        moved = transfer.relative(
            Keypoints(source_value, source_matrix),
            Keypoints(value * scale, matrix),
            Keypoints(reference_value * scale, reference_matrix),
        )
        # Of zero order the matrices are covariances, and the driver's own are used.
        carried = matrix if isinstance(self.render.move, MoveZeroOrder) else moved.jacobian
        assert carried is not None
        inputs = (small, leaving, source_value, source_matrix, moved.value, carried)
        return cast(Tensor, self.render(portrait, *inputs, *features))


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

"""The dense flow of the first-order models, in three steps that need different precision.

Drawing and carrying are arithmetic with coordinates; between them a network judges which keypoint's
motion holds where, and its opinions bear rounding that coordinates do not.
"""

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn
from torch.nn import functional

from avatarify.animation.rewriting.folding import joined
from avatarify.geometry import matrix2
from avatarify.geometry.grid import identity_grid, resize_grid, warp
from avatarify.geometry.keypoints import Keypoints
from avatarify.networks.compact_generator import motion_gate
from avatarify.networks.dense_motion import DenseMotionNetwork

_LEAST_EXPONENT = -40.0
"""Of each of a Gaussian's two factors. Their product then stays a normal number: arithmetic with
numbers below 1e-38 is a hundred times slower on a CPU."""

KEYPOINTS_BEGIN, KEYPOINTS_END = 2, 6
"""Where among the inputs of `Move` the keypoints are; the features follow."""


class Move(nn.Module, ABC):
    """Keypoints to dense flow to moved features."""

    bypassing = 0
    """How many of the results in front are not for `Paint` but for the composition."""

    @abstractmethod
    def forward(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        """Move the portrait's features to the driving keypoints.

        Args:
            inputs: From `inputs_of`.

        Returns:
            What `Paint` takes; for the compact model in front of it the grid (1, 2, h, w), planar,
            and the motion gate (1, 1, 1, 1).
        """


class Draw(nn.Module):
    """Keypoints to what the dense-motion network sees."""

    def __init__(self, variance: float) -> None:
        """Fix the width of the keypoints' Gaussians."""
        super().__init__()
        self.variance = variance

    def forward(self, small: Tensor, leaving: Tensor, *keypoints: Tensor) -> Tensor:
        """Draw, for each warp, where it arrives and what it shows there.

        Args:
            small: Of `Still`, as `leaving` is.
            leaving: (1, K, h, w).
            keypoints: The portrait's values and matrices, then those of the picture to be painted.

        Returns:
            (1, (K + 1) · (C + 1), h, w).
        """
        batch, channels, height, width = small.shape
        value = keypoints[2]
        count = value.shape[1]
        plane = identity_grid(height, width, like=small)
        warps = _affine_warps(*keypoints)
        coordinates = functional.pad(plane.flatten(0, 1), (0, 1), value=1.0)
        grids = coordinates @ warps.transpose(2, 3)
        # All warps are one tall grid over one picture: nothing is repeated.
        tall = functional.grid_sample(
            small, grids.reshape(batch, count * height, width, 2), align_corners=True
        )
        shown = tall.reshape(batch, channels, count, height, width).transpose(1, 2)
        arrivals = gaussian_product(value, height, width, self.variance) - leaving
        each = torch.cat((arrivals[:, :, None], shown), dim=2).flatten(1, 2)
        background = functional.pad(small, (0, 0, 0, 0, 1, 0))
        return torch.cat((background, each), dim=1)


class Judge(nn.Module):
    """The dense-motion network itself."""

    def __init__(self, network: DenseMotionNetwork) -> None:
        """Take a network over, streamlined or not."""
        super().__init__()
        self.hourglass = network.hourglass
        heads = (network.mask_head, network.occlusion_head, network.hint_head)
        present = [head for head in heads if head is not None]
        self.outputs = [head.out_channels for head in present]
        self.heads = joined(present)

    def forward(self, drawn: Tensor) -> tuple[Tensor, ...]:
        """Look at what was drawn.

        Returns:
            Logits of the masks (1, K + 1, h, w) and, where the model has them, of the occlusion map
            (1, 1, h, w) and of the hint (1, F, h, w).
        """
        return self.heads(self.hourglass(drawn)).split(self.outputs, dim=1)


class Carry(nn.Module):
    """Masks to the dense flow to moved features."""

    def __init__(self, is_compact: bool, has_occlusion: bool) -> None:
        """Fix what is judged, and how the generator wants the features."""
        super().__init__()
        self.is_compact = is_compact
        self.has_occlusion = has_occlusion

    def forward(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        """Move the features.

        Args:
            inputs: Keypoints as for `Draw`, what `Judge` returns, and the features of `Still`.

        Returns:
            As `Move`.
        """
        keypoints, judged_and_features = inputs[:4], inputs[4:]
        count = 2 if self.is_compact else 1
        features = judged_and_features[-count:]
        logits, *others = judged_and_features[:-count]
        height, width = logits.shape[2:]
        plane = identity_grid(height, width, like=logits)
        mask = torch.softmax(logits.float(), dim=1)
        grid = _mix(mask, _affine_warps(*keypoints), plane)
        visible = torch.sigmoid(others.pop(0)) if self.has_occlusion else None
        if not self.is_compact:
            return (_moved(features[0], grid, visible, align_corners=False),)
        gate = motion_gate(Keypoints(keypoints[0]), Keypoints(keypoints[2]))
        fine = _moved(features[0], grid, None, align_corners=True)
        coarse = _moved(features[1], grid, visible, align_corners=True)
        if others:  # the hint
            fine = torch.cat((fine, others[0]), dim=1)
        return grid.permute(0, 3, 1, 2).contiguous(), gate, fine, coarse


class MoveFirstOrder(Move):
    """Of the first-order models; every warp is an affine map, so none is kept as a grid."""

    def __init__(self, network: DenseMotionNetwork, is_compact: bool) -> None:
        """Take a dense-motion network over.

        Args:
            network: Streamlined or not.
            is_compact: How the generator behind it wants the features.
        """
        super().__init__()
        self.draw = Draw(network.config.variance)
        self.judge = Judge(network)
        self.carry = Carry(is_compact, network.occlusion_head is not None)
        self.bypassing = 2 if is_compact else 0

    def forward(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        """See `Move`."""
        small, leaving, *keypoints = inputs[:KEYPOINTS_END]
        judged = self.judge(self.draw(small, leaving, *keypoints))
        return self.carry(*keypoints, *judged, *inputs[KEYPOINTS_END:])


def _moved(features: Tensor, grid: Tensor, visible: Tensor | None, align_corners: bool) -> Tensor:
    height, width = features.shape[2:]
    moved = warp(features, resize_grid(grid, height, width, align_corners=align_corners))
    if visible is None:
        return moved
    if visible.shape[2:] != (height, width):
        visible = functional.interpolate(
            visible, size=(height, width), mode="bilinear", align_corners=align_corners
        )
    return moved * visible


def gaussian_product(value: Tensor, height: int, width: int, variance: float) -> Tensor:
    """Draw round Gaussians as products of a row and a column: K · (h + w) exponentials.

    Args:
        value: (B, K, 2), (x, y) in [-1, 1].
        height: Rows of the map.
        width: Columns of the map.
        variance: In units of [-1, 1] squared.

    Returns:
        (B, K, h, w), in (0, 1]; `heatmap.gaussian` within 1e-17.
    """
    plane = identity_grid(height, width, like=value)
    columns = _bell(plane[0, :, 0] - value[:, :, :1], variance)
    rows = _bell(plane[:, 0, 1] - value[:, :, 1:], variance)
    return rows[:, :, :, None] * columns[:, :, None, :]


def _bell(offset: Tensor, variance: float) -> Tensor:
    return torch.exp((-0.5 / variance * offset**2).clamp_min(_LEAST_EXPONENT))


def _affine_warps(
    source_value: Tensor, source_matrix: Tensor, value: Tensor, matrix: Tensor
) -> Tensor:
    """Return T_k(z) = s_k + J_s J_d⁻¹ (z - d_k) as matrices (B, K, 2, 3) for (x, y, 1)."""
    linear = matrix2.product(source_matrix, matrix2.inverse(matrix))
    shift = source_value - matrix2.product(linear, value[..., None])[..., 0]
    return torch.cat((linear, shift[..., None]), dim=3)


def _mix(mask: Tensor, warps: Tensor, plane: Tensor) -> Tensor:
    """Average the warps of every pixel by its mask, the background's identity first.

    The masks mix six numbers for each pixel instead of the coordinates of K grids.

    Returns:
        (B, h, w, 2).
    """
    batch, count, height, width = mask.shape
    own = warps.reshape(batch, count - 1, 6).transpose(1, 2)
    mixed = (own @ mask[:, 1:].flatten(2)).reshape(batch, 2, 3, height, width)
    x, y = plane[..., 0], plane[..., 1]
    moved = mixed[:, :, 0] * x + mixed[:, :, 1] * y + mixed[:, :, 2]
    still = mask[:, :1] * plane.permute(2, 0, 1)
    return (moved + still).permute(0, 2, 3, 1)

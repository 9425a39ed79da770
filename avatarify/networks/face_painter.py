"""A painter: looks at one patch of a moved face, and says how to correct it.

It does not paint a picture. It moves what is drawn, then lights it, then colours it: three fields
that are zero before any training, so that a painter who knows nothing changes nothing.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from avatarify.geometry.grid import identity_grid, warp
from avatarify.networks.painter_config import FIELDS, PainterConfig

COARSE = 8
"""Pixels over which a coarse light is one."""


class Correction(NamedTuple):
    """The three fields of a correction."""

    flow: Tensor
    """(B, 2, H, W), where to look instead, pixels of the patch (x, y)."""
    gain: Tensor
    """(B, 1, H, W), natural logarithm of the light."""
    colour: Tensor
    """(B, 3, H, W), added last; pictures lie in [0, 1]."""


class FacePainter(nn.Module):
    """A small U-Net on the patch folded to half its size."""

    def __init__(self, config: PainterConfig) -> None:
        super().__init__()
        self.config = config
        for name, shape in config.shapes().items():
            if name.endswith(".weight"):
                after, before, kernel, _ = shape
                stride = 2 if name.startswith("down") else 1
                layer = nn.Conv2d(before, after, kernel, stride, kernel // 2)
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
                assert layer.bias is not None
                nn.init.zeros_(layer.bias)
                self.add_module(name.removesuffix(".weight"), layer)
        for name in ("mix1b", "mix2b", "mix3b", "join2", "join1", "join0"):
            nn.init.normal_(self._layer(name).weight, std=0.01)  # blocks start as identities
        for name in ("move", "colour"):
            nn.init.zeros_(self._layer(name).weight)

    def forward(self, patch: Tensor) -> Tensor:
        """Look at patches.

        Args:
            patch: (B, 8, H, W) in [0, 1]: the moved picture, the portrait's own patch at rest, and
                the masks of `FacePatch.outlines`.

        Returns:
            (B, 6, H, W): flow, gain and colour of a `Correction`.
        """
        config = self.config
        half = self._run("stem", functional.pixel_unshuffle(patch, 2))
        quarter = self._mix(1, self._run("down1", half))
        eighth = self._mix(2, self._run("down2", quarter))
        deep = self._mix(3, self._run("down3", eighth))
        eighth = self._join(2, deep, eighth)
        quarter = self._join(1, eighth, quarter)
        half = self._join(0, quarter, half)
        move = functional.interpolate(
            self._layer("move")(half), scale_factor=2.0, mode="bilinear", align_corners=False
        )
        move = torch.tanh(move)
        flow, gain = move[:, :2], move[:, 2:]
        colour = torch.tanh(functional.pixel_shuffle(self._layer("colour")(half), 2))
        inside = config.kept * patch[:, 6:7]
        flow = (1.0 - (1.0 - config.moved) * patch[:, 6:7]) * flow
        gain = gain + inside * (config.lit * _coarse(gain) - gain)
        colour = (1.0 - inside) * colour
        return torch.cat(
            [config.farthest * flow, config.strongest * gain, config.loudest * colour], dim=1
        )

    def _layer(self, name: str) -> nn.Conv2d:
        layer = self.get_submodule(name)
        assert isinstance(layer, nn.Conv2d)
        return layer

    def _run(self, name: str, features: Tensor) -> Tensor:
        return functional.relu(self._layer(name)(features))

    def _mix(self, level: int, features: Tensor) -> Tensor:
        mixed = self._layer(f"mix{level}b")(self._run(f"mix{level}a", features))
        return functional.relu(features + mixed)

    def _join(self, level: int, deep: Tensor, skip: Tensor) -> Tensor:
        raised = functional.interpolate(
            self._layer(f"up{level}")(deep), scale_factor=2.0, mode="nearest"
        )
        joined = functional.relu(raised + skip)
        return functional.relu(joined + self._layer(f"join{level}")(joined))


def _coarse(field: Tensor) -> Tensor:
    """Return (B, C, H, W), one value for each `COARSE` pixels and smooth between them."""
    return functional.interpolate(
        functional.avg_pool2d(field, COARSE),
        scale_factor=float(COARSE),
        mode="bilinear",
        align_corners=False,
    )


def split(fields: Tensor) -> Correction:
    """Name the parts of a painter's output (B, 6, H, W)."""
    assert fields.shape[1] == FIELDS
    return Correction(fields[:, :2], fields[:, 2:3], fields[:, 3:])


def corrected(picture: Tensor, correction: Correction, region: Tensor) -> Tensor:
    """Move, light and colour a picture.

    Args:
        picture: (B, 3, H, W), in [0, 1].
        correction: What to do.
        region: (B, 1, H, W), in [0, 1]: how much of it; where it is 0, nothing changes.

    Returns:
        (B, 3, H, W), in [0, 1].
    """
    height, width = picture.shape[2:]
    step = torch.tensor([2.0 / (width - 1), 2.0 / (height - 1)], device=picture.device)
    flow = (region * correction.flow).permute(0, 2, 3, 1) * step
    grid = identity_grid(height, width, picture) + flow
    moved = warp(picture, grid, padding_mode="border")
    lit = moved * torch.exp(region * correction.gain) + region * correction.colour
    return lit.clamp(0.0, 1.0)

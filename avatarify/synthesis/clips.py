"""Random training clips: who, doing what, frame by frame, with exact landmarks."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import torch

from avatarify.synthesis.figure import build_figure
from avatarify.synthesis.finish import Shot, photograph
from avatarify.synthesis.identity import Identity, Style, random_identity
from avatarify.synthesis.motion import Motion, random_motion
from avatarify.synthesis.renderer import render

ClipStyle = Literal["real", "cartoon", "mixed"]


@dataclass(frozen=True, slots=True)
class ClipSettings:
    """What clips shall be like."""

    frames: int = 64
    """Frames of each clip."""

    size: int = 256
    """Height and width in pixels."""

    fps: float = 25.0
    """Frames per second; low rates give more varied motion per frame."""

    style: ClipStyle = "real"

    seed: int = 0
    """Clip `index` of one seed is always the same."""

    supersampling: int = 2
    """Samples along each side of a pixel."""

    blinks: float = 1.0
    """How often lids close, against a person at ease."""

    def __post_init__(self) -> None:
        if self.frames < 1 or self.size < 16 or self.supersampling < 1:
            raise ValueError(f"impossible clip settings: {self}")
        if not self.fps > 0 or not self.blinks > 0:
            raise ValueError(f"impossible clip settings: {self}")


def plan_clip(settings: ClipSettings, index: int) -> tuple[Identity, Motion]:
    """Decide who does what in clip `index`."""
    generator = torch.Generator().manual_seed(settings.seed * 1_000_003 + index)
    style: Style = "cartoon" if settings.style == "cartoon" else "real"
    if settings.style == "mixed" and float(torch.rand((), generator=generator)) < 0.35:
        style = "cartoon"
    identity = random_identity(generator, style)
    return identity, random_motion(generator, settings.frames, settings.fps, blinks=settings.blinks)


def render_clip(
    settings: ClipSettings, index: int, device: torch.device | str = "cpu"
) -> Iterator[Shot]:
    """Render clip `index`, one frame after the other."""
    identity, motion = plan_clip(settings, index)
    texture = 512 if settings.size <= 192 else 768 if settings.size <= 320 else 1024
    figure = build_figure(identity, texture).to(device)
    generator = torch.Generator().manual_seed(identity.seed + 3)
    batch = 1 if torch.device(device).type == "cpu" else 16
    for start in range(0, settings.frames, batch):
        part = motion.frames(start, start + batch).to(device)
        rendering = render(figure, part, settings.size, settings.supersampling)
        yield from photograph(rendering, generator)

"""What a run tells while it goes on: TensorBoard scalars, sample pictures, one line of text."""

import logging
import time
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from avatarify.networks.motion_model import Animation
from avatarify.training.pairs import Batch

logger = logging.getLogger(__name__)


class RunLog:
    """Writes into a run's folder; without a folder it is silent (other processes)."""

    def __init__(self, folder: Path | None) -> None:
        self._writer = None
        self._last: tuple[int, float] | None = None
        if folder is not None:
            from torch.utils.tensorboard.writer import SummaryWriter

            self._writer = SummaryWriter(folder / "tensorboard")

    def scalars(self, step: int, terms: dict[str, float]) -> None:
        """Write the loss terms of a step."""
        if self._writer is None:
            return
        now = time.monotonic()
        speed = 0.0
        if self._last is not None:
            speed = (step - self._last[0]) / max(1e-9, now - self._last[1])
        self._last = (step, now)
        for name, value in terms.items():
            self._writer.add_scalar(f"loss/{name}", value, step)
        words = "  ".join(f"{name} {value:.3f}" for name, value in terms.items())
        logger.info("step %d  %.2f steps/s  %s", step, speed, words)

    def pictures(self, step: int, batch: Batch, animation: Animation) -> None:
        """Write a grid: a row of sources, of driving frames, of results, of warped sources."""
        if self._writer is None:
            return
        rows = [batch.source, batch.driving, animation.picture, animation.warped_source]
        if animation.blend is not None:
            size = batch.driving.shape[-2:]
            blend = functional.interpolate(animation.blend.float(), size=size)
            rows.append(blend.expand(-1, 3, -1, -1))
        self.grid(step, rows)

    def grid(self, step: int, rows: list[Tensor]) -> None:
        """Write rows of pictures, each (B, 3, H, W) in [0, 1]; six of each are shown."""
        if self._writer is None:
            return
        grid = torch.cat([_row(row) for row in rows], dim=1)
        self._writer.add_image("samples", grid.clamp(0, 1), step)
        self._writer.flush()

    def close(self) -> None:
        """Flush and close the files."""
        if self._writer is not None:
            self._writer.close()


def _row(images: Tensor) -> Tensor:
    """Put up to six images side by side: (B, 3, H, W) to (3, H, 6 W)."""
    return torch.cat(list(images[:6].detach().float().cpu()), dim=2)

"""Draws batches of examples: everything random follows from the run's seed and the step."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from avatarify.errors import SettingsError
from avatarify.training.augmentation import random_colours
from avatarify.training.clip_cache import Clip, open_cache
from avatarify.training.painting.examples import Examples, examples_of
from avatarify.training.painting.settings import PaintingSettings
from avatarify.training.pair_random import PairRandom

_WIDE_OPEN = 0.04
"""Share of the patch inside the innermost outline from which on an example counts as wide open."""

_GREY_SHARE = 0.3
"""Share of examples without colours, at full strength: old photographs, drawings, statues."""

_FARTHEST_SHAKE = 0.7
"""Pixels."""


class PainterBatch(NamedTuple):
    """Examples of one step, colours in [0, 1]."""

    patch: Tensor
    """(B, 8, H, W), what the painter sees: the moved picture, the portrait's own, two masks."""
    target: Tensor
    """(B, 3, H, W), the camera's picture."""
    region: Tensor
    """(B, 1, H, W), where something may change."""
    shake: Tensor
    """(B, 2), x and y in pixels: how far the tracker's noise might have moved the patch."""


class ExampleSampler:
    """All examples of a run, in memory."""

    def __init__(self, settings: PaintingSettings) -> None:
        """Make or open the examples.

        Raises:
            SettingsError: There are none, or they have another size than the painter.
        """
        self._settings = settings
        self._clips: list[Examples] = []
        self._shares: list[float] = []
        self._tuning: list[Examples] = []
        for folder, weight in settings.data.caches.items():
            self._open(open_cache(Path(folder)), weight)
        if not self._clips:
            raise SettingsError("No clip shows a face that moves. Prepare others.")
        size = self._clips[0].picture.shape[1:3]
        if size != settings.painter.size:
            raise SettingsError(
                f"A painter of the {settings.part} works on {size[0]}×{size[1]} pixels."
            )
        self._weights = [_weights(one, settings.data.open_share) for one in self._clips]

    def _open(self, clips: Sequence[Clip], weight: float) -> None:
        data = self._settings.data
        counts: dict[str, int] = {}
        for clip in clips:
            counts[clip.person] = counts.get(clip.person, 0) + 1
        for clip in clips:
            if clip.person in data.excluded_people:
                continue
            examples = examples_of(clip, self._settings.part, data)
            if not len(examples.source):
                continue
            if clip.person in data.tuning_people:
                self._tuning.append(examples)
                continue
            self._clips.append(examples)
            # Long clips count more, but a person of many clips no more than the others.
            self._shares.append(weight * len(examples.source) ** 0.5 / counts[clip.person])

    def batch(self, step: int) -> PainterBatch:
        """Draw the batch of a step, mirrored and coloured at random."""
        settings = self._settings
        rng = np.random.default_rng((settings.seed, step))
        shares = np.array(self._shares) / np.sum(self._shares)
        rows = []
        for clip in rng.choice(len(self._clips), settings.batch, p=shares):
            weights = self._weights[clip]
            rows.append((self._clips[clip], int(rng.choice(len(weights), p=weights))))
        # Eyes are mirrored onto one another already: their two sides differ.
        mirrored = rng.random(len(rows)) < (0.5 if settings.part == "mouth" else 0.0)
        shake = _FARTHEST_SHAKE * rng.uniform(-1.0, 1.0, (len(rows), 2))
        batch = _batch(rows, mirrored, shake)
        random = PairRandom(settings.seed, step, range(len(rows)))
        return coloured(batch, settings.data.colour, random)

    def tuning(self, most: int) -> PainterBatch | None:
        """Return examples of the people kept for tuning, evenly over them; None without any."""
        rows = [
            (one, int(index))
            for one in self._tuning
            for index in np.linspace(0, len(one.source) - 1, most // len(self._tuning)).astype(int)
        ]
        calm = np.zeros((len(rows), 2))
        return _batch(rows, np.zeros(len(rows), np.bool_), calm) if rows else None


def _weights(examples: Examples, open_share: float) -> NDArray[np.float64]:
    area = examples.masks[..., 0].mean(axis=(1, 2)) / 255.0
    weights = 1.0 + (open_share - 1.0) * np.clip(area / _WIDE_OPEN, 0.0, 1.0)
    return np.asarray(weights / weights.sum(), np.float64)


def _batch(
    rows: list[tuple[Examples, int]], mirrored: NDArray[np.bool_], shake: NDArray[np.float64]
) -> PainterBatch:
    stacks: list[list[NDArray[np.uint8]]] = [[], [], []]
    for (one, index), flip in zip(rows, mirrored, strict=True):
        parts = (
            np.concatenate(
                [one.picture[index], one.rest[one.source[index]], one.masks[index]], axis=2
            ),
            one.target[index],
            one.region[index][..., None],
        )
        for stack, part in zip(stacks, parts, strict=True):
            stack.append(part[:, ::-1] if flip else part)
    patch, target, region = (_to_image(np.stack(stack)) for stack in stacks)
    return PainterBatch(patch, target, region, torch.from_numpy(shake).float())


def _to_image(pixels: NDArray[np.uint8]) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(pixels.transpose(0, 3, 1, 2))).float() / 255.0


def coloured(batch: PainterBatch, strength: float, random: PairRandom) -> PainterBatch:
    """Change the colours of each example, picture, portrait and target alike.

    Args:
        batch: As drawn.
        strength: 0 leaves it unchanged, 1 is the full range.
        random: One generator for each example.
    """
    seen = torch.cat([batch.patch[:, :3], batch.patch[:, 3:6]], dim=2)
    seen, target = random_colours(seen, batch.target, strength, random)
    is_grey = (random.chance(1, 1, 1) < _GREY_SHARE * strength).to(seen)
    seen, target = (one + is_grey * (one.mean(dim=1, keepdim=True) - one) for one in (seen, target))
    picture, rest = seen.chunk(2, dim=2)
    return batch._replace(
        patch=torch.cat([picture, rest, batch.patch[:, 6:]], dim=1), target=target
    )

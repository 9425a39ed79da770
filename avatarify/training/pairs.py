"""Draws training pairs: two frames of one clip, cut by random windows.

A batch is a function of the seed and its number alone, so that a run killed and resumed sees
what the uninterrupted run would have seen.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from avatarify.errors import SettingsError
from avatarify.geometry.face_mesh import counterparts
from avatarify.geometry.thin_plate_spline import random_thin_plate_spline
from avatarify.training.canonical_face import average_face
from avatarify.training.clip_cache import Clip, open_cache
from avatarify.training.rare_frames import calm_frames, rare_frames
from avatarify.training.settings import DataSettings

FRAMING = 1.9
"""Side of a window over the larger side of the face, as the whole project frames faces."""


class Batch(NamedTuple):
    """Pairs, as the trainer takes them."""

    source: Tensor
    """(B, 3, S, S), in [0, 1]."""

    driving: Tensor
    """(B, 3, S, S), in [0, 1]: what the networks must reproduce."""

    source_landmarks: Tensor
    """(B, L, 2), in [-1, 1]."""

    driving_landmarks: Tensor
    """(B, L, 2), in [-1, 1]."""


@dataclass(frozen=True, slots=True)
class Window:
    """A square cut out of a frame."""

    matrix: NDArray[np.float64]
    """(2, 3), frame pixels to window pixels."""

    mirrored: bool
    """Whether left and right landmarks change places."""


class PairSampler:
    """Draws batches from prepared clips."""

    def __init__(self, settings: DataSettings, image_size: int, seed: int) -> None:
        self.settings = settings
        self.image_size = image_size
        self.seed = seed
        self._groups: list[list[list[Clip]]] = []
        self._weights: list[float] = []
        everything: list[Clip] = []
        for folder, weight in settings.caches.items():
            clips = [
                c for c in open_cache(Path(folder)) if c.person not in settings.excluded_people
            ]
            people = sorted({clip.person for clip in clips})
            if not people:
                raise SettingsError(f"{folder}: nobody is left after the excluded people.")
            self._groups.append([[c for c in clips if c.person == p] for p in people])
            self._weights.append(weight)
            everything += clips
        self._rare = {clip.name: rare_frames(clip.landmarks) for clip in everything}
        self._calm = {clip.name: calm_frames(clip.landmarks) for clip in everything}
        self.canonical = average_face(
            np.concatenate(
                [clip.landmarks[:: max(1, len(clip.landmarks) // 40)] for clip in everything]
            )
        )

    def batch(self, number: int, size: int, first: int = 0) -> Batch:
        """Draw one batch.

        Args:
            number: The step; the same number gives the same batch.
            size: Pairs.
            first: Number of the first pair within the step, where processes share a step.
        """
        pairs = [self._pair(number, first + index) for index in range(size)]
        columns = zip(*pairs, strict=True)
        source, driving, source_marks, driving_marks = (np.stack(column) for column in columns)
        return Batch(
            _to_image(source),
            _to_image(driving),
            self._normalised(source_marks),
            self._normalised(driving_marks),
        )

    def _pair(self, number: int, index: int) -> tuple[NDArray[np.generic], ...]:
        rng = np.random.default_rng((self.seed, number, index))
        group = self._groups[rng.choice(len(self._groups), p=self._shares())]
        person = group[rng.integers(len(group))]
        lengths = np.array([len(clip.frames) for clip in person], dtype=np.float64)
        clip = person[rng.choice(len(person), p=lengths / lengths.sum())]
        source_index = _index(rng, clip, self._calm[clip.name], self.settings.calm_share)
        kind = rng.random()
        is_identity = kind < self.settings.identity_share
        # A clip of one frame, a still, has no other pairs.
        is_bent = not is_identity and (
            len(clip.frames) == 1 or kind < self.settings.identity_share + self.settings.still_share
        )
        driving_index = source_index
        if not is_identity and not is_bent:
            driving_index = _index(rng, clip, self._rare[clip.name], self.settings.rare_share)
        window = self._window(rng, clip, source_index)
        moves = not is_identity and rng.random() < self.settings.driving_share
        driving_window = self._moved(rng, window) if moves else window
        source = self._cut(clip, source_index, window)
        driving = self._cut(clip, driving_index, driving_window)
        if is_bent:
            driving = self._bend(rng, *driving)
        return source[0], driving[0], source[1], driving[1]

    def _shares(self) -> NDArray[np.float64]:
        weights = np.array(self._weights, dtype=np.float64)
        return weights / weights.sum()

    def _window(self, rng: np.random.Generator, clip: Clip, index: int) -> Window:
        marks = clip.landmarks[index]
        low, high = marks.min(axis=0), marks.max(axis=0)
        settings = self.settings
        side = FRAMING * float((high - low).max()) * (1.0 + settings.scale * rng.uniform(-1, 1))
        centre = (low + high) / 2.0 + side * settings.shift * rng.uniform(-1, 1, 2)
        angle = np.deg2rad(settings.rotation_deg) * rng.uniform(-1, 1)
        window = _window_matrix(centre, side, angle, self.image_size, bool(rng.random() < 0.5))
        return _stretched(window, settings.stretch, rng, self.image_size)

    def _moved(self, rng: np.random.Generator, window: Window) -> Window:
        settings = self.settings
        size = self.image_size
        angle = np.deg2rad(1.5 * settings.rotation_deg) * rng.uniform(-1, 1)
        scale = 1.0 + 0.7 * settings.scale * rng.uniform(-1, 1)
        middle = (size - 1) / 2.0
        turn = cv2.getRotationMatrix2D((middle, middle), float(np.rad2deg(angle)), scale)
        matrix = turn.astype(np.float64)
        matrix[:, 2] += size * settings.shift * rng.uniform(-1, 1, 2)
        joined = matrix[:, :2] @ window.matrix
        joined[:, 2] += matrix[:, 2]
        return Window(joined, window.mirrored)

    def _cut(
        self, clip: Clip, index: int, window: Window
    ) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        picture = cv2.warpAffine(
            clip.frames[index],
            window.matrix,
            (self.image_size, self.image_size),
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        marks = clip.landmarks[index]
        if window.mirrored:
            marks = marks[counterparts()]
        marks = marks @ window.matrix[:, :2].T + window.matrix[:, 2]
        return picture.astype(np.uint8, copy=False), marks.astype(np.float32)

    def _bend(
        self, rng: np.random.Generator, picture: NDArray[np.uint8], marks: NDArray[np.float32]
    ) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        """Warp one picture smoothly; landmarks move by the inverse map, found by iteration."""
        generator = torch.Generator().manual_seed(int(rng.integers(2**31)))
        spline = random_thin_plate_spline(1, 0.05, 0.01, 5, generator)
        size = self.image_size
        grid = ((spline.grid(size, size)[0] + 1.0) * (size - 1) / 2.0).numpy()
        bent = cv2.remap(
            picture, grid[..., 0], grid[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        target = torch.from_numpy(marks * (2.0 / (size - 1)) - 1.0)[None]
        points = target.clone()
        for _ in range(10):
            points = points - (spline(points) - target)
        moved = ((points[0] + 1.0) * (size - 1) / 2.0).numpy()
        return bent.astype(np.uint8, copy=False), moved.astype(np.float32)

    def _normalised(self, marks: NDArray[np.generic]) -> Tensor:
        return torch.from_numpy(marks.astype(np.float32) * (2.0 / (self.image_size - 1)) - 1.0)


def _window_matrix(
    centre: NDArray[np.float32], side: float, angle: float, size: int, mirrored: bool
) -> Window:
    scale = size / side
    cos, sin = scale * np.cos(angle), scale * np.sin(angle)
    linear = np.array([[cos, -sin], [sin, cos]])
    if mirrored:
        linear[0] *= -1.0
    offset = (size - 1) / 2.0 - linear @ centre
    return Window(np.column_stack((linear, offset)), mirrored)


def _stretched(window: Window, most: float, rng: np.random.Generator, size: int) -> Window:
    """Make the window longer in a random direction and as much shorter across it."""
    if most == 0.0:
        return window
    ratio = 1.0 + most * rng.random()
    angle = rng.uniform(0.0, np.pi)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    linear = turn @ np.diag([ratio, 1.0 / ratio]) @ turn.T
    middle = np.full(2, (size - 1) / 2.0)
    offset = linear @ (window.matrix[:, 2] - middle) + middle
    return Window(np.column_stack((linear @ window.matrix[:, :2], offset)), window.mirrored)


def _index(rng: np.random.Generator, clip: Clip, chosen: NDArray[np.int64], share: float) -> int:
    """Draw a frame, with probability `share` one of the chosen."""
    if rng.random() < share:
        return int(rng.choice(chosen))
    return int(rng.integers(len(clip.frames)))


def _to_image(pictures: NDArray[np.generic]) -> Tensor:
    tensor = torch.from_numpy(pictures).permute(0, 3, 1, 2)
    return tensor.float().div_(255.0).contiguous()

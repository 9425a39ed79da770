"""Prepared clips: square face crops and their landmarks, ready to be drawn at random."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avatarify.errors import SettingsError


@dataclass(frozen=True, slots=True)
class Clip:
    """One person's clip; the pixels stay on disk until they are drawn."""

    name: str
    """Of the original file."""

    person: str
    """Who is seen; clips of one person share it."""

    frames: NDArray[np.uint8]
    """(N, S, S, 3), RGB, memory-mapped; a still has one."""

    landmarks: NDArray[np.float32]
    """(N, 478, 2), (x, y) in pixels of the frames."""

    depth: NDArray[np.float32]
    """(N, 478), in the same unit; 0 where only the picture's plane is known."""


def open_clip(folder: Path) -> Clip:
    """Open one prepared clip.

    Raises:
        SettingsError: A file of it is missing or broken.
    """
    try:
        about = json.loads((folder / "clip.json").read_text(encoding="utf-8"))
        frames = np.load(folder / "frames.npy", mmap_mode="r")
        landmarks = np.load(folder / "landmarks.npy").astype(np.float32)
    except (OSError, ValueError, KeyError) as error:
        raise SettingsError(f"{folder} is no prepared clip: {error}. Prepare it again.") from error
    if len(frames) != len(landmarks):
        raise SettingsError(f"{folder}: frames and landmarks differ in number. Prepare it again.")
    flat, depth = landmarks[:, :, :2], landmarks[:, :, 2]
    return Clip(str(about["name"]), str(about["person"]), frames, flat, depth)


def open_cache(folder: Path) -> list[Clip]:
    """Open all prepared clips of a folder, in the order of their names.

    Raises:
        SettingsError: There are none.
    """
    clips = [open_clip(path.parent) for path in sorted(folder.glob("*/clip.json"))]
    if not clips:
        raise SettingsError(f"{folder} holds no prepared clips. Run `avatarify train --prepare`.")
    return clips

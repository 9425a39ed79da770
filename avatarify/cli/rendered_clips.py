"""How `avatarify render` keeps training clips."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from avatarify.frames import Frame
from avatarify.media.video_writer import VideoWriter
from avatarify.synthesis.clips import ClipSettings
from avatarify.synthesis.finish import Shot


def is_done(folder: Path, name: str) -> bool:
    """Clips that are there are kept, so that an interrupted run continues."""
    return (folder / f"{name}.npz").exists() or (folder / name / "clip.json").exists()


def write_video(folder: Path, name: str, settings: ClipSettings, shots: Sequence[Shot]) -> None:
    """Write an mp4, and its landmarks (N, 478, 3) beside it."""
    with VideoWriter(folder / f"{name}.mp4", settings.fps) as writer:
        for index, shot in enumerate(shots):
            writer.write(Frame(shot.image, index / settings.fps, index))
    landmarks = np.stack([shot.landmarks for shot in shots])
    np.savez_compressed(folder / f"{name}.npz", landmarks=landmarks, fps=settings.fps)


def write_cache(folder: Path, name: str, settings: ClipSettings, shots: Sequence[Shot]) -> None:
    """Write a folder that `avatarify train` reads directly."""
    clip = folder / name
    clip.mkdir(exist_ok=True)
    np.save(clip / "frames.npy", np.stack([shot.image for shot in shots]))
    points = np.stack([shot.landmarks for shot in shots])
    # The cache counts from pixel centres, the renderer from the picture's corner.
    points[..., :2] -= np.float32(0.5)
    np.save(clip / "landmarks.npy", points)
    about = {"name": name, "person": name, "fps": settings.fps, "synthetic": True}
    # Written last: a clip without it is not complete.
    (clip / "clip.json").write_text(json.dumps(about), encoding="utf-8")

"""Landmarks of a made-up, symmetric face, and prepared clips of it."""

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avatarify.geometry.face_mesh import counterparts

# Of mediapipe's points, those that the losses name: on the middle line, or in pairs.
MIDDLE = {10: -1.0, 1: -0.1, 0: 0.3, 13: 0.35, 14: 0.4, 17: 0.45, 152: 1.0}
PAIRS = {
    (61, 291): (0.25, 0.38),
    (33, 263): (0.5, -0.3),
    (133, 362): (0.2, -0.3),
    (159, 386): (0.35, -0.36),
    (145, 374): (0.35, -0.24),
    (105, 334): (0.4, -0.5),
    (234, 454): (0.75, 0.0),
}


def made_face() -> NDArray[np.float32]:
    """Return (478, 2): a symmetric face around 0, y downwards from -1 to 1."""
    rng = np.random.default_rng(5)
    face = np.full((478, 2), np.nan)
    for index, y in MIDDLE.items():
        face[index] = 0.0, y
    for (right, left), (x, y) in PAIRS.items():
        face[right], face[left] = (-x, y), (x, y)
    for right, left in enumerate(counterparts()):
        if right < left and np.isnan(face[right, 0]):
            x, y = rng.uniform(0.02, 0.7), rng.uniform(-0.9, 0.9)
            face[right], face[left] = (-x, y), (x, y)
    face[np.isnan(face[:, 0])] = 0.0, 0.7
    return face.astype(np.float32)


def write_clip(
    folder: Path, name: str, person: str, frames: NDArray[np.uint8], marks: NDArray[np.float32]
) -> None:
    """Write one prepared clip."""
    clip = folder / name
    clip.mkdir(parents=True)
    np.save(clip / "frames.npy", frames)
    depth = np.zeros((*marks.shape[:2], 1), np.float32)
    np.save(clip / "landmarks.npy", np.concatenate((marks, depth), axis=2))
    (clip / "clip.json").write_text(json.dumps({"name": name, "person": person, "fps": 25.0}))

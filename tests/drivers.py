"""A driver made from a built-in avatar's own points: head turns and an opening jaw."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.frames import Image
from avatarify.geometry.face_mesh import CHIN, INNER_LIPS_LOWER, OUTER_LIPS_LOWER
from avatarify.geometry.similarity import rotation_from_vector
from avatarify.media.image_file import read_image, write_image
from avatarify.media.motion_file import Motion
from avatarify.session.avatars.layers_file import SUFFIX, PortraitLayers, read_layers, write_layers

AVATARS = Path(__file__).resolve().parents[1] / "assets" / "avatars"


def landmarks_of(name: str = "maya") -> NDArray[np.float32]:
    """Return (478, 3), the exact points of a built-in avatar."""
    with np.load(AVATARS / f"{name}.npz") as kept:
        landmarks: NDArray[np.float32] = kept["landmarks"]
    return landmarks


def small_portrait(name: str = "maya", share: float = 0.5) -> tuple[Image, PortraitLayers]:
    """Return a built-in avatar at a share of its size, where all that is done to it takes less."""
    picture = read_image(AVATARS / f"{name}.png")
    size = picture.shape[0], picture.shape[1]
    layers = read_layers(AVATARS / f"{name}.npz", size)
    assert layers is not None
    assert layers.room is not None
    image, matte, room = (
        cv2.resize(each, None, fx=share, fy=share, interpolation=cv2.INTER_AREA).astype(np.uint8)
        for each in (picture, layers.matte, layers.room)
    )
    return image, PortraitLayers(layers.landmarks * np.float32(share), matte, room)


def write_small_portrait(path: Path, name: str = "maya", share: float = 0.5) -> Path:
    """Write it as a picture, and what is known of it beside it."""
    image, layers = small_portrait(name, share)
    write_image(path, image)
    write_layers(path.with_suffix(SUFFIX), layers)
    return path


def turned(landmarks: NDArray[np.float32], yaw: float, jaw: float = 0.0) -> NDArray[np.float32]:
    """Turn a head about its middle by radians, and lower the jaw by parts of the face's height."""
    points = landmarks.astype(np.float64)
    height = np.linalg.norm(points[10] - points[CHIN])
    points[[*INNER_LIPS_LOWER[1:-1], *OUTER_LIPS_LOWER[1:-1], CHIN], 1] += jaw * height
    middle = points.mean(axis=0)
    rotation = rotation_from_vector(np.array([0.0, yaw, 0.0]))
    return ((points - middle) @ rotation.T + middle).astype(np.float32)


def made_motion(frames: int = 6, *, missing: tuple[int, ...] = ()) -> Motion:
    """Return a motion that begins at rest and turns; no face is seen in the `missing` frames."""
    own = landmarks_of("omar")
    course = [turned(own, 0.06 * index, 0.01 * index) for index in range(frames)]
    landmarks = np.stack(course)
    landmarks[list(missing)] = np.nan
    shapes = np.zeros((frames, 52), np.float32)
    shapes[list(missing)] = np.nan
    return Motion(landmarks, shapes, np.arange(frames) / 30.0, (720, 1280))


def swing(seconds: float) -> Motion:
    """Return two seconds at rest, then a head that turns to its left and back, again and again."""
    own, times_s = landmarks_of("omar"), np.arange(round(30 * seconds)) / 30.0
    yaws = -0.15 * (1 - np.cos(np.pi * np.maximum(times_s - 2.0, 0.0)))
    landmarks = np.stack([turned(own, float(yaw)) for yaw in yaws])
    return Motion(landmarks, np.zeros((len(times_s), 52), np.float32), times_s, (720, 1280))

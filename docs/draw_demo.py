"""Draw docs/demo.gif: the rendered driver of the demo with his landmarks, beside an avatar.

    python docs/draw_demo.py [AVATAR]

Nobody real is in it: driver and avatar are rendered.
"""

import sys
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from avatarify.animation.face.animator import FaceAnimator, FaceSettings
from avatarify.animation.face.panels import landmark_picture
from avatarify.frames import Image
from avatarify.geometry.likeness import most_alike
from avatarify.media.motion_file import read_motion
from avatarify.media.video_file import VideoFile
from avatarify.session.avatars.library import BUILT_IN_FOLDER
from avatarify.session.avatars.portrait_file import read_portrait

ROOT = Path(__file__).resolve().parents[1]
HEIGHT = 360
"""Of both pictures, in pixels."""

_EVERY = 2
"""Of the driver's 30 pictures a second."""

_FRAME_MS = 60
"""GIFs count in hundredths of a second: 16.7 pictures a second."""

_SMOOTHING = 0.2
_DITHER = 7.0
"""Levels. The pattern stands still, so that what does not move costs nothing."""

_BAYER = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]]) / 16.0 - 0.47


def frames(avatar: str) -> list[Image]:
    """Move an avatar like the demo's driver.

    Args:
        avatar: Name of a built-in one.

    Returns:
        RGB (360, 1000, 3) each: the driver's points over his picture, and the avatar.
    """
    portrait = read_portrait(BUILT_IN_FOLDER / f"{avatar}.png")
    assert portrait.landmarks is not None
    motion = read_motion(ROOT / "assets" / "demo_motion.npz")
    animator = FaceAnimator(FaceSettings(smoothing=_SMOOTHING))
    animator.set_source(portrait.portrait(), portrait.backdrop)
    animator.calibrate(motion.landmarks[most_alike(motion.landmarks, portrait.landmarks)])
    shown = []
    with VideoFile(ROOT / "assets" / "demo_driving.mp4") as clip:
        for landmarks, time_s in zip(motion.landmarks, motion.times_s, strict=True):
            frame = clip.read()
            assert frame is not None
            moved = animator.animate(landmarks, time_s=float(time_s))
            if frame.index % _EVERY == 0:
                shown.append(np.hstack([_driver(frame.image, landmarks), _scaled(moved)]))
    return shown


def write_gif(path: Path, pictures: list[Image]) -> None:
    """Write pictures with one palette, endlessly repeated."""
    sample = np.vstack([_dithered(picture) for picture in pictures[:: len(pictures) // 6]])
    palette = Pillow.fromarray(sample).quantize(255, Pillow.Quantize.MEDIANCUT)
    few = [
        Pillow.fromarray(_dithered(picture)).quantize(palette=palette, dither=Pillow.Dither.NONE)
        for picture in pictures
    ]
    few[0].save(path, save_all=True, append_images=few[1:], duration=_FRAME_MS, loop=0)
    print(path, path.stat().st_size // 1024, "KiB")  # noqa: T201 - a script


def _driver(picture: Image, landmarks: NDArray[np.floating]) -> Image:
    scale = HEIGHT / picture.shape[0]
    large = cv2.resize(picture, (HEIGHT, HEIGHT), interpolation=cv2.INTER_CUBIC)
    return landmark_picture(large.astype(np.uint8), landmarks * scale)


def _scaled(picture: Image) -> Image:
    size = (round(picture.shape[1] * HEIGHT / picture.shape[0]), HEIGHT)
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.uint8)


def _dithered(picture: Image) -> Image:
    height, width = picture.shape[:2]
    pattern = np.tile(_BAYER, (-(-height // 4), -(-width // 4)))[:height, :width, None]
    return np.clip(np.round(picture + _DITHER * pattern), 0, 255).astype(np.uint8)


if __name__ == "__main__":
    write_gif(ROOT / "docs" / "demo.gif", frames(sys.argv[1] if len(sys.argv) > 1 else "maya"))

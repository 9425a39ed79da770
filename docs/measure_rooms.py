"""Measure the built-in avatars at rest, and their rooms while they move.

The table of models/FACE_CARD.md is what `python docs/measure_rooms.py` prints.
"""

import numpy as np

from avatarify.animation.face.animator import FaceAnimator
from avatarify.geometry.likeness import most_alike
from avatarify.media.motion_file import read_motion
from avatarify.session.avatars.library import BUILT_IN_FOLDER
from avatarify.session.avatars.portrait_file import read_portrait
from avatarify.training.evaluation.turned_head import far_from, psnr_inside_db

MOTION = BUILT_IN_FOLDER.parent / "demo_motion.npz"
EVERY = 12
"""Of the driver's frames."""


def measure(name: str) -> tuple[float, float]:
    """Return PSNR at rest of the whole picture, and of the room in the worst frame."""
    avatar = read_portrait(BUILT_IN_FOLDER / f"{name}.png")
    assert avatar.landmarks is not None
    portrait, driver = avatar.portrait(), read_motion(MOTION).landmarks
    animator = FaceAnimator()
    animator.set_source(portrait, avatar.backdrop)
    reference = driver[most_alike(driver, avatar.landmarks)]
    animator.calibrate(reference)
    everywhere = np.ones(portrait.matte.shape, np.bool_)
    at_rest = psnr_inside_db(animator.animate(reference), avatar.image, everywhere)
    rooms = []
    for landmarks in driver[::EVERY]:
        free = far_from(portrait.matte, animator.cut_out(landmarks)[..., 3])
        rooms.append(psnr_inside_db(animator.animate(landmarks), avatar.image, free))
    return at_rest, min(rooms)


if __name__ == "__main__":
    for path in sorted(BUILT_IN_FOLDER.glob("*.png")):
        rest_db, room_db = measure(path.stem)
        print(f"{path.stem}: at rest {rest_db:.1f} dB, room {room_db:.1f} dB")  # noqa: T201

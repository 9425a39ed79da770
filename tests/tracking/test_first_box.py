"""Where OpenCV's cascades see faces, on rendered portraits laid into a grey picture."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from avatarify.frames import Image
from avatarify.media.image_file import read_image
from avatarify.tracking.first_box import FirstBoxes

AVATARS = Path(__file__).resolve().parents[2] / "assets" / "avatars"
UNIT = 60.0
"""About that of the large face, in pixels."""


def room_with_two(second: float) -> Image:
    """A face on the left, and beside it another one, so many times as large."""
    room = np.full((720, 1280, 3), 110, np.uint8)
    portrait = read_image(AVATARS / "nia.png")[:, 280:1000]
    for left, scale in ((40, 0.8), (760, 0.8 * second)):
        small = cv2.resize(portrait, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        room[100 : 100 + small.shape[0], left : left + small.shape[1]] = small[:, : 1280 - left]
    return room


@pytest.mark.parametrize("second", [0.8, 0.5])
def test_others_are_seen_beside_a_face_that_is_known(second: float) -> None:
    boxes = FirstBoxes()
    found = [frame for _ in range(2) for frame in boxes.glance_beside(room_with_two(second), UNIT)]
    assert any(frame.x > 760 for frame in found)


def test_who_is_far_behind_is_not_looked_for() -> None:
    boxes, room = FirstBoxes(), room_with_two(0.12)
    assert not any(f.x > 760 for _ in range(8) for f in boxes.glance_beside(room, UNIT))

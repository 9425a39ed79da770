"""A portrait that moves by itself."""

import numpy as np
import pytest

from avatarify.media.image_file import read_image
from avatarify.session.avatars.rehearsal import HEIGHT, Rehearsal
from tests.drivers import AVATARS, landmarks_of


@pytest.fixture(scope="module")
def rehearsal() -> Rehearsal:
    return Rehearsal(read_image(AVATARS / "maya.png"), landmarks_of("maya"))


def test_it_begins_at_rest_and_opens_its_mouth(rehearsal: Rehearsal) -> None:
    still = rehearsal.picture(0.0).astype(int)
    assert still.shape[0] <= HEIGHT
    change = np.abs(rehearsal.picture(6.3) - still).max(axis=2)
    height, width = change.shape
    middle = slice(width // 2 - 20, width // 2 + 20)
    assert change[int(0.6 * height) :, middle].max() > 40  # the mouth
    assert change[:10, :10].max() < 10  # the wall behind
    assert width < 1.5 * height  # the head, not all of the room

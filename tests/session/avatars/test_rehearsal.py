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
    whole = read_image(AVATARS / "maya.png")
    still = rehearsal.picture(0.0).astype(int)
    assert still.shape[0] <= HEIGHT
    change = np.abs(rehearsal.picture(6.3) - still).max(axis=2)
    mouth = landmarks_of("maya")[14, :2] * still.shape[0] / whole.shape[0]
    x, y = np.round(mouth).astype(int)
    assert change[y : y + 6, x - 4 : x + 5].max() > 40
    assert change[:10].max() < 10  # the wall behind

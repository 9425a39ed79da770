"""Cards are drawn, and the badge marks a corner."""

import numpy as np

from avatarify.session.live.cards import CARD_SIZE, Badge, card


def test_a_card_says_what_it_is_told() -> None:
    assert card("starting").shape == (*CARD_SIZE, 3)
    assert not np.array_equal(card("starting"), card("paused"))


def test_the_badge_stays_in_its_corner_at_every_size() -> None:
    for height, width in ((64, 64), (720, 1280), (1080, 1920)):
        badged = np.full((height, width, 3), 128, np.uint8)
        Badge(height).paste(badged)
        changed = np.argwhere((badged != 128).any(axis=2))
        assert badged.max() > 200
        assert changed[:, 0].min() > height * 0.6
        assert changed[:, 1].max() < width * (1.0 if width == 64 else 0.4)

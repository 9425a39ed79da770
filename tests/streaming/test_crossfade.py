"""The fade at its start, middle and end."""

from collections.abc import Callable

import numpy as np

from avatarify.frames import Image
from avatarify.streaming.crossfade import Crossfade


def test_a_fade_goes_from_old_to_new(plain: Callable[[int], Image]) -> None:
    fade = Crossfade(duration_s=2.0)
    old, new = plain(0), plain(200)
    fade.begin(old, 10.0)
    assert fade.apply(new, 10.0).max() == 0
    assert np.unique(fade.apply(new, 11.0)).tolist() == [100]
    assert fade.is_active(11.9)
    assert fade.apply(new, 12.0) is new
    assert not fade.is_active(12.0)


def test_a_cut_shows_nothing_of_the_old(plain: Callable[[int], Image]) -> None:
    fade = Crossfade(duration_s=2.0)
    fade.begin(plain(0), 10.0)
    fade.cut()
    new = plain(200)
    assert fade.apply(new, 10.0) is new


def test_pictures_of_other_sizes_are_not_blended(plain: Callable[[int], Image]) -> None:
    fade = Crossfade(duration_s=2.0)
    fade.begin(np.zeros((4, 4, 3), np.uint8), 10.0)
    new = plain(200)
    assert fade.apply(new, 10.5) is new

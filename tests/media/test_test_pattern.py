import numpy as np

from avatarify.media.test_pattern import BAR_COLOURS, draw_test_pattern


def test_bars_have_their_colours() -> None:
    image = draw_test_pattern(720, 1280, 0)
    assert image.shape == (720, 1280, 3)
    assert image.dtype == np.uint8
    middles = [int(1280 * (bar + 0.5) / 7) for bar in range(7)]
    assert [tuple(image[10, column].tolist()) for column in middles] == list(BAR_COLOURS)


def test_the_mark_moves_from_edge_to_edge() -> None:
    first, last = (draw_test_pattern(720, 1280, index)[-1, :, 0] for index in (0, 89))
    assert np.flatnonzero(first == 235).tolist() == list(range(64))
    assert np.flatnonzero(last == 235).tolist() == list(range(1280 - 64, 1280))


def test_small_and_odd_sizes_work() -> None:
    assert draw_test_pattern(17, 31, 5).shape == (17, 31, 3)

import numpy as np
import pytest

from avatarify.media.composition import Letterbox, letterbox, mirror, rotate, side_by_side


def _plain(height: int, width: int, level: int = 200) -> np.ndarray:
    return np.full((height, width, 3), level, np.uint8)


def test_fit_centres_a_square_between_black_bars() -> None:
    framed = letterbox(_plain(256, 256), (720, 1280))
    assert framed.shape == (720, 1280, 3)
    assert (framed[:, 280:1000] == 200).all()
    assert (framed[:, :280] == 0).all()
    assert (framed[:, 1000:] == 0).all()


def test_fit_puts_bars_above_and_below_a_wide_picture() -> None:
    framed = letterbox(_plain(100, 200), (200, 200))
    assert (framed[50:150] == 200).all()
    assert (framed[:50] == 0).all()


def test_fill_cuts_off_evenly() -> None:
    image = _plain(100, 300, 10)
    image[:, 100:200] = 90
    np.testing.assert_array_equal(
        letterbox(image, (100, 100), Letterbox.FILL), _plain(100, 100, 90)
    )


def test_fill_leaves_no_bars() -> None:
    assert (letterbox(_plain(256, 256), (720, 1280), Letterbox.FILL) == 200).all()


def test_blur_has_a_darker_background_of_the_same_colour() -> None:
    framed = letterbox(_plain(256, 256), (720, 1280), Letterbox.BLUR)
    assert (framed[:, 280:1000] == 200).all()
    np.testing.assert_allclose(framed[:, :280], 120, atol=1)


def test_blur_is_smooth() -> None:
    checks = np.kron(np.indices((8, 8)).sum(0) % 2, np.ones((32, 32)))
    image = np.repeat((checks * 255).astype(np.uint8)[:, :, None], 3, axis=2)
    background = letterbox(image, (720, 1280), Letterbox.BLUR)[:, :270].astype(int)
    assert np.abs(np.diff(background, axis=1)).max() <= 4


@pytest.mark.parametrize("mode", list(Letterbox))
def test_a_picture_of_the_right_size_is_unchanged(mode: Letterbox) -> None:
    image = np.random.default_rng(0).integers(0, 255, (72, 128, 3), np.uint8)
    np.testing.assert_array_equal(letterbox(image, (72, 128), mode), image)


@pytest.mark.parametrize("mode", list(Letterbox))
@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (500, 1), (31, 47), (3000, 2000)])
def test_every_shape_fills_the_frame(mode: Letterbox, shape: tuple[int, int]) -> None:
    framed = letterbox(_plain(*shape), (90, 160), mode)
    assert framed.shape == (90, 160, 3)
    assert framed.dtype == np.uint8
    assert framed.flags.c_contiguous


def test_side_by_side_scales_to_one_height() -> None:
    row = side_by_side([_plain(100, 50, 10), _plain(400, 400, 20)], 200)
    assert row.shape == (200, 300, 3)
    assert (row[:, :100] == 10).all()
    assert (row[:, 100:] == 20).all()


def test_mirror_swaps_left_and_right() -> None:
    image = np.arange(12, dtype=np.uint8).reshape(1, 4, 3)
    mirrored = mirror(image)
    np.testing.assert_array_equal(mirrored[0, 0], image[0, 3])
    np.testing.assert_array_equal(mirror(mirrored), image)
    assert mirrored.flags.c_contiguous


def test_pictures_turn_clockwise() -> None:
    image = np.arange(18, dtype=np.uint8).reshape(2, 3, 3)
    upper_left, upper_right = image[0, 0].tolist(), image[0, 2].tolist()
    quarter = rotate(image, 90)
    assert quarter.shape == (3, 2, 3)
    assert quarter[0, 1].tolist() == upper_left
    assert rotate(image, 180)[1, 2].tolist() == upper_left
    assert rotate(image, 270)[0, 0].tolist() == upper_right
    np.testing.assert_array_equal(rotate(image, 0), image)
    np.testing.assert_array_equal(rotate(rotate(image, 90), 270), image)
    assert rotate(image, 90).flags.c_contiguous

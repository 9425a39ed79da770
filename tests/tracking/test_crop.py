from collections.abc import Callable

import numpy as np
import pytest

from avatarify.frames import Image
from avatarify.tracking.crop import FACE_MARGIN, Crop, crop_of_face, cut
from avatarify.tracking.face import Face


def ramp(height: int = 64, width: int = 64, slope: int = 3) -> Image:
    """Red grows with x, green with y, by `slope` per pixel: value = slope * (centre - 0.5)."""
    rows, columns = np.mgrid[:height, :width]
    return np.stack([columns * slope, rows * slope, 0 * rows], axis=2).astype(np.uint8)


def test_whole_picture_at_its_own_size_is_unchanged() -> None:
    image = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    np.testing.assert_array_equal(cut(image, Crop(16, 16, 32), 32), image)


def test_whole_pixels_are_cut_out_as_they_are() -> None:
    image = np.random.default_rng(0).integers(0, 256, (40, 50, 3), dtype=np.uint8)
    np.testing.assert_array_equal(cut(image, Crop(15, 12, 10), 10), image[7:17, 10:20])


@pytest.mark.parametrize("offset", [0.25, 0.5, 0.75])
def test_fractions_of_a_pixel_count(offset: float) -> None:
    # The result's pixel i has its centre at left + i + 0.5, where the ramp is 3 * (left + i).
    got = cut(ramp(), Crop(30 + offset, 30, 20), 20)[10, :, 0]
    np.testing.assert_allclose(got, 3 * (20 + offset + np.arange(20)), atol=0.51)


@pytest.mark.parametrize("offset", [0.0, 0.3])
@pytest.mark.parametrize("size", [40, 20, 16, 9])
def test_scaling_keeps_pixel_centres(size: int, offset: float) -> None:
    # Enlarged, halved, by a broken factor and by more than four: pixel i has its centre at
    # left + (i + 0.5) * step. Rounding to whole values happens twice.
    left, side = 12 + offset, 40.0
    got = cut(ramp(), Crop(left + side / 2, left + side / 2, side), size)
    centres = left + (np.arange(size) + 0.5) * side / size
    np.testing.assert_allclose(got[size // 2, :, 0], 3 * (centres - 0.5), atol=0.9)
    np.testing.assert_allclose(got[:, size // 2, 1], 3 * (centres - 0.5), atol=0.9)


def test_shrinking_averages_instead_of_skipping() -> None:
    stripes = np.zeros((256, 256, 3), np.uint8)
    stripes[:, ::2] = 200
    got = cut(stripes, Crop(128, 128, 200), 50)
    assert got.min() >= 98
    assert got.max() <= 102


def test_beyond_the_edge_the_border_is_repeated() -> None:
    image = ramp(20, 20)
    got = cut(image, Crop(0, 10, 20), 20)
    assert (got[:, :10, 0] == 0).all()
    np.testing.assert_array_equal(got[:, 10:], image[:, :10])

    outside = cut(image, Crop(500, -500, 30), 8)
    assert (outside == image[0, 19]).all()


def test_result_is_contiguous_uint8() -> None:
    got = cut(ramp()[:, ::-1], Crop(30, 30, 51.7), 24)
    assert got.shape == (24, 24, 3)
    assert got.dtype == np.uint8
    assert got.flags.c_contiguous


def test_impossible_crops_are_refused() -> None:
    with pytest.raises(ValueError, match="above 0"):
        Crop(0, 0, 0)
    with pytest.raises(ValueError, match="finite"):
        Crop(float("nan"), 0, 1)


def test_crop_of_face_is_centred_on_the_box(make_face: Callable[..., Face]) -> None:
    crop = crop_of_face(make_face(x=300, y=200, size=100))
    assert (crop.center_x, crop.center_y) == pytest.approx((300, 200), abs=0.01)
    assert crop.size == pytest.approx(FACE_MARGIN * 100, abs=0.01)


def test_zoom_and_move_are_in_fractions_of_the_crop() -> None:
    crop = Crop(100, 100, 80)
    assert crop.zoomed(2) == Crop(100, 100, 40)
    assert crop.moved(0.5, -0.25) == Crop(140, 80, 80)


def test_edges_are_at_minus_one_and_one() -> None:
    crop = Crop(100, 60, 40)
    points = np.array([[80.0, 40.0], [120.0, 80.0], [100.0, 60.0]])
    normalised = crop.to_normalised(points)
    np.testing.assert_allclose(normalised, [[-1, -1], [1, 1], [0, 0]])


def test_change_carries_points_from_one_crop_into_another() -> None:
    here, there = Crop(110, 60, 50), Crop(100, 64, 40)
    point = np.array([[123.0, 45.0]])
    change = here.relative_to(there)
    carried = change.scale * here.to_normalised(point) + [change.offset_x, change.offset_y]
    np.testing.assert_allclose(carried, there.to_normalised(point))

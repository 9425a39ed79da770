from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QRectF, QSize, QSizeF
from PySide6.QtGui import QColor, QImage

from avatarify.frames import Image
from avatarify.gui.pieces.picture import as_qimage, fitted, from_qimage, scaled


def test_a_picture_is_shown_without_copying_it(make_picture: Callable[..., Image]) -> None:
    image = make_picture()
    picture = as_qimage(image)
    image[0, 0] = (1, 2, 3)
    assert picture.pixelColor(0, 0) == QColor(1, 2, 3)


def test_a_picture_outlives_its_array() -> None:
    picture = as_qimage(np.full((40, 50, 3), 77, np.uint8))
    rubbish = [np.zeros((40, 50, 3), np.uint8) for _ in range(50)]
    assert picture.pixelColor(49, 39) == QColor(77, 77, 77)
    assert len(rubbish) == 50


def test_pictures_are_scaled_to_device_pixels() -> None:
    image = np.full((90, 160, 3), 50, np.uint8)
    for size in (QSize(160, 90), QSize(320, 180), QSize(40, 22), QSize(1, 1)):
        picture = scaled(image, size)
        assert picture.size() == size
        assert picture.pixelColor(0, 0) == QColor(50, 50, 50)


def test_what_is_finer_than_a_pixel_becomes_its_mean() -> None:
    """Stripes would flicker if a small picture showed one of them and left the next one out."""
    stripes = np.zeros((360, 640, 3), np.uint8)
    stripes[:, ::2] = 200
    for size in (QSize(150, 84), QSize(80, 45), QSize(33, 19)):
        shown = from_qimage(scaled(stripes, size))
        assert shown.shape[:2] == (size.height(), size.width())
        assert np.abs(shown.astype(int) - 100).max() <= 1
    odd = scaled(np.full((361, 641, 3), 90, np.uint8), QSize(100, 56))
    assert odd.size() == QSize(100, 56)
    assert odd.pixelColor(99, 55) == QColor(90, 90, 90)


def test_a_qimage_comes_back_as_it_was(make_picture: Callable[..., Image]) -> None:
    image = make_picture(30, 7, 5)  # rows of 15 bytes: Qt pads them
    np.testing.assert_array_equal(from_qimage(as_qimage(image).copy()), image)


def test_what_is_transparent_becomes_grey() -> None:
    picture = QImage(2, 2, QImage.Format.Format_ARGB32)
    picture.fill(QColor(0, 0, 0, 0))
    assert from_qimage(picture)[0, 0].tolist() == [127, 127, 127]


def test_the_fitted_rectangle_is_centred() -> None:
    assert fitted(QSizeF(100, 100), 16, 8) == QRectF(0, 25, 100, 50)
    assert fitted(QSizeF(100, 20), 1, 1) == QRectF(40, 0, 20, 20)


def test_a_picture_of_a_dense_screen_keeps_all_its_pixels() -> None:
    image = np.full((40, 60, 3), (10, 200, 30), np.uint8)
    picture = as_qimage(image).copy()
    picture.setDevicePixelRatio(2.0)
    np.testing.assert_array_equal(from_qimage(picture), image)
    assert picture.devicePixelRatio() == 2.0

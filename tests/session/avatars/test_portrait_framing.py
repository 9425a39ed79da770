import numpy as np
import pytest

from avatarify.session.avatars.portrait_framing import LARGEST_HEIGHT, WIDEST, window_around
from avatarify.tracking.face import Box


def around(x: float, y: float, width: float, height: float) -> Box:
    return Box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)


def test_a_wide_picture_is_kept_whole() -> None:
    window = window_around(around(640, 330, 260, 330), (720, 1280))
    assert (window.left, window.top, window.width, window.height) == (0, 0, 1280, 720)
    assert window.scale == 1.0


def test_a_panorama_is_cut_around_the_face() -> None:
    window = window_around(around(900, 330, 260, 330), (720, 2400))
    assert window.width == pytest.approx(WIDEST * 720)
    assert window.left + window.width / 2 == pytest.approx(900, abs=1)


def test_a_small_face_is_brought_nearer() -> None:
    window = window_around(around(2000, 1200, 240, 300), (3000, 4000))
    assert window.height == 1000
    assert window.scale == pytest.approx(LARGEST_HEIGHT / 1000)
    assert 300 * window.scale / LARGEST_HEIGHT == pytest.approx(0.3)


def test_a_close_square_portrait_keeps_its_shape() -> None:
    window = window_around(around(256, 250, 200, 260), (512, 512))
    assert (window.width, window.height, window.scale) == (512, 512, 1.0)


def test_an_upright_picture_is_as_high_as_the_head_needs() -> None:
    window = window_around(around(320, 400, 220, 280), (1138, 640))
    assert window.width == 640
    assert window.height >= 1.9 * 280


def test_landmarks_go_where_the_pixels_go() -> None:
    image = np.zeros((3000, 4000, 3), np.uint8)
    image[1190:1210, 1990:2010] = 255
    window = window_around(around(2000, 1200, 240, 300), (3000, 4000))
    x, y, depth = window.place(np.array([[2000.0, 1200.0, 10.0]]))[0]
    rows, columns = np.nonzero(window.cut(image)[..., 0] > 128)
    assert columns.mean() + 0.5 == pytest.approx(x, abs=0.6)
    assert rows.mean() + 0.5 == pytest.approx(y, abs=0.6)
    assert depth == pytest.approx(10 * window.scale)

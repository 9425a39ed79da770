import pytest

from avatarify.tracking.face import Box
from avatarify.tracking.search import FaceSearch, Window, windows_to_search

HD = (720, 1280)
WHOLE = Window(0, 0, 1280, 720)


def box(x: float, y: float, size: float) -> Box:
    return Box(x - size / 2, y - size / 2, x + size / 2, y + size / 2)


@pytest.mark.parametrize("image_size", [HD, (1280, 720), (480, 640), (256, 256), (1, 1)])
def test_windows_are_inside_and_cover_the_picture(image_size: tuple[int, int]) -> None:
    height, width = image_size
    windows = windows_to_search(image_size)
    assert windows[0] == (0, 0, width, height)
    for left, top, wide, high in windows:
        assert left >= 0 < wide
        assert top >= 0 < high
        assert left + wide <= width
        assert top + high <= height
    tiles = windows[2:]
    assert min(t.left for t in tiles) == min(t.top for t in tiles) == 0
    assert max(t.left + t.width for t in tiles) == width
    assert max(t.top + t.height for t in tiles) == height


def test_a_search_looks_everywhere_and_often_at_the_whole() -> None:
    search, looked_at = FaceSearch(), []
    for _ in range(18):
        looked_at.append(search.window(HD))
        search.report(None)
    assert set(looked_at) == set(windows_to_search(HD))
    assert looked_at.count(WHOLE) == 6
    assert looked_at[0] == WHOLE


def test_large_face_is_looked_for_in_the_whole_picture() -> None:
    search = FaceSearch()
    for _ in range(2):
        search.window(HD)
        search.report(None)
    search.window(HD)
    search.report(box(640, 360, 300))
    assert search.window(HD) == WHOLE


def test_window_around_a_small_face_stays_until_the_face_leaves() -> None:
    search = FaceSearch()
    search.window(HD)
    search.report(box(900, 360, 80))
    around = search.window(HD)
    assert around == Window(740, 200, 320, 320)
    for x in (890, 930, 960):
        search.report(box(x, 360, 80))
        assert search.window(HD) == around
    search.report(box(1010, 360, 80))
    assert search.window(HD) == Window(850, 200, 320, 320)
    search.report(box(1270, 700, 80))
    assert search.window(HD) == Window(960, 400, 320, 320)


def test_lost_face_is_searched_from_the_whole_picture_on() -> None:
    search = FaceSearch()
    search.window(HD)
    search.report(box(900, 360, 80))
    search.window(HD)
    search.report(None)
    assert search.window(HD) == WHOLE


def test_another_size_starts_anew() -> None:
    search = FaceSearch()
    search.window(HD)
    search.report(box(900, 360, 80))
    assert search.window((480, 640)) == Window(0, 0, 640, 480)


def test_in_company_the_window_shows_the_followed_face_alone() -> None:
    search = FaceSearch()
    search.window(HD)
    search.report(box(400, 360, 300), is_alone=False)
    around = search.window(HD)
    assert around == Window(100, 60, 600, 600)
    search.report(box(410, 360, 300), is_alone=False)
    assert search.window(HD) == around
    search.report(box(410, 360, 300))
    assert search.window(HD) == WHOLE

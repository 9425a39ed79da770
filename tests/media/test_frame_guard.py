"""Which pictures of a camera are broken, and what the user hears of it."""

from avatarify.media.frame_guard import FrameGuard

WIDE, TALL = (480, 640), (640, 480)


def test_a_phone_that_is_turned_sends_no_broken_pictures() -> None:
    told: list[str] = []
    guard = FrameGuard(told.append, "Come closer.")
    for shape in (WIDE, TALL, WIDE, TALL):
        admitted = [guard.admits(shape) for _ in range(30)]
        assert all(admitted[5:])
    assert told == []


def test_single_pictures_of_another_size_are_told_once() -> None:
    told: list[str] = []
    guard = FrameGuard(told.append, "Come closer.")
    assert guard.admits(WIDE)
    for _ in range(3):
        assert not guard.admits((120, 160))
        assert guard.admits(WIDE)
    assert told == ["Some of the camera's pictures arrive broken and are left out. Come closer."]
    assert guard.left_out == 3

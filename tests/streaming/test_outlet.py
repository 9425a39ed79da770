"""An outlet survives its device: opened late, lost, opened again."""

from collections.abc import Callable
from typing import Any

from avatarify.errors import VirtualCameraError
from avatarify.frames import Frame, Image
from avatarify.streaming.outlet import Outlet


def test_a_device_that_comes_later_is_opened_then(sink: Any, plain: Callable[[int], Image]) -> None:
    told: list[Exception | None] = []
    exists = False

    def open_sink() -> Any:
        if not exists:
            raise VirtualCameraError("No virtual camera was found. Start OBS once.")
        return sink

    outlet = Outlet(open_sink, told.append)
    assert not outlet.write(Frame(plain(0), 0.0, 0))
    assert not outlet.write(Frame(plain(0), 0.1, 1))  # too early to try again: first pause 0.25 s
    assert len(told) == 1
    exists = True
    assert outlet.write(Frame(plain(0), 0.3, 2))
    assert told[1] is None
    assert [frame.index for frame in sink.frames] == [2]


def test_a_lost_device_is_closed_and_opened_again(sink: Any, plain: Callable[[int], Image]) -> None:
    told: list[Exception | None] = []
    outlet = Outlet(lambda: sink, told.append)
    assert outlet.write(Frame(plain(0), 0.0, 0))
    sink.refuses = True
    assert not outlet.write(Frame(plain(0), 0.1, 1))
    assert sink.is_closed
    assert not outlet.is_open
    sink.refuses = False
    assert outlet.write(Frame(plain(0), 0.5, 2))
    assert [type(error) for error in told] == [type(None), VirtualCameraError, type(None)]


def test_closing_twice_is_harmless(sink: Any, plain: Callable[[int], Image]) -> None:
    outlet = Outlet(lambda: sink, lambda error: None)
    outlet.write(Frame(plain(0), 0.0, 0))
    outlet.close()
    outlet.close()
    assert sink.is_closed


def test_it_knows_whether_a_program_reads_the_device(
    sink: Any, plain: Callable[[int], Image]
) -> None:
    outlet = Outlet(lambda: sink, lambda error: None)
    assert outlet.is_watched is None
    outlet.write(Frame(plain(0), 0.0, 0))
    assert outlet.is_watched is None  # a sink that cannot tell
    sink.is_watched = True
    assert outlet.is_watched is True
    sink.is_watched = False
    assert outlet.is_watched is False
    sink.refuses = sink.is_watched = True
    outlet.write(Frame(plain(0), 0.1, 1))
    assert outlet.is_watched is False  # nobody can read a device that is gone

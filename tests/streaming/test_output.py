"""What the output shows, by an invented clock: avatar, rest, fades, and never an array."""

from collections.abc import Callable
from threading import Event
from typing import Any

import numpy as np
import pytest

from avatarify.frames import Image
from avatarify.streaming.hand_over import LatestFrame
from avatarify.streaming.outlet import Outlet
from avatarify.streaming.output import STALE_S, Output
from avatarify.streaming.output_picture import Origin, OutputPicture, PassThroughPermission
from avatarify.streaming.statistics import StreamStatistics
from avatarify.streaming.worker import Worker


class ManualClock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


class Bench:
    """An output at so high a rate that it never waits, with a clock of its own."""

    def __init__(self, sink: Any, rest: OutputPicture) -> None:
        self.clock = ManualClock()
        self.pictures: LatestFrame[OutputPicture] = LatestFrame()
        self.rest = rest
        self.statistics = StreamStatistics((), self.clock)
        self.sink = sink
        self.taps: list[tuple[Origin, float | None]] = []
        self.output = Output(
            self.pictures,
            lambda: self.rest,
            lambda picture: picture.image,
            fps=1000,
            statistics=self.statistics,
            outlet=Outlet(lambda: sink, lambda error: None),
            tap=lambda image, origin, time_s, latency_s: self.taps.append((origin, latency_s)),
            clock=self.clock,
        )

    def step(self, picture: OutputPicture | None = None, after_s: float = 1.0) -> int:
        """Let time pass, offer a picture, and return the grey level that is written."""
        self.clock.now_s += after_s
        if picture is not None:
            self.pictures.put(picture)
        self.output.step(Event())
        levels = np.unique(self.sink.frames[-1].image)
        assert len(levels) == 1
        return int(levels[0])


@pytest.fixture
def bench(sink: Any, picture: Callable[..., OutputPicture]) -> Bench:
    return Bench(sink, picture(10))


def test_the_resting_picture_is_shown_first(bench: Bench) -> None:
    assert bench.step() == 10
    assert bench.taps == [(Origin.AVATAR, None)]


def test_live_pictures_are_eased_in_and_measured(
    bench: Bench, picture: Callable[..., OutputPicture]
) -> None:
    bench.step()
    assert bench.step(picture(110, time_s=bench.clock.now_s)) == 10  # the fade begins
    assert 10 < bench.step(picture(110), after_s=0.2) < 110
    assert bench.step(picture(110), after_s=0.2) == 110
    assert bench.taps[1][1] == pytest.approx(1.0)
    assert bench.statistics.report().frames_delivered == 3


def test_a_stream_that_stops_eases_to_rest(
    bench: Bench, picture: Callable[..., OutputPicture]
) -> None:
    bench.step(picture(110))
    assert bench.step(after_s=STALE_S - 0.1) == 110
    assert bench.step(after_s=0.2) == 110  # the fade begins
    assert bench.step(after_s=0.4) == 10


def test_pictures_of_an_older_avatar_are_not_shown(
    bench: Bench, picture: Callable[..., OutputPicture]
) -> None:
    bench.step(picture(110))
    bench.rest = picture(20, generation=1)
    bench.step(picture(120))
    assert bench.step(picture(130)) == 20
    bench.step(picture(140, generation=1))
    assert bench.step(picture(140, generation=1)) == 140


def test_the_camera_is_shown_with_permission_only_and_without_any_fade(
    bench: Bench, plain: Callable[[int], Image]
) -> None:
    bench.step()
    permission = PassThroughPermission()
    seen = OutputPicture(plain(255), Origin.PASS_THROUGH, 0.0, permission=permission)
    assert bench.step(seen, after_s=0.01) == 255
    permission.revoke()
    assert bench.step(after_s=0.001) == 10
    assert bench.step(seen, after_s=0.001) == 10


def test_a_permission_revoked_while_composing_still_counts(
    sink: Any, picture: Callable[..., OutputPicture], plain: Callable[[int], Image]
) -> None:
    bench = Bench(sink, picture(10))
    permission = PassThroughPermission()

    def compose(shown: OutputPicture) -> Image:
        if shown.origin is Origin.PASS_THROUGH:
            permission.revoke()
        return shown.image

    bench.output.set_composer(compose)
    seen = OutputPicture(plain(255), Origin.PASS_THROUGH, 0.0, permission=permission)
    assert bench.step(seen) == 10


def test_an_array_is_refused(bench: Bench, plain: Callable[[int], Image]) -> None:
    camera_frame: Any = plain(255)
    bench.pictures.put(camera_frame)
    with pytest.raises(TypeError, match="only OutputPictures"):
        bench.output.step(Event())
    assert bench.sink.frames == []


def test_stopping_eases_to_rest_and_closes(
    bench: Bench, picture: Callable[..., OutputPicture], sink: Any
) -> None:
    statistics = StreamStatistics(())
    output = Output(
        bench.pictures,
        lambda: bench.rest,
        lambda shown: shown.image,
        fps=100,
        statistics=statistics,
        outlet=Outlet(lambda: sink, lambda error: None),
    )
    worker = Worker("avatarify-output", output)
    bench.pictures.put(picture(210))
    worker.start()
    while not any(frame.image.max() == 210 for frame in list(sink.frames)):
        assert worker.is_running
    worker.stop()
    assert worker.join(10)
    levels = [int(frame.image.max()) for frame in sink.frames]
    fade = levels[levels.index(210) :]
    assert fade == sorted(fade, reverse=True)
    assert fade[-1] == 10
    assert len(set(fade)) > 5  # eased, not cut
    assert sink.is_closed


def test_a_broken_worker_leaves_the_output_at_rest(
    bench: Bench, picture: Callable[..., OutputPicture]
) -> None:
    bench.step(picture(110))
    bench.pictures.close(RuntimeError("a worker broke"))
    bench.step(after_s=STALE_S + 0.1)
    assert bench.step(after_s=0.4) == 10

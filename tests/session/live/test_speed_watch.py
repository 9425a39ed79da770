"""When slowness is told, by invented reports."""

from avatarify.session.live.speed_watch import PERSISTENCE_S, SpeedWatch
from avatarify.streaming.statistics import StreamReport


def report(output_fps: float, capture_fps: float = 30.0) -> StreamReport:
    return StreamReport(
        elapsed_s=10.0,
        frames_captured=0,
        frames_delivered=0,
        frames_repeated=0,
        frames_dropped=0,
        capture_fps=capture_fps,
        output_fps=output_fps,
        latency=None,
        longest_gap_s=0.0,
        stages=(),
    )


def test_a_lasting_slowness_is_told_once_and_taken_back() -> None:
    watch = SpeedWatch()
    assert watch.update(report(4), 0.0) is None
    told = watch.update(report(4), PERSISTENCE_S)
    assert told is not None
    assert "Only 4 pictures" in told
    assert watch.update(report(4), 60.0) is None
    assert watch.update(report(25), 61.0) == ""
    assert watch.update(report(25), 62.0) is None


def test_a_hiccup_is_not_told() -> None:
    watch = SpeedWatch()
    watch.update(report(4), 0.0)
    watch.update(report(30), 4.0)
    assert watch.update(report(4), 8.0) is None


def test_a_slow_camera_is_not_the_programs_doing() -> None:
    watch = SpeedWatch()
    watch.update(report(5, capture_fps=5), 0.0)
    assert watch.update(report(5, capture_fps=5), 60.0) is None


def test_pauses_do_not_count() -> None:
    watch = SpeedWatch()
    watch.update(report(0), 0.0)
    watch.forget()
    assert watch.update(report(0), PERSISTENCE_S) is None

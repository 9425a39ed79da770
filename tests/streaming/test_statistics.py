"""Arithmetic of rates, percentiles and gaps with an invented clock."""

import json

import pytest

from avatarify.streaming.statistics import RollingSeries, StreamStatistics


class ManualClock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def test_median_and_p95_of_a_known_series() -> None:
    series = RollingSeries()
    for milliseconds in range(101):
        series.add(milliseconds / 1000)
    times = series.percentiles()
    assert times is not None
    assert times.median_ms == pytest.approx(50)
    assert times.p95_ms == pytest.approx(95)


def test_only_the_last_values_count() -> None:
    series = RollingSeries(window=3)
    for value in (9.0, 1.0, 2.0, 3.0):
        series.add(value)
    assert sorted(series.values()) == [1.0, 2.0, 3.0]
    assert series.count == 4


def test_a_steady_stream_has_its_rate_and_silence_lowers_it() -> None:
    series = RollingSeries()
    for frame in range(61):
        series.add(frame / 30)
    assert series.rate(2.0) == pytest.approx(30)
    assert 0 < series.rate(3.5) < 16
    assert series.rate(60.0) == 0


def test_a_report_counts_everything() -> None:
    clock = ManualClock()
    statistics = StreamStatistics(("track", "animate"), clock)
    statistics.note_capture(100.0)
    with statistics.stage("animate"):
        clock.now_s += 0.02
    assert statistics.note_delivery(100.0) == pytest.approx(0.02)
    clock.now_s += 0.5
    statistics.note_repeat()
    report = statistics.report(frames_dropped=3)
    assert (report.frames_captured, report.frames_delivered, report.frames_repeated) == (1, 1, 1)
    assert report.frames_dropped == 3
    assert report.latency is not None
    assert report.latency.p95_ms == pytest.approx(20)
    assert report.longest_gap_s == pytest.approx(0.5)
    assert report.elapsed_s == pytest.approx(0.52)
    assert [name for name, _ in report.stages] == ["animate"]


def test_the_report_is_json() -> None:
    statistics = StreamStatistics(("track",), ManualClock())
    with statistics.stage("track"):
        pass
    content = json.loads(statistics.report().to_json())
    assert content["latency"] is None
    assert content["stages"]["track"] == {"median_ms": 0.0, "p95_ms": 0.0}

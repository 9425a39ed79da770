"""Counts and times of a running stream, as snapshots that can be shown and written.

Each series has one writing thread and readers copy it, so nothing here locks: the worst a reader
can see is a report that is one frame old.
"""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

WINDOW = 300
"""Samples kept per series: ten seconds at 30 fps."""

RATE_WINDOW_S = 3.0
"""Frame rates are averages over this long."""


class RollingSeries:
    """The last values of something, added by one thread."""

    def __init__(self, window: int = WINDOW) -> None:
        """Make an empty series.

        Args:
            window: Values kept.
        """
        self._ring = np.zeros(window, np.float64)
        self._count = 0

    @property
    def count(self) -> int:
        """Values added since the start."""
        return self._count

    def add(self, value: float) -> None:
        """Append a value; the oldest one goes when the window is full."""
        self._ring[self._count % len(self._ring)] = value
        self._count += 1

    def values(self) -> NDArray[np.float64]:
        """A copy of what is kept, in no particular order."""
        return self._ring[: min(self._count, len(self._ring))].copy()

    def percentiles(self) -> "Percentiles | None":
        """Median and 95th percentile of seconds, in milliseconds; None without values."""
        values = self.values()
        if not len(values):
            return None
        median_s, p95_s = np.percentile(values, (50, 95))
        return Percentiles(median_ms=float(1e3 * median_s), p95_ms=float(1e3 * p95_s))

    def rate(self, now_s: float) -> float:
        """Events per second lately, where the values are the events' times.

        A stream that has stopped loses its rate as the silence grows.
        """
        times = np.sort(self.values())
        recent = times[times >= now_s - RATE_WINDOW_S]
        if len(recent) < 2:
            return 0.0
        span_s = recent[-1] - recent[0]
        mean_s = span_s / (len(recent) - 1)
        silence_s = max(0.0, now_s - recent[-1] - mean_s)
        return float((len(recent) - 1) / (span_s + silence_s)) if span_s > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Percentiles:
    """Median and 95th percentile of a series, in milliseconds."""

    median_ms: float
    p95_ms: float


@dataclass(frozen=True, slots=True)
class StreamReport:
    """What the stream did until now; times over the last few hundred frames."""

    elapsed_s: float
    """Since the stream started."""

    frames_captured: int
    frames_delivered: int
    """New pictures written; repeats are counted apart."""

    frames_repeated: int
    frames_dropped: int
    """Older frames replaced by newer ones before a slower stage took them."""

    capture_fps: float
    output_fps: float
    """New pictures per second, lately."""

    latency: Percentiles | None
    """Capture to output; None before the first new picture."""

    longest_gap_s: float
    """Longest time between two writes of any picture since the start."""

    stages: tuple[tuple[str, Percentiles], ...]
    """Time of each stage that has run, in the order of the pipeline."""

    def to_json(self) -> str:
        """The report as indented JSON."""
        content = asdict(self)
        content["stages"] = {name: asdict(times) for name, times in self.stages}
        return json.dumps(content, indent=2)


class StreamStatistics:
    """Collects; `report` makes the snapshot."""

    def __init__(
        self, stages: tuple[str, ...], clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Start counting.

        Args:
            stages: Names of the stages, in the order of the pipeline.
            clock: Gives the time in seconds.
        """
        self._clock = clock
        self._started_s = clock()
        self._stages = {name: RollingSeries() for name in stages}
        self._captures = RollingSeries()
        self._deliveries = RollingSeries()
        self._latencies = RollingSeries()
        self._repeats = 0
        self._last_write_s: float | None = None
        self._longest_gap_s = 0.0

    def note_capture(self, time_s: float) -> None:
        """A frame was captured at `time_s`."""
        self._captures.add(time_s)

    def note_delivery(self, captured_s: float) -> float:
        """A new picture, whose driving frame was captured at `captured_s`, was written just now.

        Returns:
            Its latency in seconds.
        """
        now_s = self._note_write()
        self._deliveries.add(now_s)
        self._latencies.add(now_s - captured_s)
        return now_s - captured_s

    def note_repeat(self) -> None:
        """A picture that was not new was written just now."""
        self._note_write()
        self._repeats += 1

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measure one pass of a stage; each stage belongs to one thread."""
        began_s = self._clock()
        yield
        self._stages[name].add(self._clock() - began_s)

    def report(self, frames_dropped: int = 0) -> StreamReport:
        """What happened until now.

        Args:
            frames_dropped: Sum over the hand-overs, which count themselves.
        """
        now_s = self._clock()
        times = ((name, series.percentiles()) for name, series in self._stages.items())
        return StreamReport(
            elapsed_s=now_s - self._started_s,
            frames_captured=self._captures.count,
            frames_delivered=self._deliveries.count,
            frames_repeated=self._repeats,
            frames_dropped=frames_dropped,
            capture_fps=self._captures.rate(now_s),
            output_fps=self._deliveries.rate(now_s),
            latency=self._latencies.percentiles(),
            longest_gap_s=self._longest_gap_s,
            stages=tuple((name, value) for name, value in times if value is not None),
        )

    def _note_write(self) -> float:
        now_s = self._clock()
        if self._last_write_s is not None:
            self._longest_gap_s = max(self._longest_gap_s, now_s - self._last_write_s)
        self._last_write_s = now_s
        return now_s

"""Counts and times of a running stream, as snapshots that can be shown and written."""

import json
from dataclasses import asdict, dataclass

WINDOW = 300
"""Samples kept per series: ten seconds at 30 fps."""


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
    """Time of each stage, in order of first use."""

    def to_json(self) -> str:
        """The report as indented JSON."""
        content = asdict(self)
        content["stages"] = {name: asdict(times) for name, times in self.stages}
        return json.dumps(content, indent=2)

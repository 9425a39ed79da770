"""Latency under overload, computed event by event: no clock runs, so no machine can be too slow.

The real hand-overs and the real pacer are driven by a simulated camera and a simulated animator of
fixed cost. One period of the camera and of the output is 1.
"""

import heapq

import numpy as np
import pytest

from avatarify.streaming.hand_over import LatestFrame
from avatarify.streaming.pacing import OutputPacer


class Simulation:
    """Camera, animator and output, each as the events that it schedules."""

    def __init__(self, cost: float) -> None:
        self.cost = cost
        self.captured: LatestFrame[float] = LatestFrame()
        self.pictures: LatestFrame[float] = LatestFrame()
        self.pacer = OutputPacer(1.0)
        self.is_busy = False
        self.latencies: list[float] = []
        self.writes: list[float] = []
        self.events: list[tuple[float, int, str, float]] = []
        self._order = 0

    def schedule(self, time: float, name: str, captured: float = 0.0) -> None:
        self._order += 1
        heapq.heappush(self.events, (time, self._order, name, captured))

    def run(self, frames: int) -> None:
        generator = np.random.default_rng(7)
        for index in range(frames):
            self.schedule(index + generator.uniform(0, 0.2), "camera")  # it jitters
        self.schedule(0.0, "output")
        while self.events and self.events[0][0] < frames:
            time, _, name, captured = heapq.heappop(self.events)
            getattr(self, f"at_{name}")(time, captured)

    def at_camera(self, time: float, captured: float) -> None:
        self.captured.put(time)
        self.animate(time)

    def at_animated(self, time: float, captured: float) -> None:
        self.is_busy = False
        self.pictures.put(captured)
        self.schedule(time + self.pacer.wait_for_new(time), "output")
        self.animate(time)

    def animate(self, time: float) -> None:
        if not self.is_busy and (captured := self.captured.take(0)) is not None:
            self.is_busy = True
            self.schedule(time + self.cost, "animated", captured)

    def at_output(self, time: float, captured: float) -> None:
        if self.pacer.wait_for_new(time) > 1e-9:
            return  # another write came first; it scheduled what follows
        picture = self.pictures.take(0)
        if picture is None and self.pacer.wait_for_repeat(time) > 1e-9:
            return
        if picture is not None:
            self.latencies.append(time - picture)
        self.writes.append(time)
        self.pacer.note_write(time, picture is not None)
        self.schedule(time + self.pacer.wait_for_repeat(time), "output")
        if not self.pictures.is_empty:
            self.schedule(time + self.pacer.wait_for_new(time), "output")


@pytest.mark.parametrize("cost", [0.1, 0.5, 0.9, 1.0, 1.1, 1.7, 3.3, 10.0])
def test_p95_stays_below_cost_and_one_and_a_half_periods(cost: float) -> None:
    simulation = Simulation(cost)
    simulation.run(2000)
    assert np.percentile(simulation.latencies, 95) <= cost + 1.3  # 0.2 are left for the rest
    assert max(simulation.latencies) <= cost + 1.2 + 0.5  # oldest frame in the slot, pacing


@pytest.mark.parametrize("cost", [0.5, 1.0, 10.0])
def test_the_output_never_falls_silent_and_never_bursts(cost: float) -> None:
    simulation = Simulation(cost)
    simulation.run(2000)
    gaps = np.diff(simulation.writes)
    assert gaps.max() <= 1.5 + 1e-6
    assert gaps.min() >= 0.25 - 1e-6
    assert len(simulation.writes) <= 2200


def test_overload_drops_frames_instead_of_queueing_them() -> None:
    simulation = Simulation(10.0)
    simulation.run(2000)
    assert len(simulation.latencies) == pytest.approx(200, abs=5)
    assert simulation.captured.dropped == pytest.approx(1800, abs=10)

"""Minutes of live operation: memory must not grow, and the output must not pause.

The short run belongs to CI. `pytest -m endurance -s tests/session/live/test_endurance.py` runs ten
minutes (`AVATARIFY_ENDURANCE_S` changes that) and prints the slope.
"""

import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from avatarify.animation.portable_file import save_model
from avatarify.cli.demo import CLIP
from avatarify.frames import Frame, Image
from avatarify.session.avatars.avatar import Avatar
from avatarify.session.keeping.settings import (
    CameraSettings,
    EngineSettings,
    OutputSettings,
    Settings,
)
from avatarify.session.live.live_session import LiveSession
from avatarify.session.live.parts import standard_parts
from tests.tiny_models import picture, tiny_model

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc for the memory")

WARM_UP_S = 4.0


class CountingSink:
    """Takes frames of the full size and keeps none."""

    def __init__(self) -> None:
        self.count = 0

    def write(self, frame: Frame) -> None:
        assert frame.image.shape == (720, 1280, 3)
        self.count += 1

    def close(self) -> None:
        pass


def resident_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


@pytest.fixture
def session(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[LiveSession, CountingSink, list[Image]]:
    """The product's own parts with a tiny model, on the demo clip, into a sink that counts."""
    monkeypatch.setenv("AVATARIFY_CONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("AVATARIFY_MODELS", str(tmp_path))
    save_model(tiny_model("compact"), tmp_path / "tiny.safetensors")
    settings = Settings(
        camera=CameraSettings(str(CLIP), loop=True),
        output=OutputSettings(),
        engine=EngineSettings(str(tmp_path / "tiny.safetensors"), "cpu", "fp32"),
    )
    sink = CountingSink()
    parts = replace(standard_parts(), open_virtual_camera=lambda _: sink)
    return LiveSession(settings, parts=parts), sink, [picture(seed, 256) for seed in range(3)]


def measure(
    session: LiveSession,
    avatars: list[Image],
    duration_s: float,
    sample_s: float,
    between: Callable[[int], None],
    *,
    warm_up_s: float = WARM_UP_S,
) -> tuple[np.ndarray[Any, np.dtype[np.float64]], np.ndarray[Any, np.dtype[np.float64]]]:
    """Sample the memory of a running session; returns seconds and MiB after the warm-up."""
    session.set_avatar(Avatar("first", avatars[0]))
    session.start()
    try:
        while session.report().frames_delivered < 30:
            assert not session.wait(0.05)
        time.sleep(warm_up_s)
        began_s, samples = time.monotonic(), []
        while (elapsed_s := time.monotonic() - began_s) < duration_s:
            samples.append((elapsed_s, resident_mib()))
            between(len(samples))
            time.sleep(sample_s)
    finally:
        session.stop()
    times, memory = np.array(samples).T
    return times, memory


def test_some_seconds_cost_no_memory(
    session: tuple[LiveSession, CountingSink, list[Image]],
) -> None:
    live, sink, avatars = session
    _, memory = measure(live, avatars, 3.0, 0.2, lambda count: None, warm_up_s=2.0)
    assert sink.count > 30
    assert memory[-5:].mean() - memory[:5].mean() < 18  # one leaked frame in ten would be 18 MiB


@pytest.mark.endurance
@pytest.mark.timeout(0)
def test_ten_minutes_cost_no_memory(
    session: tuple[LiveSession, CountingSink, list[Image]],
) -> None:
    live, _sink, avatars = session
    duration_s = float(os.environ.get("AVATARIFY_ENDURANCE_S", "600"))

    def switch(count: int) -> None:
        if count % 5 == 0:
            live.set_avatar(Avatar("next", avatars[count // 5 % len(avatars)]))

    times, memory = measure(live, avatars, duration_s, 1.0, switch)
    half = len(times) // 2
    slope = np.polyfit(times[half:], memory[half:], 1)[0] * 60
    gap_s = live.report().longest_gap_s
    sys.stdout.write(
        f"\n{times[-1]:.0f} s: {memory[0]:.1f} to {memory[-1]:.1f} MiB, second half "
        f"{slope:+.3f} MiB a minute, longest gap {gap_s:.2f} s\n"
    )
    assert slope < 1.0
    assert gap_s < 1.0

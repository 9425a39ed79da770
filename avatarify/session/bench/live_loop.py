"""The live loop under a stop watch, in the process that it runs in.

Rates are counted over a window that begins when the avatar has moved for a while: neither loading
nor calibrating is part of them. `whole` starts this module in a process of its own, so that
processor time and memory are the session's alone.
"""

import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from avatarify.errors import AvatarifyError
from avatarify.session.avatars.choice import choose_avatar
from avatarify.session.avatars.profiles import ProfileStore
from avatarify.session.bench.memory import peak_memory_mb
from avatarify.session.bench.tireless_camera import CAMERA_FPS, TirelessCamera
from avatarify.session.keeping.settings import (
    CameraSettings,
    EngineSettings,
    OutputSettings,
    Settings,
    TrackerWish,
)
from avatarify.session.live.listener import EngineReport, LiveListener, LiveState
from avatarify.session.live.live_session import LiveSession
from avatarify.session.live.parts import LiveParts, standard_parts
from avatarify.streaming.statistics import StreamReport

_PATIENCE_S = 120.0
"""For loading and calibrating."""

_WARM_UP_S = 1.0
"""Live, before the window begins."""


@dataclass(frozen=True, slots=True)
class LoopSettings:
    """What runs."""

    clip: str
    """Drives the avatar in place of a webcam."""

    model: str
    """Name or path."""

    seconds: float
    """Length of the window."""

    is_limited: bool
    """Camera and output keep the clip's rate and 30 fps; otherwise neither limits the loop."""

    avatar: str = ""
    """Name or picture; empty takes the first built-in one."""

    device: str = "auto"
    """As in `--device`."""

    tracker: TrackerWish = "auto"
    """Which face tracker."""


@dataclass(frozen=True, slots=True)
class Live:
    """The live loop: a clip in place of the webcam, tracker on, 1280x720 out."""

    fps: float
    """New pictures per second of the window."""

    median_ms: float
    """Latency from capture to output."""

    p95_ms: float
    """Latency that 95 of 100 frames keep."""

    processor_threads: float
    """Processor time over time: 1 is one thread that is never idle."""

    peak_memory_mb: float | None
    """The most that the process held since it began; None where the system does not say."""

    stages_ms: tuple[tuple[str, float], ...]
    """Median of each stage, over the last 300 frames: a short window has earlier ones in it."""

    device: str = ""
    """What painted at the end, as the status line calls it."""

    note: str = ""
    """Why it was no other, or empty."""


def run_live(settings: LoopSettings, parts: LiveParts) -> Live:
    """Run a session and measure it.

    Args:
        settings: What runs.
        parts: What opens model and tracker.

    Raises:
        AvatarifyError: The avatar does not move.
    """
    if not settings.is_limited:
        camera = TirelessCamera(Path(settings.clip))
        parts = replace(parts, camera_opener=lambda _, tell: lambda: camera)
    told = _Engines()
    session = LiveSession(_session_settings(settings), told, parts)
    session.set_avatar(choose_avatar(settings.avatar))
    session.start()
    try:
        _wait_until_live(session)
        found = _measured(session.report, settings.seconds)
        return replace(found, device=told.last.device, note=told.last.note)
    finally:
        session.stop()


def main() -> None:
    """Run what the first argument says, and write the findings; both are JSON."""
    settings = LoopSettings(**json.loads(sys.argv[1]))
    with TemporaryDirectory() as folder:  # the user's own profiles stay as they are
        tracked_by = standard_parts(lambda: settings.tracker)
        parts = replace(tracked_by, profiles=ProfileStore(Path(folder)))
        found = run_live(settings, parts)
    sys.stdout.write(json.dumps(asdict(found)) + "\n")


def _session_settings(settings: LoopSettings) -> Settings:
    fps = 30.0 if settings.is_limited else CAMERA_FPS
    return Settings(
        camera=CameraSettings(settings.clip, loop=True),
        output=OutputSettings("none", fps=fps),
        engine=EngineSettings(settings.model, device=settings.device),
    )


class _Engines(LiveListener):
    """Keeps the last word on what moves the avatar."""

    def __init__(self) -> None:
        self.last = EngineReport("", "", "")

    def engine_ready(self, report: EngineReport) -> None:
        self.last = report


def _wait_until_live(session: LiveSession) -> None:
    until_s = time.monotonic() + _PATIENCE_S
    while session.state is not LiveState.LIVE or not session.report().frames_delivered:
        if session.wait(0.05) or time.monotonic() > until_s:
            raise AvatarifyError(
                f"The measured session does not move: {session.state.value}. Run `avatarify "
                "doctor`."
            )
    session.wait(_WARM_UP_S)


def _measured(report: Callable[[], StreamReport], seconds: float) -> Live:
    before, before_s = report(), (time.monotonic(), time.process_time())
    time.sleep(seconds)
    after, after_s = report(), (time.monotonic(), time.process_time())
    elapsed_s = after_s[0] - before_s[0]
    latency = after.latency
    return Live(
        fps=(after.frames_delivered - before.frames_delivered) / elapsed_s,
        median_ms=float("nan") if latency is None else latency.median_ms,
        p95_ms=float("nan") if latency is None else latency.p95_ms,
        processor_threads=(after_s[1] - before_s[1]) / elapsed_s,
        peak_memory_mb=peak_memory_mb(),
        stages_ms=tuple((name, times.median_ms) for name, times in after.stages),
    )

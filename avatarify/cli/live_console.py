"""A live session on a terminal: notices as lines, a line of status, measurements at the end."""

import json
import sys
import threading
from pathlib import Path

from avatarify.errors import (
    AvatarifyError,
    CameraError,
    CheckpointError,
    VirtualCameraError,
)
from avatarify.media.output_errors import output_error
from avatarify.session.live.listener import (
    Audience,
    EngineReport,
    LiveListener,
    LiveState,
    Notice,
    Topic,
)
from avatarify.session.live.live_session import LiveSession
from avatarify.session.live.voice_delay import advice, voice_delay_ms
from avatarify.streaming.statistics import StreamReport

_PASSING = (Topic.FRAMING, Topic.TURN, Topic.FACE_MISSING, Topic.MOUTH)
"""Of these nobody needs to hear that they work again."""

_FATAL: dict[Topic, type[AvatarifyError]] = {
    Topic.MODEL: CheckpointError,
    Topic.OUTPUT: VirtualCameraError,
}


class ConsoleListener(LiveListener):
    """Writes to stderr, so that stdout stays free for scripts."""

    def __init__(self) -> None:
        self._problems: dict[Topic, str] = {}
        self._engine: EngineReport | None = None
        self._is_read: bool | None = None
        self._one_at_a_time = threading.Lock()  # a terminal is one device for several threads
        self._status_width = 0

    def noticed(self, notice: Notice) -> None:
        """Print a notice once, and what had been wrong when it is over."""
        before = self._problems.get(notice.topic, "")
        self._problems[notice.topic] = notice.text
        if notice.text and notice.text != before:
            self.say(notice.text)
        elif before and not notice.text and notice.topic not in _PASSING:
            self.say(f"The {notice.topic.value} works again.")

    def state_changed(self, state: LiveState) -> None:
        """Log a change; on a terminal the line of status shows it anyway."""
        if not sys.stderr.isatty():
            self.say(f"{state.value}.")

    def audience_changed(self, audience: Audience) -> None:
        """Log whether a program reads the virtual camera."""
        is_news = audience.is_read is not self._is_read
        self._is_read = audience.is_read
        if is_news and audience.is_read is not None and not sys.stderr.isatty():
            reads = "A program reads the virtual camera." if audience.is_read else "Nobody watches."
            self.say(reads)

    def engine_ready(self, report: EngineReport) -> None:
        """Say what runs."""
        self._engine = report
        self.say(f"Model {report.model} on {report.device}, {report.precision}.")
        for remark in (report.warning, report.note):
            if remark:
                self.say(remark)

    def tracker_ready(self, name: str) -> None:
        """Say what finds faces."""
        self.say(f"Faces are found by {name}.")

    def say(self, text: str) -> None:
        """Print a line above the status."""
        self._print(f"avatarify: {text}", end="\n")

    def show_status(self, session: LiveSession) -> None:
        """Print the status, over the last one where the terminal can."""
        state = session.state
        lonely = self._is_read is False and state is not LiveState.RESTING
        words = f"{state.value}, nobody watches" if lonely else state.value
        line = f"{words}: {describe(session.report())}"
        self._print(line, end="" if sys.stderr.isatty() else "\n")

    def finish(self, session: LiveSession) -> None:
        """Print the measurements."""
        report = session.report()
        self.say(measured(report))
        delay_ms = voice_delay_ms(report)
        if delay_ms is not None and session.settings.output.target == "virtual":
            self.say(f"{advice(delay_ms)} In OBS: Advanced Audio Properties, Sync Offset.")

    def write_statistics(self, path: Path, session: LiveSession) -> None:
        """Write the measurements as JSON.

        Raises:
            OutputError: The file cannot be written.
        """
        content = json.loads(session.report().to_json())
        if self._engine is not None:
            engine = self._engine
            content["engine"] = {
                "model": engine.model,
                "device": engine.device,
                "precision": engine.precision,
            }
        output = session.settings.output
        content["output"] = {
            "target": output.target,
            "width": output.width,
            "height": output.height,
            "fps": output.fps,
        }
        try:
            path.write_text(json.dumps(content, indent=2) + "\n", "utf-8")
        except (OSError, ValueError) as error:
            raise output_error(path, error) from error

    def raise_if_useless(self, session: LiveSession) -> None:
        """Raise what made the whole run useless, so that a script notices.

        Raises:
            AvatarifyError: No frame came, or model or output were broken at the end.
        """
        if session.report().frames_captured == 0:
            reason = self._problems.get(Topic.CAMERA) or "Look whether the camera is free."
            raise CameraError(f"No frame arrived from the camera. {reason}")
        for topic, kind in _FATAL.items():
            if self._problems.get(topic):
                raise kind(self._problems[topic])

    def _print(self, text: str, end: str) -> None:
        with self._one_at_a_time:
            is_terminal = sys.stderr.isatty()
            padded = text.ljust(self._status_width) if is_terminal else text
            self._status_width = len(text) if end == "" else 0
            print(f"\r{padded}" if is_terminal else padded, end=end, file=sys.stderr, flush=True)


def measured(report: StreamReport) -> str:
    """What was measured lately, in a sentence; of a run that rested at its end, how much it was."""
    latency = report.latency
    times = (
        ""
        if latency is None
        else f", {latency.median_ms:.0f} ms from camera to picture (95 % within "
        f"{latency.p95_ms:.0f} ms)"
    )
    rates = f"{report.output_fps:.1f} of {report.capture_fps:.1f} camera pictures a second"
    if not report.output_fps and report.frames_delivered:
        rates = f"{report.frames_delivered} of {report.frames_captured} camera pictures"
    return f"Measured: {rates}{times}; {report.frames_dropped} left out to stay live."


def describe(report: StreamReport) -> str:
    """The measurements in one line."""
    latency = report.latency
    times = (
        "no latency yet"
        if latency is None
        else f"latency {latency.median_ms:.0f} ms (p95 {latency.p95_ms:.0f})"
    )
    return (
        f"{report.output_fps:.1f} fps of {report.capture_fps:.1f}, {times}, "
        f"{report.frames_dropped} dropped"
    )

"""The status bar: what runs, how fast, how late."""

from PySide6.QtWidgets import QStatusBar

from avatarify.gui.pieces.widgets import label
from avatarify.session.live.listener import Audience, EngineReport, LiveState
from avatarify.streaming.statistics import StreamReport


class StatusLine(QStatusBar):
    """State on the left, numbers on the right."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizeGripEnabled(False)
        self._state = label("", "state")
        self._told_state = LiveState.STOPPED
        self._audience = Audience(None, is_resting=False)
        self._rates = label("")
        self._latency = label("")
        self._drops = label("")
        self._tracker = label("")
        self._engine = label("")
        self.addWidget(self._state, 1)
        for part, tip in (
            (self._rates, "New pictures a second, out and in"),
            (self._latency, "Camera to virtual camera: median and 95th percentile"),
            (self._drops, "Frames left out because newer ones had come"),
            (self._tracker, "What finds your face"),
            (self._engine, "What moves the avatar"),
        ):
            part.setToolTip(tip)
            self.addPermanentWidget(part)
        self.show_state(LiveState.STOPPED)
        self.show_report(None)
        self.show_engine(None)

    def show_state(self, state: LiveState) -> None:
        """Say what is being done."""
        self._told_state = state
        self._say_state()

    def show_audience(self, audience: Audience) -> None:
        """Say so if nobody watches."""
        self._audience = audience
        self._say_state()

    def show_report(self, report: StreamReport | None) -> None:
        """Show rates and latency; nothing while nothing runs."""
        rates, latency, drops = describe(report)
        self._rates.setText(rates)
        self._latency.setText(latency)
        self._drops.setText(drops)

    def show_engine(self, engine: EngineReport | None) -> None:
        """Show model, device and precision; what is to be said about them as a tip."""
        self._engine.setText("" if engine is None else describe_engine(engine))
        if engine is not None:
            remarks = (remark for remark in (engine.note, engine.warning) if remark)
            self._engine.setToolTip(" ".join(remarks) or "What moves the avatar")

    def show_tracker(self, name: str) -> None:
        """Show what finds the driver's face."""
        self._tracker.setText(name)

    @property
    def texts(self) -> tuple[str, ...]:
        """What is shown, from left to right."""
        parts = (
            self._state,
            self._rates,
            self._latency,
            self._drops,
            self._tracker,
            self._engine,
        )
        return tuple(part.text() for part in parts)

    def _say_state(self) -> None:
        words = self._told_state.value.capitalize()
        lonely = self._told_state not in (LiveState.STOPPED, LiveState.STARTING, LiveState.RESTING)
        if lonely and self._audience.is_read is False:
            words += ", nobody watches"
        self._state.setText(words)


def describe_engine(engine: EngineReport) -> str:
    """What runs, on what."""
    return f"{engine.model} on {engine.device}, {engine.precision}"


def describe(report: StreamReport | None) -> tuple[str, str, str]:
    """Rates, latency and drops in words."""
    if report is None:
        return "", "", ""
    latency = "latency –"
    if report.latency is not None:
        times = report.latency
        latency = f"latency {times.median_ms:.0f} ms, p95 {times.p95_ms:.0f} ms"
    return f"{report.output_fps:.0f} fps", latency, f"{report.frames_dropped} dropped"


def information(report: StreamReport | None, engine: EngineReport | None) -> tuple[str, ...]:
    """Lines for the overlay on the preview."""
    lines: list[str] = []
    if engine is not None:
        lines.append(describe_engine(engine))
    if report is not None:
        _, latency, drops = describe(report)
        lines.append(f"{report.output_fps:.1f} fps out, {report.capture_fps:.1f} in, {drops}")
        lines.append(latency)
        lines += [f"{name} {times.median_ms:.1f} ms" for name, times in report.stages]
    return tuple(lines)

"""The one place where a session's callbacks, on its threads, become signals of the window.

Pictures are coalesced: only the newest of each kind is kept, and at most one wake-up per kind is
under way in Qt's event queue. A window that is slow to paint skips pictures and delays nobody.
"""

from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

from PySide6.QtCore import QObject, Qt, QTimer, Signal, SignalInstance

from avatarify.errors import AvatarifyError
from avatarify.session.live.listener import (
    Audience,
    CalibrationStatus,
    CameraView,
    EngineReport,
    LiveListener,
    LiveState,
    MotionView,
    Notice,
    OutputView,
)

Value = TypeVar("Value")

_CAMERA_HZ = 15.0
"""The own camera is shown small, to sit right in front of it; its landmarks cost most of all."""


class Newest(Generic[Value]):
    """One slot between a worker thread and the window; a newer value replaces an unread one."""

    def __init__(self, wake: Callable[[], None]) -> None:
        """Make an empty slot.

        Args:
            wake: Asks the window's thread to `take`; called only when no such wish is under way.
        """
        self._wake = wake
        self._slot: deque[Value] = deque(maxlen=1)
        self._is_awaited = False

    def put(self, value: Value) -> None:
        """Leave a value, from a worker thread."""
        self._slot.append(value)
        if not self._is_awaited:
            self._is_awaited = True
            self._wake()

    def take(self) -> Value | None:
        """Get the newest value, in the window's thread; None when it was taken already."""
        # Cleared first: a value that arrives after this line wakes the window once more.
        self._is_awaited = False
        try:
            return self._slot.pop()
        except IndexError:
            return None


class SessionBridge(QObject):
    """Gives a session a listener, and the window signals in its own thread."""

    camera_opened = Signal(str)
    """What users call the camera that delivers now."""

    camera_seen = Signal(object)
    """CameraView, newest only."""

    output_shown = Signal(object)
    """OutputView, newest only."""

    calibration_changed = Signal(object)
    """CalibrationStatus, newest only."""

    motion_seen = Signal(object)
    """MotionView, newest only."""

    state_changed = Signal(object)
    """LiveState."""

    audience_changed = Signal(object)
    """Audience."""

    noticed = Signal(object)
    """Notice."""

    engine_ready = Signal(object)
    """EngineReport."""

    tracker_ready = Signal(str)
    """What users call the face tracker that runs."""

    recording_finished = Signal(str, object)
    """Path, and an AvatarifyError or None."""

    stopped = Signal(object)
    """An exception or None."""

    _camera_woken = Signal()
    _output_woken = Signal()
    _calibration_woken = Signal()
    _motion_woken = Signal()

    def __init__(self, display_hz: float = 60.0, parent: QObject | None = None) -> None:
        """Make a bridge.

        Args:
            display_hz: Pictures are passed on at most this often, and those of the camera
                at most 15 times a second.
            parent: Its Qt parent.
        """
        super().__init__(parent)
        self._display_hz = display_hz
        self._forwarder: _Forwarder | None = None

    def listener(self) -> LiveListener:
        """A listener for a new session; the one before is cut off."""
        self.detach()
        self._forwarder = _Forwarder(self)
        return self._forwarder

    def detach(self) -> None:
        """Cut the present session off: nothing more comes of its callbacks."""
        if self._forwarder is not None:
            self._forwarder.bridge = None

    def newest_camera(self) -> Newest[CameraView]:
        """A slot whose values come out of `camera_seen`."""
        return self._slot(self._camera_woken, self.camera_seen, _CAMERA_HZ)

    def newest_output(self) -> Newest[OutputView]:
        """A slot whose values come out of `output_shown`."""
        return self._slot(self._output_woken, self.output_shown)

    def newest_calibration(self) -> Newest[CalibrationStatus]:
        """A slot whose values come out of `calibration_changed`."""
        return self._slot(self._calibration_woken, self.calibration_changed)

    def newest_motion(self) -> Newest[MotionView]:
        """A slot whose values come out of `motion_seen`."""
        return self._slot(self._motion_woken, self.motion_seen)

    def _slot(
        self, woken: SignalInstance, shown: SignalInstance, most_hz: float = float("inf")
    ) -> Newest[Value]:
        slot: Newest[Value] = Newest(woken.emit)
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setTimerType(Qt.TimerType.PreciseTimer)
        timer.setInterval(max(1, round(1000 / min(self._display_hz, most_hz))))

        def deliver() -> None:
            value = slot.take()
            if value is not None:
                shown.emit(value)

        timer.timeout.connect(deliver)
        woken.connect(timer.start, Qt.ConnectionType.QueuedConnection)
        return slot


class _Forwarder(LiveListener):
    """Runs on the session's threads; does nothing but hand over."""

    def __init__(self, bridge: SessionBridge) -> None:
        self.bridge: SessionBridge | None = bridge
        self._cameras = bridge.newest_camera()
        self._outputs = bridge.newest_output()
        self._calibrations = bridge.newest_calibration()
        self._motions = bridge.newest_motion()

    def camera_opened(self, name: str) -> None:
        if self.bridge is not None:
            self.bridge.camera_opened.emit(name)

    def camera_seen(self, view: CameraView) -> None:
        if self.bridge is not None:
            self._cameras.put(view)

    def output_shown(self, view: OutputView) -> None:
        if self.bridge is not None:
            self._outputs.put(view)

    def calibration_changed(self, status: CalibrationStatus) -> None:
        if self.bridge is not None:
            self._calibrations.put(status)

    def motion_seen(self, view: MotionView) -> None:
        if self.bridge is not None:
            self._motions.put(view)

    def state_changed(self, state: LiveState) -> None:
        if self.bridge is not None:
            self.bridge.state_changed.emit(state)

    def audience_changed(self, audience: Audience) -> None:
        if self.bridge is not None:
            self.bridge.audience_changed.emit(audience)

    def noticed(self, notice: Notice) -> None:
        if self.bridge is not None:
            self.bridge.noticed.emit(notice)

    def engine_ready(self, report: EngineReport) -> None:
        if self.bridge is not None:
            self.bridge.engine_ready.emit(report)

    def tracker_ready(self, name: str) -> None:
        if self.bridge is not None:
            self.bridge.tracker_ready.emit(name)

    def recording_finished(self, path: str, error: AvatarifyError | None) -> None:
        if self.bridge is not None:
            self.bridge.recording_finished.emit(path, error)

    def stopped(self, error: BaseException | None) -> None:
        if self.bridge is not None:
            self.bridge.stopped.emit(error)

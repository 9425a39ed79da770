import threading
import time
from typing import Any

import numpy as np
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from avatarify.gui.window.bridge import Newest, SessionBridge
from avatarify.session.live.listener import (
    CalibrationStatus,
    CameraView,
    EngineReport,
    LiveState,
    MotionView,
    Notice,
    OutputView,
    Topic,
)
from avatarify.streaming.output_picture import Origin
from avatarify.tracking.crop import Crop


def output(number: int) -> OutputView:
    return OutputView(np.full((2, 2, 3), number % 256, np.uint8), Origin.AVATAR, float(number))


def in_thread(work: Any) -> None:
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def test_only_the_newest_picture_arrives_however_many_came(
    qtbot: QtBot, qapp: QApplication
) -> None:
    bridge = SessionBridge()
    listener = bridge.listener()
    shown: list[OutputView] = []
    bridge.output_shown.connect(shown.append)

    def flood() -> None:
        for number in range(1000):
            listener.output_shown(output(number))

    in_thread(flood)
    qtbot.waitUntil(lambda: bool(shown), timeout=5000)
    for _ in range(20):
        qapp.processEvents()
    assert [view.latency_s for view in shown] == [999.0]
    listener.output_shown(output(7))
    qtbot.waitUntil(lambda: len(shown) == 2, timeout=5000)
    assert shown[-1].latency_s == 7


def test_the_own_camera_is_shown_less_often_than_the_output(qtbot: QtBot) -> None:
    bridge = SessionBridge(display_hz=200.0)
    listener = bridge.listener()
    cameras: list[CameraView] = []
    outputs: list[OutputView] = []
    bridge.camera_seen.connect(cameras.append)
    bridge.output_shown.connect(outputs.append)
    began_s = time.monotonic()
    for number in range(40):
        view = output(number)
        listener.camera_seen(CameraView(view.image, float(number), Crop(1, 1, 2), None))
        listener.output_shown(view)
        qtbot.wait(10)
    elapsed_s = time.monotonic() - began_s
    assert 1 <= len(cameras) <= 15 * elapsed_s + 1
    assert len(outputs) > len(cameras)


def test_one_wake_up_is_under_way_at_most() -> None:
    wishes: list[int] = []
    slot: Newest[int] = Newest(lambda: wishes.append(1))
    for number in range(100):
        slot.put(number)
    assert len(wishes) == 1
    assert slot.take() == 99
    assert slot.take() is None
    slot.put(5)
    assert len(wishes) == 2


def test_everything_else_arrives_in_order_in_the_windows_thread(qtbot: QtBot) -> None:
    bridge = SessionBridge()
    listener = bridge.listener()
    heard: list[Any] = []
    bridge.state_changed.connect(lambda state: heard.append((state, threading.current_thread())))
    for signal in (bridge.noticed, bridge.engine_ready, bridge.calibration_changed):
        signal.connect(heard.append)
    bridge.motion_seen.connect(heard.append)
    bridge.recording_finished.connect(lambda path, error: heard.append((path, error)))
    bridge.stopped.connect(lambda error: heard.append(("stopped", error)))
    notice, engine = Notice(Topic.CAMERA, "gone"), EngineReport("m", "cpu", "fp32")
    status = CalibrationStatus(False, False, 50, "", False)
    motion = MotionView(())

    def tell() -> None:
        listener.state_changed(LiveState.STARTING)
        listener.state_changed(LiveState.LIVE)
        listener.noticed(notice)
        listener.engine_ready(engine)
        listener.recording_finished("a.mp4", None)
        listener.stopped(None)
        listener.calibration_changed(status)
        listener.motion_seen(motion)

    in_thread(tell)
    qtbot.waitUntil(lambda: len(heard) == 8, timeout=5000)
    main = threading.main_thread()
    assert heard[:6] == [
        (LiveState.STARTING, main), (LiveState.LIVE, main), notice, engine, ("a.mp4", None),
        ("stopped", None),
    ]  # fmt: skip
    assert status in heard
    assert motion in heard


def test_a_session_that_was_replaced_is_not_heard_any_more(
    qtbot: QtBot, qapp: QApplication
) -> None:
    bridge = SessionBridge()
    old = bridge.listener()
    new = bridge.listener()
    heard: list[LiveState] = []
    bridge.state_changed.connect(heard.append)
    old.state_changed(LiveState.LIVE)
    old.output_shown(output(1))
    new.state_changed(LiveState.HOLDING)
    qtbot.waitUntil(lambda: bool(heard), timeout=5000)
    assert heard == [LiveState.HOLDING]
    bridge.detach()
    new.state_changed(LiveState.LIVE)
    qapp.processEvents()
    assert heard == [LiveState.HOLDING]

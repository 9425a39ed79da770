from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QSizeF
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from avatarify.frames import Image
from avatarify.gui.desktop.global_hotkeys import HotkeyAction
from avatarify.gui.dialogs.help_page import HelpPage
from avatarify.gui.dialogs.settings_dialog import SettingsDialog
from avatarify.gui.panels.calibration_panel import CalibrationPanel, Countdown
from avatarify.gui.panels.device_panel import DevicePanel
from avatarify.gui.panels.guide import STEPS, Guide
from avatarify.gui.panels.status_line import StatusLine, information
from avatarify.gui.pieces.background import Background
from avatarify.gui.pieces.banners import MOST_SHOWN, BannerStack
from avatarify.gui.pieces.theme import DARK, LIGHT, Colours
from avatarify.gui.views.camera_view import CameraPreview
from avatarify.gui.views.output_view import OutputPreview
from avatarify.gui.views.xray_view import XrayView, layout
from avatarify.media.camera_list import CameraInfo
from avatarify.session.checkup.finding import Finding, Level
from avatarify.session.keeping.settings import CameraSettings, OutputSettings, Settings, Theme
from avatarify.session.live.listener import (
    CalibrationStatus,
    CameraView,
    EngineReport,
    MotionView,
    Notice,
    OutputView,
    Severity,
    Topic,
)
from avatarify.streaming.output_picture import Origin
from avatarify.streaming.statistics import Percentiles, StreamReport
from avatarify.tracking.crop import Crop
from avatarify.tracking.face import Face

REPORT = StreamReport(
    elapsed_s=10, frames_captured=300, frames_delivered=290, frames_repeated=0, frames_dropped=7,
    capture_fps=30.0, output_fps=29.0, latency=Percentiles(61.4, 88.6), longest_gap_s=0.1,
    stages=(("track", Percentiles(6.2, 8.0)),),
)  # fmt: skip
STATUS = CalibrationStatus(True, False, 90, "", False)
PATIENCE_MS = 30_000


def colours_at(widget: QWidget, x: int, y: int) -> tuple[int, int, int]:
    colour = widget.grab().toImage().pixelColor(x, y)
    return colour.red(), colour.green(), colour.blue()


# The previews


def test_the_output_is_shown_as_large_as_it_fits(qtbot: QtBot) -> None:
    preview = OutputPreview()
    qtbot.addWidget(preview)
    preview.resize(320, 240)
    green = np.full((90, 160, 3), (0, 200, 0), np.uint8)
    preview.show_view(OutputView(green, Origin.AVATAR, 0.05))
    assert colours_at(preview, 160, 120) == (0, 200, 0)
    assert colours_at(preview, 160, 5) != (0, 200, 0)
    preview.set_exposed(True)
    assert colours_at(preview, 2, 120)[0] > 200
    preview.set_information(("30 fps",))
    preview.set_corner("HOLD")
    preview.grab()
    preview.clear("off")
    assert colours_at(preview, 160, 60) != (0, 200, 0)


def test_a_wide_avatar_is_wide_before_the_start_too(qtbot: QtBot) -> None:
    preview = OutputPreview()
    qtbot.addWidget(preview)
    preview.resize(320, 180)
    before = [colours_at(preview, x, 20) for x in (20, 160, 300)]
    preview.set_still(np.full((90, 160, 3), (0, 200, 0), np.uint8))
    wide = [colours_at(preview, x, 20) for x in (20, 160, 300)]
    assert wide[0] == wide[1] == wide[2] != before[0]
    preview.set_still(np.full((90, 90, 3), (0, 200, 0), np.uint8))
    assert [colours_at(preview, x, 20) for x in (20, 160, 300)] == [before[0], wide[1], before[2]]


def test_the_camera_is_shown_as_a_mirror_would_with_ghost_and_landmarks(
    qtbot: QtBot, make_picture: Callable[..., Image]
) -> None:
    preview = CameraPreview()
    qtbot.addWidget(preview)
    preview.resize(240, 180)
    image = np.zeros((60, 80, 3), np.uint8)
    image[:, :20] = (200, 0, 0)
    face = Face(np.full((478, 3), 30, np.float32), np.zeros(52, np.float32))
    preview.show_view(CameraView(image, 0.0, Crop(60, 30, 20), face))
    assert colours_at(preview, 210, 90) == (200, 0, 0)
    preview.set_mirrored(False)
    assert colours_at(preview, 30, 90) == (200, 0, 0)
    assert colours_at(preview, 90, 90) == (0, 0, 0)
    preview.set_landmarks(True)
    assert colours_at(preview, 90, 90)[1] > 150
    preview.set_ghost(np.full((8, 8, 3), 255, np.uint8))
    assert colours_at(preview, 180, 90) == (0, 0, 0)
    preview.set_ghost_opacity(1.0)
    assert colours_at(preview, 180, 90) == (255, 255, 255)
    preview.set_count(3)
    preview.grab()


def test_xray_squares_are_as_large_as_the_room_allows(
    qtbot: QtBot, make_picture: Callable[..., Image]
) -> None:
    assert layout(QSizeF(808, 120), 8, 20)[0] == 8
    assert layout(QSizeF(200, 800), 4, 20)[0] == 1
    columns, side = layout(QSizeF(408, 440), 4, 20)
    assert (columns, side) == (2, 196)
    view = XrayView()
    qtbot.addWidget(view)
    view.grab()
    view.show_view(MotionView((("Dense flow", make_picture()), ("Masks", make_picture()))))
    assert list(view.titles) == ["Dense flow", "Masks"]
    view.grab()
    view.clear()
    assert not view.titles


def test_xray_titles_are_shortened_where_there_is_little_room(
    qtbot: QtBot, make_picture: Callable[..., Image]
) -> None:
    view = XrayView()
    qtbot.addWidget(view)
    title = "Masks: which keypoint moves what"
    view.show_view(MotionView(tuple((title, make_picture()) for _ in range(8))))
    metrics = view.fontMetrics()
    assert view._arrange(QSizeF(560, 150), metrics)[3] == ("Masks",) * 8
    assert view._arrange(QSizeF(1400, 200), metrics)[3] == (title,) * 8


# Words


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (replace(STATUS, score=None), "No face is seen"),
        (replace(STATUS, score=None, advice="Sit in the middle"), "Sit in the middle"),
        (replace(STATUS, advice="Close your mouth", score=20), "Close your mouth"),
        (replace(STATUS, has_drifted=True, advice="You sit differently now."), "differently"),
        (replace(STATUS, is_searching=True), "Hold still"),
        (STATUS, "Calibrated"),
        (replace(STATUS, advice="Good", score=12), "Calibrated"),
        (replace(STATUS, is_calibrated=False, score=60), "press Calibrate"),
    ],
)
def test_the_reason_is_said_in_words(qtbot: QtBot, status: CalibrationStatus, words: str) -> None:
    panel = CalibrationPanel()
    qtbot.addWidget(panel)
    panel.show_status(status)
    assert words in panel.words
    assert panel.decline_button.isVisibleTo(panel) == status.has_drifted


def test_the_countdown_ends_or_is_stopped(qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    countdown = Countdown(parent, interval_ms=1)
    seen: list[int] = []
    countdown.ticked.connect(seen.append)
    with qtbot.waitSignal(countdown.finished):
        countdown.start(3)
    assert seen == [3, 2, 1, 0]
    countdown.start(3)
    countdown.stop()
    with qtbot.assertNotEmitted(countdown.finished, wait=30):
        pass


def test_a_banner_per_topic_the_worst_first(qtbot: QtBot) -> None:
    stack = BannerStack()
    qtbot.addWidget(stack)
    stack.show_notice(Notice(Topic.SPEED, "slow"))
    stack.show_notice(Notice(Topic.CAMERA, "unplugged"))
    stack.show_notice(Notice(Topic.CAMERA, "still unplugged", Severity.ERROR))
    assert list(stack.texts) == ["still unplugged", "slow"]
    stack.show_notice(Notice(Topic.CAMERA, ""))
    assert list(stack.texts) == ["slow"]


def test_a_banner_put_away_stays_away_until_it_says_something_else(qtbot: QtBot) -> None:
    stack = BannerStack()
    qtbot.addWidget(stack)
    stack.show_notice(Notice(Topic.SPEED, "slow"))
    stack.dismiss(Topic.SPEED)
    stack.show_notice(Notice(Topic.SPEED, "slow"))
    assert list(stack.texts) == []
    stack.show_notice(Notice(Topic.SPEED, "slower"))
    assert list(stack.texts) == ["slower"]
    stack.dismiss(Topic.SPEED)
    stack.show_notice(Notice(Topic.SPEED, ""))
    stack.show_notice(Notice(Topic.SPEED, "slower"))
    assert list(stack.texts) == ["slower"]


def test_many_banners_leave_room_for_the_window(qtbot: QtBot) -> None:
    stack = BannerStack()
    qtbot.addWidget(stack)
    for topic in Topic:
        stack.show_notice(Notice(topic, f"about {topic.value}"))
    shown = [banner for banner in stack._banners.values() if banner.isVisibleTo(stack)]
    assert len(shown) == MOST_SHOWN
    stack.clear()
    assert list(stack.texts) == []


def test_the_status_line_says_how_fast_and_how_late(qtbot: QtBot) -> None:
    line = StatusLine()
    qtbot.addWidget(line)
    line.show_report(REPORT)
    line.show_tracker("our own tracker")
    line.show_engine(EngineReport("compact", "cpu", "fp32", "measured"))
    assert line.texts == (
        "Stopped", "29 fps", "latency 61 ms, p95 89 ms", "7 dropped", "our own tracker",
        "compact on cpu, fp32",
    )  # fmt: skip
    lines = information(REPORT, EngineReport("compact", "cpu", "fp32"))
    assert lines[0] == "compact on cpu, fp32"
    assert lines[-1] == "track 6.2 ms"
    line.show_report(None)
    assert line.texts[1:4] == ("", "", "")


def test_the_guide_has_three_steps_and_can_be_skipped(qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    guide = Guide(parent)
    assert len(STEPS) == 3
    guide.go_on()
    guide.go_on()
    guide.go_back()
    assert guide.step == 1
    with qtbot.waitSignal(guide.finished):
        guide.skip_button.click()
    guide.restart()
    assert guide.step == 0


def test_help_shows_what_the_doctor_found(qtbot: QtBot, background: Background) -> None:
    findings = (
        Finding("Disk", Level.OK, "enough"),
        Finding("Camera", Level.PROBLEM, "locked", "Run: <this>"),
    )
    page = HelpPage(background, DARK, check=lambda: findings)
    qtbot.addWidget(page)
    qtbot.waitUntil(lambda: bool(page.findings), timeout=PATIENCE_MS)
    text = page.report.toPlainText()
    assert text.index("locked") < text.index("enough")
    assert "Run: <this>" in text
    assert "calibrate" in text
    page.copy()


# Devices and settings


def entries(box: Any) -> list[str]:
    return [box.itemText(index) for index in range(box.count())]


def test_cameras_are_listed_by_name(devices: DevicePanel, qtbot: QtBot) -> None:
    assert entries(devices.cameras)[:3] == ["Best camera found", "HD Webcam", "Whole screen"]
    with qtbot.waitSignal(devices.camera_changed) as caught:
        devices.cameras.activated.emit(1)
    assert caught.args[0].name == "/dev/video0"
    assert not caught.args[0].loop


TWINS = tuple(
    CameraInfo(number, "Cheap Camera", f"/dev/video{number}", "V4L2", id=f"id-{number}", port=port)
    for number, port in ((0, "usb-0000:00:14.0-1"), (2, "usb-0000:00:14.0-2"))
)


def test_cameras_of_one_name_are_told_apart(devices: DevicePanel, qtbot: QtBot) -> None:
    devices.camera_choice.show_cameras(TWINS)
    assert entries(devices.cameras)[1:3] == [
        "Cheap Camera (USB port 1)",
        "Cheap Camera (USB port 2)",
    ]
    for index in (1, 2):
        with qtbot.waitSignal(devices.camera_changed) as caught:
            devices.cameras.activated.emit(index)
        assert caught.args[0].name == TWINS[index - 1].id
        assert caught.args[0].known == TWINS[index - 1].known


def test_a_camera_is_shown_wherever_it_is_plugged_in(devices: DevicePanel) -> None:
    chosen = CameraSettings(name="/dev/video2", known=TWINS[1].known)
    devices.show_settings(Settings(camera=chosen))
    assert devices.cameras.currentText() == "Cheap Camera (not plugged in)"
    devices.camera_choice.show_cameras([replace(TWINS[1], index=5, path="/dev/video5")])
    assert devices.cameras.currentText() == "Cheap Camera"


def test_what_was_chosen_by_its_number_is_known_from_then_on(
    devices: DevicePanel, qtbot: QtBot
) -> None:
    devices.show_settings(Settings(camera=CameraSettings(name="/dev/video2")))
    with qtbot.waitSignal(devices.camera_changed) as caught:
        devices.camera_choice.show_cameras(TWINS)
    assert caught.args[0] == CameraSettings(name="/dev/video2", known=TWINS[1].known)
    assert devices.cameras.currentText() == "Cheap Camera (USB port 2)"


def test_a_camera_can_be_turned(devices: DevicePanel, qtbot: QtBot) -> None:
    with qtbot.waitSignal(devices.camera_changed) as caught:
        devices.turn.activated.emit(1)
    assert caught.args[0].rotation == 90
    devices.show_settings(Settings(camera=CameraSettings(rotation=270)))
    assert devices.turn.currentText() == "To the left"


def test_the_panel_says_that_the_picture_is_turned_by_itself(devices: DevicePanel) -> None:
    note = devices.camera_choice._turn_note
    devices.camera_choice.show_turn("Your head does not stand upright.")
    assert (note.text(), note.isHidden()) == ("Your head does not stand upright.", False)
    devices.camera_choice.show_turn("")
    assert note.isHidden()


def test_the_panel_says_what_arrives(devices: DevicePanel) -> None:
    state = devices._camera_state
    devices.show_camera_facts("HD Webcam", (480, 640), 4.8)
    assert state.text() == "HD Webcam: 640 × 480, 5 fps"
    devices.show_camera_state("It is gone.", Severity.WARNING)
    devices.show_camera_facts("HD Webcam", (480, 640), 4.8)
    assert state.text() == "It is gone."
    devices.show_camera_state("")
    assert state.text().startswith("HD Webcam")
    devices.show_camera_facts("HD Webcam", (0, 0), 4.8)
    assert state.text() == "HD Webcam: waiting for its picture"
    devices.show_camera_facts("HD Webcam", (480, 640), 0.0)
    assert state.text() == ""


def test_a_chosen_file_stays_in_the_list(devices: DevicePanel) -> None:
    devices.show_settings(Settings(camera=CameraSettings(name="/clips/me.mp4")))
    assert devices.cameras.currentText() == "me.mp4"
    assert devices.cameras.currentData() == "/clips/me.mp4"


def test_a_part_of_the_screen_is_named_by_its_size(devices: DevicePanel) -> None:
    devices.show_settings(Settings(camera=CameraSettings(name="screen:10,20,640,480")))
    assert devices.cameras.currentText() == "Part of the screen (640 x 480)"


def test_virtual_cameras_say_whether_they_are_ready(devices: DevicePanel, qtbot: QtBot) -> None:
    assert entries(devices.outputs) == [
        "Best available", "v4l2loopback (not ready)", "pipewire", "None, preview only",
    ]  # fmt: skip
    with qtbot.waitSignal(devices.output_changed) as caught:
        devices.outputs.activated.emit(2)
    assert (caught.args[0].target, caught.args[0].backend) == ("virtual", "pipewire")
    devices.show_settings(Settings(output=OutputSettings(target="none")))
    assert devices.outputs.currentText() == "None, preview only"
    assert "only you see" in devices._output_state.text()


def test_settings_come_back_as_they_were(qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    settings = Settings(
        camera=CameraSettings(width=800, height=448, fps=20, mjpg=False),
        output=OutputSettings(fps=50),
    )
    dialog = SettingsDialog(settings, "", parent)
    assert dialog.settings == settings
    dialog.theme.setCurrentIndex(dialog.theme.findData("light"))
    dialog.badge.setChecked(True)
    assert dialog.settings.window.theme is Theme.LIGHT
    assert dialog.settings.view.badge


def test_conflicting_hotkeys_are_shown_and_cannot_be_accepted(qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = SettingsDialog(Settings(), "", parent)
    dialog.hotkeys.set_keys(HotkeyAction.HOLD, "Ctrl+Alt+X")
    assert "also used for calibrate" in dialog.hotkeys.remark(HotkeyAction.HOLD)
    assert not dialog.ok_button.isEnabled()
    dialog.hotkeys.set_keys(HotkeyAction.HOLD, "")
    assert dialog.ok_button.isEnabled()
    assert dialog.settings.window.hotkeys == (("hold", ""),)


# Colours


def luminance(colour: str) -> float:
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))


def contrast(first: str, second: str) -> float:
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("colours", [DARK, LIGHT], ids=["dark", "light"])
def test_words_can_be_read_in_both_themes(colours: Colours) -> None:
    for words in (colours.text, colours.dim, colours.warning, colours.fine):
        for ground in (colours.window, colours.panel):
            assert contrast(words, ground) >= 4.5
    assert contrast(colours.on_accent, colours.accent) >= 4.5
    assert contrast(colours.text, colours.warning_soft) >= 4.5
    assert contrast(colours.text, colours.danger_soft) >= 4.5
    assert contrast(colours.on_danger, colours.danger) >= 3.5

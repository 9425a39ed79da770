from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QPushButton

from avatarify.geometry.face_gains import FaceGains
from avatarify.gui.desktop.global_hotkeys import HotkeyAction
from avatarify.gui.pieces.picture import as_qimage
from avatarify.media.image_file import write_image
from avatarify.session.keeping.settings import Settings, Theme, WindowSettings
from avatarify.session.keeping.settings_file import load_settings
from avatarify.session.live.listener import (
    CalibrationStatus,
    LiveState,
    Notice,
    Severity,
    Topic,
)
from avatarify.streaming.output_picture import Origin
from tests.odd_names import IMPOSSIBLE, NOT_TEXT, only_where_names_are_bytes


def answer(question: QMessageBox, text: str) -> None:
    buttons = {button.text().replace("&", ""): button for button in question.buttons()}
    buttons[text].click()


def test_it_goes_live_and_shows_both_pictures(desk: Any) -> None:
    desk.start()
    desk.press("X")
    desk.until(lambda: desk.session.state is LiveState.LIVE)
    desk.until(lambda: desk.window.driver.camera.view is not None)
    desk.until(lambda: desk.window.stage.preview.view.origin is Origin.AVATAR)
    desk.until(lambda: desk.window.status_line.texts[0] == "Live")
    desk.until(lambda: "cpu, fp32" in desk.window.status_line.texts[5])
    desk.until(lambda: "latency" in desk.window.status_line.texts[2])


def test_number_keys_and_a_and_d_choose_avatars(desk: Any) -> None:
    desk.start()
    for key, expected in (("3", "cleo"), ("A", "bo"), ("D", "cleo"), ("D", "ada"), ("A", "cleo")):
        desk.press(key)
        desk.until(lambda expected=expected: desk.controller.settings.avatar == expected)
    desk.press("9")
    assert desk.controller.entry.name == "Cleo"
    assert desk.window.gallery.view.selected().name == "Cleo"


def test_keys_change_what_they_should(desk: Any) -> None:
    desk.start()
    window, controller = desk.window, desk.controller
    desk.press("F")
    assert controller.settings.auto_calibration
    desk.press("C")
    desk.press("C")
    desk.press("Z")
    assert controller.settings.window.ghost_opacity == pytest.approx(0.1)
    desk.press("R")
    assert controller.settings.camera.mirror
    desk.press("T")
    assert controller.settings.view.mirror
    desk.press("I")
    assert controller.settings.window.shows_information
    desk.press("O")
    assert controller.settings.window.shows_landmarks
    desk.press("V")
    assert window.xray_dock.isVisible()
    desk.until(lambda: window.xray.titles == ("Driving", "Result"))
    desk.press("V")
    assert not window.xray_dock.isVisible()


def test_w_and_s_zoom_and_arrows_pan(desk: Any) -> None:
    desk.start()
    for _ in range(3):
        desk.press("W")
    desk.press("S")
    framing = desk.session.profile.framing
    assert framing.zoom == pytest.approx(1.05**2)
    desk.press("Ctrl+Down")
    assert desk.session.profile.framing.offset_y == pytest.approx(0.02)
    desk.press("Ctrl+Right")  # the preview is a mirror: its right is the camera's left
    assert desk.session.profile.framing.offset_x == pytest.approx(-0.02)
    desk.press("Ctrl+0")
    assert desk.session.profile.framing.zoom == 1


def test_0_holds_and_never_shows_the_camera(desk: Any) -> None:
    desk.start()
    desk.press("X")
    desk.press("0")
    desk.until(lambda: desk.session.state is LiveState.HOLDING)
    assert not desk.session.is_passing_through
    assert desk.window.stage.hold_button.isChecked()
    desk.press("0")
    desk.until(lambda: desk.session.state is LiveState.LIVE)


def test_the_real_camera_is_shown_only_after_a_yes(desk: Any) -> None:
    desk.start()
    window = desk.window
    window.stage.camera_button.click()
    assert not desk.session.is_passing_through
    assert not window.stage.camera_button.isChecked()
    answer(window.question, "Cancel")
    assert not desk.session.is_passing_through
    assert window.stage.exposure.isHidden()
    window.stage.camera_button.click()
    answer(window.question, "Show my camera")
    assert desk.session.is_passing_through
    assert window.stage.exposure.isVisible()
    desk.until(lambda: window.stage.preview.view.origin is Origin.PASS_THROUGH)
    assert "real camera" in window.tray._icon.toolTip()  # the window may be hidden
    window.stage.cover_button.click()
    assert not desk.session.is_passing_through
    assert window.stage.exposure.isHidden()
    desk.until(lambda: "real camera" not in window.tray._icon.toolTip())


def test_hold_and_another_avatar_cover_the_real_camera(desk: Any) -> None:
    desk.start()
    desk.press("X")
    for key in ("0", "2"):
        desk.controller.set_pass_through(True)
        assert desk.window.stage.exposure.isVisible()
        desk.press(key)
        desk.until(lambda: not desk.session.is_passing_through)
        desk.until(desk.window.stage.exposure.isHidden)


def test_escape_and_enter_say_no_to_exposure(desk: Any) -> None:
    desk.start()
    desk.window.actions_.pass_through.trigger()
    question = desk.window.question
    assert question.defaultButton().text().replace("&", "") == "Cancel"
    assert question.escapeButton().text().replace("&", "") == "Cancel"


def test_after_stopping_the_preview_says_how_to_start(desk: Any) -> None:
    desk.start()
    late = desk.window.stage.preview.view
    desk.window.stage.start_button.click()
    desk.until(lambda: not desk.controller.is_running)
    desk.window._bridge.output_shown.emit(late)  # one that was under way
    assert desk.window.stage.preview.view is None


def test_after_stopping_nobody_is_told_how_to_sit(desk: Any) -> None:
    desk.start()
    desk.window.stage.start_button.click()
    desk.until(lambda: not desk.controller.is_running)
    late = CalibrationStatus(True, False, score=33, advice="Turn your head.", can_undo=True)
    desk.window._bridge.calibration_changed.emit(late)
    assert desk.window.driver.calibration.words == "Start the camera to calibrate."
    assert not desk.window.driver.calibration.undo_button.isEnabled()


def test_the_tabs_keep_their_height_beside_the_xray(desk: Any) -> None:
    desk.start()
    desk.window.resize(900, 600)
    before = desk.window.driver.tabs.height()
    desk.press("V")
    desk.until(lambda: desk.window.xray.height() > 90)
    assert desk.window.driver.tabs.height() == before > 100


def test_stopping_ends_pass_through_for_good(desk: Any) -> None:
    desk.start()
    desk.window.actions_.pass_through.trigger()
    answer(desk.window.question, "Show my camera")
    desk.window.stage.start_button.click()
    desk.until(lambda: not desk.controller.is_running)
    assert desk.window.stage.exposure.isHidden()
    desk.window.stage.start_button.click()
    assert not desk.session.is_passing_through
    assert len(desk.sessions) == 2


def test_escape_asks_while_live_and_then_releases_everything(desk: Any) -> None:
    desk.start()
    desk.until(lambda: desk.controller.is_live)
    desk.press("Esc")
    assert desk.window.isVisible()
    answer(desk.window.question, "Cancel")
    assert desk.controller.is_running
    desk.press("Esc")
    answer(desk.window.question, "Quit")
    desk.until(lambda: desk.window.has_ended)
    assert desk.session.state is LiveState.STOPPED


def test_escape_does_not_ask_when_nothing_runs(make_desk: Any, settings: Settings) -> None:
    desk = make_desk(settings)
    desk.press("Esc")
    desk.until(lambda: desk.window.has_ended)
    assert desk.window.question is None


def test_changes_are_kept_for_the_next_start(
    make_desk: Any, settings: Settings, saved_settings: Callable[[], Settings]
) -> None:
    desk = make_desk(settings)
    desk.start()
    desk.window.driver.motion.smoothing.slider.setValue(80)
    desk.press("3")
    desk.until(lambda: desk.controller.settings.avatar == "cleo")
    desk.window.resize(900, 640)
    desk.window.quit_now()
    desk.until(lambda: desk.window.has_ended)
    kept = saved_settings()
    assert kept.motion.smoothing == pytest.approx(0.8)
    assert kept.avatar == "cleo"
    again = make_desk(kept)
    assert (again.window.width(), again.window.height()) == (900, 640)
    assert again.window.driver.motion.smoothing.slider.value() == 80


def test_gain_and_mirror_belong_to_the_avatar(desk: Any) -> None:
    desk.start()
    desk.choose(0)
    desk.window.driver.motion.gain.slider.setValue(150)
    desk.press("T")
    desk.choose(1)
    desk.window.driver.motion.gain.slider.setValue(60)
    desk.press("T")
    desk.choose(0)
    desk.until(lambda: desk.window.driver.motion.gain.slider.value() == 150)
    assert desk.window.driver.motion.mirror_output.isChecked()


def test_the_gains_of_parts_belong_to_the_avatar(desk: Any) -> None:
    desk.start()
    desk.choose(0)
    mouth = desk.window.driver.motion.fine_tune.sliders["mouth"]
    mouth.setValue(150)
    desk.choose(1)
    mouth.setValue(60)
    desk.choose(0)
    desk.until(lambda: mouth.value() == 150)
    assert desk.session.settings.motion.gains == FaceGains(mouth=1.5)


def test_the_guide_is_shown_once_and_the_camera_waits_for_it(
    make_desk: Any, settings: Settings, saved_settings: Callable[[], Settings]
) -> None:
    desk = make_desk(replace(settings, window=WindowSettings()))
    desk.window.begin()
    guide = desk.window.stage.guide
    assert guide.isVisible()
    assert not desk.controller.is_running
    guide.next_button.click()
    assert desk.controller.is_running
    guide.next_button.click()
    guide.next_button.click()
    assert not guide.isVisible()
    desk.controller.save_now()
    assert saved_settings().window.has_seen_guide


def test_a_missing_camera_is_told_in_words(make_desk: Any, settings: Settings) -> None:
    camera = replace(settings.camera, name="/nowhere/clip.mp4")
    desk = make_desk(replace(settings, camera=camera))
    desk.window.begin()
    desk.until(lambda: any("/nowhere/clip.mp4" in text for text in desk.window.banners.texts))


def test_saved_files_are_told_quietly(
    desk: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = "avatarify.gui.window.keepsakes.user_pictures_path"
    monkeypatch.setattr(folder, lambda: tmp_path / "pictures")
    monkeypatch.setattr(
        "avatarify.gui.window.keepsakes.user_videos_path", lambda: tmp_path / "videos"
    )
    desk.start()
    desk.press("Ctrl+S")
    desk.until(lambda: list((tmp_path / "pictures").glob("Avatarify/*.png")))
    desk.press("Ctrl+R")
    assert desk.controller.is_recording
    assert desk.window.stage.record_button.isChecked()
    desk.until(lambda: desk.session._recordings.users.frames > 1)
    desk.press("Ctrl+R")
    assert not desk.window.stage.record_button.isChecked()
    desk.until(lambda: "mp4" in desk.window.status_line.currentMessage())
    assert list((tmp_path / "videos").glob("Avatarify/*.mp4"))


def test_a_recording_that_cannot_begin_is_told(
    desk: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr(
        "avatarify.gui.window.keepsakes.user_videos_path", lambda: tmp_path / "file"
    )
    desk.start()
    desk.press("Ctrl+R")
    assert not desk.window.stage.record_button.isChecked()
    assert desk.window.banners.texts


def test_an_idle_graphics_card_is_a_banner(desk: Any) -> None:
    desk.start()
    desk.until(lambda: desk.window.display.engine is not None)
    idle = replace(
        desk.window.display.engine, warning="The RTX in this machine is not used: no driver."
    )
    desk.window._bridge.engine_ready.emit(idle)
    assert desk.window.banners.texts == (idle.warning,)
    desk.window._bridge.engine_ready.emit(replace(idle, warning="", note="fp32 is used"))
    assert desk.window.banners.texts == ()
    assert desk.window.status_line.currentMessage() == "fp32 is used"


def test_a_model_that_stands_in_for_want_of_a_face_is_a_banner_with_a_remedy(desk: Any) -> None:
    desk.start()
    desk.choose(0)
    desk.until(lambda: desk.window.display.engine is not None)
    present = desk.window.display.engine
    stand_in = replace(present, model="compact", note="No human face is known.", lacks_face=True)
    desk.window._bridge.engine_ready.emit(stand_in)
    assert desk.window.banners.texts == (stand_in.note,)
    assert "compact" in desk.window.driver.motion.fine_tune.reason
    (points,) = (
        button
        for button in desk.window.banners.findChildren(QPushButton)
        if button.text() == "Set the points…"
    )
    points.click()
    desk.until(lambda: desk.window.faces.editor is not None)
    assert "Ada" in desk.window.faces.editor.windowTitle()
    desk.window.faces.editor.reject()
    desk.window._bridge.engine_ready.emit(present)
    assert desk.window.banners.texts == ()


def test_a_corrected_avatar_of_the_program_becomes_the_users_and_is_chosen(desk: Any) -> None:
    desk.start()
    desk.choose(1)
    desk.press("Ctrl+E")
    desk.until(lambda: desk.window.faces.editor is not None)
    editor = desk.window.faces.editor
    editor.edits.begin()
    editor.edits.shift(1.0, 0.0)
    editor.edits.end()
    editor.accept()
    desk.until(lambda: desk.controller.entry.name == "Bo corrected")
    desk.until(lambda: desk.controller.avatar.has_face)
    assert "Bo corrected" in [entry.name for entry in desk.window.gallery.model.entries]


def test_the_face_of_a_picture_is_pointed_out_before_it_is_added(
    desk: Any, make_picture: Callable[..., Any]
) -> None:
    imports, faces = desk.window.gallery.imports, desk.window.faces
    imports.take_picture(as_qimage(make_picture(90, 160, 160)).copy())
    desk.until(lambda: imports.dialog is not None)
    dialog = imports.dialog
    dialog.correct_button.click()
    editor = faces.editor
    dialog.correct_button.click()
    assert faces.editor is editor  # one at a time
    editor.accept()
    desk.until(lambda: dialog.intake.is_by_hand and dialog.isEnabled())
    dialog.add_button.click()
    desk.until(lambda: desk.controller.avatar is not None and desk.controller.avatar.has_face)


def test_information_is_no_banner(desk: Any) -> None:
    desk.window.notices.show(Notice(Topic.MODEL, "bf16 is used", Severity.INFORMATION))
    assert desk.window.banners.texts == ()
    desk.window.notices.show(Notice(Topic.MODEL, "slow", Severity.WARNING))
    assert desk.window.banners.texts == ("slow",)


def test_the_theme_can_be_switched_by_hand(desk: Any) -> None:
    themes = {action.data(): action for action in desk.window.actions_._themes.actions()}
    themes["light"].trigger()
    assert desk.controller.settings.window.theme is Theme.LIGHT
    assert desk.window.palette().window().color().lightness() > 200
    themes["dark"].trigger()
    assert desk.window.palette().window().color().lightness() < 50


def test_global_hotkeys_reach_the_session(desk: Any) -> None:
    desk.start()
    desk.window.hotkeys.pressed.emit(HotkeyAction.HOLD)
    assert desk.controller.is_held
    desk.window.hotkeys.pressed.emit(HotkeyAction.NEXT_AVATAR)
    desk.until(lambda: desk.controller.settings.avatar == "bo")
    desk.window.hotkeys.pressed.emit(HotkeyAction.CALIBRATE)


def test_settings_from_the_dialog_are_taken_over(desk: Any) -> None:
    desk.start()
    desk.window.wishes.open_settings()
    dialog = desk.window.wishes.settings_dialog
    dialog.badge.setChecked(True)
    dialog.hotkeys.set_keys(HotkeyAction.HOLD, "Ctrl+Alt+Space")
    dialog.ok_button.click()
    assert desk.controller.settings.view.badge
    assert desk.controller.settings.window.hotkeys == (("hold", "Ctrl+Alt+Space"),)


def test_the_tracker_is_chosen_in_the_settings_and_taken_without_a_break(desk: Any) -> None:
    desk.start()
    desk.until(lambda: "made for tests" in desk.window.status_line.texts)
    desk.window.wishes.open_settings()
    dialog = desk.window.wishes.settings_dialog
    offered = {dialog.tracker.itemData(index) for index in range(dialog.tracker.count())}
    assert offered == {"auto", "own"}  # mediapipe's file is not installed here
    dialog.tracker.setCurrentIndex(dialog.tracker.findData("own"))
    dialog.ok_button.click()
    assert desk.controller.settings.tracker == desk.session.settings.tracker == "own"
    assert len(desk.sessions) == 1
    desk.controller.stop()
    desk.until(lambda: not desk.controller.is_running)
    assert "made for tests" not in desk.window.status_line.texts


def test_a_wait_is_shown_until_the_editor_opens(desk: Any) -> None:
    desk.start()
    desk.until(lambda: not desk.window.status_line.currentMessage())
    desk.window.gallery.correct_selected()
    assert desk.window.status_line.currentMessage() == "Looking for the face…"
    assert desk.window.cursor().shape() is Qt.CursorShape.BusyCursor
    desk.until(lambda: desk.window.faces.editor is not None)
    assert not desk.window.status_line.currentMessage()
    assert desk.window.cursor().shape() is Qt.CursorShape.ArrowCursor
    desk.window.faces.editor.reject()


def test_everything_can_be_reached_with_the_keyboard_and_has_a_name(desk: Any) -> None:
    for button in desk.window.findChildren(QPushButton):
        assert button.focusPolicy() is not Qt.FocusPolicy.NoFocus
        assert button.accessibleName() or button.text()
    desk.window.resize(900, 600)
    assert (desk.window.width(), desk.window.height()) == (900, 600)


def test_a_countdown_comes_before_calibration(desk: Any) -> None:
    desk.start()
    desk.window.driver.countdown._timer.setInterval(5)
    desk.window.driver.calibration.later_button.click()
    desk.until(lambda: desk.session.state is LiveState.LIVE)


def test_a_picture_outside_the_gallery_is_framed(
    make_desk: Any, settings: Settings, tmp_path: Path, make_picture: Any
) -> None:
    path = tmp_path / "photo.png"
    write_image(path, make_picture(90, 60, 90))
    desk = make_desk(replace(settings, avatar=str(path)))
    desk.window.begin()
    desk.until(lambda: desk.controller.avatar is not None)
    assert desk.controller.avatar.name == "photo"
    assert desk.controller.avatar.image.shape == (512, 512, 3)


@only_where_names_are_bytes
def test_an_avatar_whose_name_is_no_text_is_shown_remembered_and_the_window_quit(
    make_desk: Callable[[Settings], Any], settings: Settings, tmp_path: Path, make_picture: Any
) -> None:
    path = tmp_path / f"{NOT_TEXT}.png"
    write_image(path, make_picture(200))
    desk = make_desk(replace(settings, avatar=str(path)))
    desk.start()
    assert desk.controller.entry.path == path
    desk.window.quit_now()
    desk.until_ended()
    assert load_settings().avatar == str(path)


@pytest.mark.parametrize("name", [*IMPOSSIBLE, "~nobody-of-that-name/a.png"])
def test_settings_with_impossible_names_open_the_window_and_let_it_go(
    make_desk: Callable[[Settings], Any], settings: Settings, name: str
) -> None:
    desk = make_desk(
        replace(
            settings,
            avatar=name,
            camera=replace(settings.camera, name=f"{name}.mp4"),
            view=replace(settings.view, background=f"{name}.png"),
            output=replace(settings.output, target=f"{name}.mp4"),
        )
    )
    desk.window.begin()
    desk.until(desk.window.isVisible)
    desk.window.quit_now()
    desk.until_ended()


def test_a_window_is_quit_even_if_its_settings_cannot_be_kept(
    make_desk: Callable[[Settings], Any], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = make_desk(settings)
    desk.start()
    monkeypatch.setenv("AVATARIFY_CONFIG", "/dev/null/config")
    desk.controller.set_auto_calibration(True)
    desk.window.quit_now()
    desk.until_ended()

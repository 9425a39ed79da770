"""The window: puts the panels together and connects them with the controller."""

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QByteArray, QTimer, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QMessageBox

from avatarify.gui.actions import WindowActions
from avatarify.gui.background import Background
from avatarify.gui.banners import BannerStack
from avatarify.gui.bridge import SessionBridge
from avatarify.gui.controller import LiveController
from avatarify.gui.device_panel import DevicePanel
from avatarify.gui.driver_panel import DriverPanel
from avatarify.gui.framing_keys import FramingKeys
from avatarify.gui.gallery_panel import GalleryPanel
from avatarify.gui.global_hotkeys import Bindings, GlobalHotkeys, HotkeyAction
from avatarify.gui.help_page import HelpPage
from avatarify.gui.icon import program_icon
from avatarify.gui.keepsakes import Keepsakes
from avatarify.gui.notice_board import NoticeBoard
from avatarify.gui.questions import ask_to_expose, ask_to_quit, show_about
from avatarify.gui.settings_dialog import SettingsDialog
from avatarify.gui.stage import Stage
from avatarify.gui.status_line import StatusLine, information
from avatarify.gui.theme import apply_theme, colours_for
from avatarify.gui.tracker_offer import TrackerOffer
from avatarify.gui.tray import Tray
from avatarify.gui.window_layout import add_xray, lay_out
from avatarify.gui.xray_view import XrayView
from avatarify.session.avatars import AvatarEntry, AvatarLibrary
from avatarify.session.listener import CameraView, EngineReport, LiveState, OutputView, Topic
from avatarify.session.avatar import Avatar
from avatarify.session.settings import Settings, Theme
from avatarify.session.thumbnails import ThumbnailStore

REPORT_INTERVAL_MS = 500
_START_WORDS = "Press Start to see the avatar here."
_CAMERA_WORDS = {
    LiveState.STOPPED: "The camera is off.",
    LiveState.STARTING: "Opening the camera…",
    LiveState.WAITING_FOR_CAMERA: "No camera picture yet. It is tried again by itself.",
    LiveState.ENDED: "The video has ended.",
}


class MainWindow(QMainWindow):
    """Gallery on the left, the stage in the middle, the driver on the right."""

    ended = Signal()
    """The window is closed and all devices are released."""

    def __init__(
        self,
        controller: LiveController,
        bridge: SessionBridge,
        *,
        library: AvatarLibrary,
        thumbnails: ThumbnailStore,
        background: Background,
        devices: DevicePanel,
    ) -> None:
        """Build everything; nothing runs yet.

        Args:
            controller: Does what is asked for.
            bridge: Tells what the session says.
            library: The avatars.
            thumbnails: Their small pictures.
            background: For work that takes more than a moment.
            devices: The panel of cameras.
        """
        super().__init__()
        self.controller = controller
        self._bridge = bridge
        self._background = background
        self._engine: EngineReport | None = None
        self._told_state = LiveState.STOPPED
        self._may_close = self._has_ended = False
        self.question: QMessageBox | None = None
        self.settings_dialog: SettingsDialog | None = None
        self.help_page: HelpPage | None = None
        self.actions_ = WindowActions(self)
        self.banners = BannerStack()
        self.gallery = GalleryPanel(library, thumbnails, background)
        self.stage = Stage(self.actions_)
        self.driver = DriverPanel(devices)
        self.status_line = StatusLine()
        self.xray = XrayView()
        self.tracker_offer = TrackerOffer(background, self)
        self.notices = NoticeBoard(
            self.banners, devices, self.stage.guide, self.status_line, self.tracker_offer
        )
        self.keepsakes = Keepsakes(controller, background, self.notices.say)
        self.hotkeys = GlobalHotkeys(self)
        self._lay_out()
        self.tray = Tray(self, self.actions_)
        self._connect_session()
        self._connect_panels()
        self._connect_actions()
        self._report_timer = QTimer(self)
        self._report_timer.setInterval(REPORT_INTERVAL_MS)
        self._report_timer.timeout.connect(self._show_report)
        self._report_timer.start()
        self._show_settings(controller.settings)
        self._show_running(False)
        self.hotkeys.watch(Bindings.from_settings(controller.settings.window.hotkeys))

    @property
    def has_ended(self) -> bool:
        """Whether `ended` was signalled."""
        return self._has_ended

    def begin(self) -> None:
        """Show the guide to a new user, else start at once."""
        self.controller.choose_key(self.controller.settings.avatar)
        if self.controller.settings.window.has_seen_guide:
            self.controller.start()
        else:
            self.notices.offer_in_guide()
            self.stage.guide.restart()

    def quit_now(self) -> None:
        """Quit without asking, in order: the output eases to the still avatar first."""
        if self._may_close:
            return
        self._may_close = True
        self.status_line.showMessage("Closing…")
        window = replace(self.controller.settings.window, geometry=self._geometry())
        self.controller.set_window(window)
        self.controller.closed.connect(self._end)
        self.controller.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask while live; then let the session end first."""
        event.ignore()
        if self._may_close:
            return
        if self.controller.is_live:
            self.question = ask_to_quit(self, self.quit_now)
        else:
            self.quit_now()

    def _end(self) -> None:
        self._report_timer.stop()
        self.hotkeys.stop()
        self._bridge.detach()
        self._background.close()
        self.hide()
        self._has_ended = True
        self.ended.emit()

    # Layout

    def _lay_out(self) -> None:
        self.setWindowTitle("Avatarify")
        self.setWindowIcon(program_icon())
        self.setMinimumSize(900, 600)
        self.resize(1180, 760)
        lay_out(
            self, banners=self.banners, gallery=self.gallery, stage=self.stage, driver=self.driver
        )
        self.setStatusBar(self.status_line)
        self.xray_dock = add_xray(self, self.xray)
        self.restoreGeometry(QByteArray.fromHex(self.controller.settings.window.geometry.encode()))

    def _geometry(self) -> str:
        return bytes(self.saveGeometry().toHex().data()).decode()

    # Connections

    def _connect_session(self) -> None:
        bridge, controller = self._bridge, self.controller
        bridge.output_shown.connect(self._show_output)
        bridge.camera_seen.connect(self._show_camera)
        bridge.calibration_changed.connect(self.driver.calibration.show_status)
        bridge.motion_seen.connect(self.xray.show_view)
        bridge.state_changed.connect(self._show_state)
        bridge.noticed.connect(self.notices.show)
        self.notices.tracker_came.connect(controller.reload_tracker)
        bridge.engine_ready.connect(self._show_engine)
        bridge.recording_finished.connect(self.keepsakes.show_end)
        bridge.recording_finished.connect(self._show_modes)
        controller.settings_changed.connect(self._show_settings)
        controller.running_changed.connect(self._show_running)
        controller.modes_changed.connect(self._show_modes)
        controller.avatar_changed.connect(self._show_avatar)
        self.hotkeys.pressed.connect(self._use_hotkey)

    def _connect_panels(self) -> None:
        controller, calibration = self.controller, self.driver.calibration
        self.gallery.chosen.connect(controller.choose)
        self.gallery.told.connect(lambda text: controller.tell(Topic.AVATAR, text))
        self.gallery.imports.consented.connect(self._keep_consent)
        self.stage.exposure_ended.connect(lambda: controller.set_pass_through(False))
        self.stage.guide.finished.connect(self._finish_guide)
        self.stage.guide.step_changed.connect(lambda step: controller.start())
        calibration.calibrate.connect(controller.calibrate)
        calibration.undo.connect(controller.undo_calibration)
        calibration.decline.connect(controller.decline_calibration)
        calibration.auto_changed.connect(controller.set_auto_calibration)
        self.driver.countdown.finished.connect(controller.calibrate)
        motion, devices = self.driver.motion, self.driver.devices
        motion.motion_changed.connect(controller.set_motion)
        motion.view_changed.connect(controller.set_view)
        motion.input_mirror_changed.connect(self._set_input_mirror)
        devices.camera_changed.connect(controller.set_camera)
        devices.output_changed.connect(controller.set_output)
        devices.pattern_changed.connect(controller.set_test_pattern)
        self.xray_dock.visibilityChanged.connect(self._follow_xray)

    def _connect_actions(self) -> None:
        actions, controller, gallery = self.actions_, self.controller, self.gallery
        framing = FramingKeys(controller)
        for action, do in (
            (actions.add, gallery.open_files),
            (actions.paste, gallery.paste),
            (actions.rename, gallery.rename_selected),
            (actions.remove, gallery.remove_selected),
            (actions.previous, lambda: gallery.step(controller.entry, -1)),
            (actions.next, lambda: gallery.step(controller.entry, 1)),
            (actions.settings, self.open_settings),
            (actions.quit, self.close),
            (actions.start, self._start_or_stop),
            (actions.calibrate, controller.calibrate),
            (actions.undo_calibration, controller.undo_calibration),
            (actions.snapshot, self.keepsakes.save_snapshot),
            (actions.zoom_in, framing.zoom_in),
            (actions.zoom_out, framing.zoom_out),
            (actions.reset_framing, controller.reset_framing),
            (actions.ghost_less, framing.show_less_ghost),
            (actions.ghost_more, framing.show_more_ghost),
            (actions.guide, self.stage.guide.restart),
            (actions.help, self.open_help),
            (actions.about, lambda: show_about(self)),
            (actions.pass_through, self._ask_to_expose),
            (actions.record, self.keepsakes.record),
        ):
            action.triggered.connect(_ignoring_argument(do))
        actions.hold.triggered.connect(controller.set_hold)
        actions.auto_calibrate.triggered.connect(controller.set_auto_calibration)
        actions.mirror_input.triggered.connect(self._set_input_mirror)
        actions.mirror_output.triggered.connect(self._set_output_mirror)
        actions.landmarks.triggered.connect(lambda on: self._change_window(shows_landmarks=on))
        actions.information.triggered.connect(lambda on: self._change_window(shows_information=on))
        actions.xray.toggled.connect(self.xray_dock.setVisible)
        actions.theme_chosen.connect(lambda theme: self._change_window(theme=theme))
        actions.number_pressed.connect(gallery.choose_number)
        actions.panned.connect(framing.pan)
        for preview in (self.stage.preview, self.driver.camera):
            framing.add_arrows(preview)

    # What the session says

    def _show_output(self, view: OutputView) -> None:
        if self.controller.is_running:  # one may have been under way when the session ended
            self.stage.preview.show_view(view)

    def _show_camera(self, view: CameraView) -> None:
        if self.controller.is_running:
            self.driver.camera.show_view(view)

    def _show_state(self, state: LiveState) -> None:
        self._told_state = state
        self.status_line.show_state(state)
        self.tray.show_state(state.value, is_exposed=self.controller.shows_camera)
        words = _CAMERA_WORDS.get(state)
        if words is not None:
            self.driver.camera.clear(words)
        if words is not None and self.controller.is_running:
            self.driver.calibration.show_waiting("Waiting for the camera.")
        if state is LiveState.STOPPED:
            self.stage.preview.clear(_START_WORDS)

    def _show_engine(self, engine: EngineReport) -> None:
        self._engine = engine
        self.status_line.show_engine(engine)
        self.controller.tell(Topic.GRAPHICS_CARD, engine.warning)
        if engine.note:
            self.notices.say(engine.note)

    def _show_report(self) -> None:
        report = self.controller.report()
        self.status_line.show_report(report)
        is_wanted = self.controller.settings.window.shows_information
        self.stage.preview.set_information(
            information(report, self._engine) if is_wanted and report is not None else ()
        )

    # What the controller says

    def _show_settings(self, settings: Settings) -> None:
        self.actions_.show_settings(settings)
        self.driver.motion.show_settings(settings)
        self.driver.devices.show_settings(settings)
        self.driver.calibration.show_auto(settings.auto_calibration)
        camera, window = self.driver.camera, settings.window
        camera.set_landmarks(window.shows_landmarks)
        camera.set_ghost_opacity(window.ghost_opacity)
        camera.set_mirrored(window.mirrors_preview and not settings.camera.mirror)
        self.gallery.imports.has_consent = window.has_given_consent

    def _show_running(self, is_running: bool) -> None:
        self.actions_.set_active(is_running)
        self.stage.set_running(is_running)
        self.driver.set_active(is_running)
        if not is_running:
            self._show_state(LiveState.STOPPED)
            self.xray.clear()
            self.status_line.show_engine(None)
            self._engine = None

    def _show_modes(self) -> None:
        controller = self.controller
        self.actions_.hold.setChecked(controller.is_held)
        self.actions_.pass_through.setChecked(controller.shows_camera)
        self.actions_.record.setChecked(controller.is_recording)
        self.driver.devices.show_pattern(controller.shows_pattern)
        self.stage.set_exposed(controller.shows_camera)
        state = LiveState.PASS_THROUGH if controller.shows_camera else self._told_state
        self.tray.show_state(state.value, is_exposed=controller.shows_camera)
        words = (
            ("REAL CAMERA", controller.shows_camera),
            ("TEST PATTERN", controller.shows_pattern),
            ("HOLD", controller.is_held),
            ("● REC", controller.is_recording),
        )
        self.stage.preview.set_corner("   ".join(word for word, is_on in words if is_on))

    def _show_avatar(self, entry: AvatarEntry, avatar: Avatar) -> None:
        self.gallery.show_chosen(entry)
        self.driver.camera.set_ghost(avatar.image)
        self.stage.preview.set_still(avatar.image)

    # What the user wants

    def open_settings(self) -> None:
        """Show the settings; they are taken over after OK."""
        dialog = SettingsDialog(self.controller.settings, self.hotkeys.problem, self)
        dialog.accepted.connect(lambda: self._take_settings(dialog.settings))
        self.settings_dialog = dialog
        dialog.open()

    def open_help(self) -> None:
        """Show the keys and the state of this machine."""
        colours = colours_for(self.controller.settings.window.theme)
        self.help_page = HelpPage(self._background, colours, self)
        self.help_page.show()

    def _take_settings(self, settings: Settings) -> None:
        self.controller.set_engine(settings.engine)
        self.controller.set_camera(settings.camera)
        self.controller.set_output(settings.output)
        self.controller.set_view(settings.view)
        self._change_window(
            theme=settings.window.theme,
            mirrors_preview=settings.window.mirrors_preview,
            hotkeys=settings.window.hotkeys,
        )
        self.hotkeys.watch(Bindings.from_settings(settings.window.hotkeys))

    def _change_window(self, **changes: Any) -> None:
        before = self.controller.settings.window
        self.controller.set_window(replace(before, **changes))
        theme: Theme = self.controller.settings.window.theme
        application = QApplication.instance()
        if theme is not before.theme and isinstance(application, QApplication):
            apply_theme(application, theme)

    def _start_or_stop(self) -> None:
        if self.controller.is_running:
            self.controller.stop()
        else:
            self.controller.start()

    def _finish_guide(self) -> None:
        self.stage.guide.hide()
        self._change_window(has_seen_guide=True)
        self.controller.start()

    def _keep_consent(self) -> None:
        self._change_window(has_given_consent=True)

    def _ask_to_expose(self) -> None:
        if self.controller.shows_camera:
            self.controller.set_pass_through(False)
            return
        self._show_modes()  # the check mark waits for the answer
        self.question = ask_to_expose(self, lambda: self.controller.set_pass_through(True))

    def _set_input_mirror(self, is_on: bool) -> None:
        self.controller.set_camera(replace(self.controller.settings.camera, mirror=is_on))

    def _set_output_mirror(self, is_on: bool) -> None:
        self.controller.set_view(replace(self.controller.settings.view, mirror=is_on))

    def _follow_xray(self, is_visible: bool) -> None:
        self.actions_.xray.setChecked(is_visible)
        self.controller.set_xray(is_visible)

    def _use_hotkey(self, action: HotkeyAction) -> None:
        match action:
            case HotkeyAction.CALIBRATE:
                self.controller.calibrate()
            case HotkeyAction.HOLD:
                self.controller.set_hold(not self.controller.is_held)
            case HotkeyAction.NEXT_AVATAR:
                self.gallery.step(self.controller.entry, 1)


def _ignoring_argument(do: Any) -> Any:
    """Leave out the state that Qt sends with every trigger."""
    return lambda *_: do()

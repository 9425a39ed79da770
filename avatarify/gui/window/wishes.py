"""What the user wants: every button and key, connected with what does it."""

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from avatarify.gui.desktop.global_hotkeys import Bindings, HotkeyAction
from avatarify.gui.dialogs.help_page import HelpPage
from avatarify.gui.dialogs.questions import ask_to_expose, show_about
from avatarify.gui.dialogs.settings_dialog import SettingsDialog
from avatarify.gui.pieces.theme import apply_theme, colours_for
from avatarify.gui.window.controller import LiveController
from avatarify.gui.window.framing_keys import FramingKeys
from avatarify.gui.window.furnished_window import FurnishedWindow
from avatarify.gui.window.keepsakes import Keepsakes
from avatarify.session.keeping.settings import Settings, Theme
from avatarify.session.live.listener import Topic


class Wishes(QObject):
    """Asks the controller for what the window's widgets were asked for."""

    def __init__(
        self, window: FurnishedWindow, controller: LiveController, keepsakes: Keepsakes
    ) -> None:
        """Connect everything.

        Args:
            window: Whose buttons and keys these are.
            controller: Does what is asked for.
            keepsakes: Records and takes snapshots.
        """
        super().__init__(window)
        self._window = window
        self._controller = controller
        self._keepsakes = keepsakes
        self.settings_dialog: SettingsDialog | None = None
        self.help_page: HelpPage | None = None
        self._connect_panels()
        self._connect_actions()
        window.notices.tracker_came.connect(controller.reload_tracker)
        window.hotkeys.pressed.connect(self._use_hotkey)
        window.hotkeys.watch(Bindings.from_settings(controller.settings.window.hotkeys))

    def _connect_panels(self) -> None:
        controller, calibration = self._controller, self._window.driver.calibration
        self._window.gallery.chosen.connect(controller.choose)
        self._window.gallery.told.connect(lambda text: controller.tell(Topic.AVATAR, text))
        self._connect_faces()
        self._window.gallery.imports.consented.connect(self._keep_consent)
        self._window.stage.exposure_ended.connect(lambda: controller.set_pass_through(False))
        self._window.stage.guide.finished.connect(self._finish_guide)
        self._window.stage.guide.step_changed.connect(lambda step: controller.start())
        calibration.calibrate.connect(controller.calibrate)
        calibration.undo.connect(controller.undo_calibration)
        calibration.decline.connect(controller.decline_calibration)
        calibration.auto_changed.connect(controller.set_auto_calibration)
        self._window.driver.countdown.finished.connect(controller.calibrate)
        self._window.driver.camera.face_clicked.connect(controller.follow_face)
        motion, devices = self._window.driver.motion, self._window.driver.devices
        motion.motion_changed.connect(controller.set_motion)
        motion.view_changed.connect(controller.set_view)
        motion.input_mirror_changed.connect(self._set_input_mirror)
        devices.camera_changed.connect(controller.set_camera)
        devices.output_changed.connect(controller.set_output)
        devices.pattern_changed.connect(controller.set_test_pattern)
        self._window.xray_dock.visibilityChanged.connect(self._follow_xray)

    def _connect_faces(self) -> None:
        gallery, faces = self._window.gallery, self._window.faces
        gallery.correction_asked.connect(faces.correct_avatar)
        gallery.imports.correction_asked.connect(faces.correct_import)
        faces.corrected.connect(gallery.show_changed)
        gallery.further_asked.connect(self._window.further.ask)
        self._window.further.chosen.connect(gallery.show_changed)
        self._window.further.failed.connect(lambda text: self._controller.tell(Topic.AVATAR, text))
        faces.failed.connect(lambda text: self._controller.tell(Topic.AVATAR, text))
        self._window.notices.points_wanted.connect(self._correct_present)

    def _connect_actions(self) -> None:
        actions, controller, gallery = self._window.actions_, self._controller, self._window.gallery
        framing = FramingKeys(controller)
        for action, do in (
            (actions.add, gallery.open_files),
            (actions.paste, gallery.paste),
            (actions.correct, gallery.correct_selected),
            (actions.rename, gallery.rename_selected),
            (actions.remove, gallery.remove_selected),
            (actions.previous, lambda: gallery.step(controller.entry, -1)),
            (actions.next, lambda: gallery.step(controller.entry, 1)),
            (actions.settings, self.open_settings),
            (actions.quit, self._window.close),
            (actions.start, self._start_or_stop),
            (actions.calibrate, controller.calibrate),
            (actions.undo_calibration, controller.undo_calibration),
            (actions.snapshot, self._keepsakes.save_snapshot),
            (actions.zoom_in, framing.zoom_in),
            (actions.zoom_out, framing.zoom_out),
            (actions.reset_framing, controller.reset_framing),
            (actions.ghost_less, framing.show_less_ghost),
            (actions.ghost_more, framing.show_more_ghost),
            (actions.guide, self._window.stage.guide.restart),
            (actions.help, self.open_help),
            (actions.about, lambda: show_about(self._window)),
            (actions.pass_through, self._ask_to_expose),
            (actions.record, self._keepsakes.record),
        ):
            action.triggered.connect(_ignoring_argument(do))
        actions.hold.triggered.connect(controller.set_hold)
        actions.auto_calibrate.triggered.connect(controller.set_auto_calibration)
        actions.mirror_input.triggered.connect(self._set_input_mirror)
        actions.mirror_output.triggered.connect(self._set_output_mirror)
        actions.landmarks.triggered.connect(lambda on: self._change_window(shows_landmarks=on))
        actions.information.triggered.connect(lambda on: self._change_window(shows_information=on))
        actions.xray.toggled.connect(self._window.xray_dock.setVisible)
        actions.theme_chosen.connect(lambda theme: self._change_window(theme=theme))
        actions.number_pressed.connect(gallery.choose_number)
        actions.panned.connect(framing.pan)
        for preview in (self._window.stage.preview, self._window.driver.camera):
            framing.add_arrows(preview)

    def open_settings(self) -> None:
        """Show the settings; they are taken over after OK."""
        dialog = SettingsDialog(
            self._controller.settings, self._window.hotkeys.problem, self._window
        )
        dialog.accepted.connect(lambda: self._take_settings(dialog.settings))
        self.settings_dialog = dialog
        dialog.open()

    def open_help(self) -> None:
        """Show the keys and the state of this machine."""
        colours = colours_for(self._controller.settings.window.theme)
        self.help_page = HelpPage(self._window.background, colours, self._window)
        self.help_page.show()

    def _take_settings(self, settings: Settings) -> None:
        self._controller.set_tracker(settings.tracker)
        self._controller.set_engine(settings.engine)
        self._controller.set_camera(settings.camera)
        self._controller.set_output(settings.output)
        self._controller.set_view(settings.view)
        self._controller.set_unwatched(settings.unwatched)
        self._change_window(
            theme=settings.window.theme,
            mirrors_preview=settings.window.mirrors_preview,
            hotkeys=settings.window.hotkeys,
        )
        self._window.hotkeys.watch(Bindings.from_settings(settings.window.hotkeys))

    def _change_window(self, **changes: Any) -> None:
        before = self._controller.settings.window
        self._controller.set_window(replace(before, **changes))
        theme: Theme = self._controller.settings.window.theme
        application = QApplication.instance()
        if theme is not before.theme and isinstance(application, QApplication):
            apply_theme(application, theme)

    def _correct_present(self) -> None:
        if self._controller.entry is not None:
            self._window.faces.correct_avatar(self._controller.entry)

    def _start_or_stop(self) -> None:
        if self._controller.is_running:
            self._controller.stop()
        else:
            self._controller.start()

    def _finish_guide(self) -> None:
        self._window.stage.guide.hide()
        self._change_window(has_seen_guide=True)
        self._controller.start()

    def _keep_consent(self) -> None:
        self._change_window(has_given_consent=True)

    def _ask_to_expose(self) -> None:
        if self._controller.shows_camera:
            self._controller.set_pass_through(False)
            return
        self._controller.modes_changed.emit()  # the check mark waits for the answer
        self._window.question = ask_to_expose(
            self._window, lambda: self._controller.set_pass_through(True)
        )

    def _set_input_mirror(self, is_on: bool) -> None:
        self._controller.set_camera(replace(self._controller.settings.camera, mirror=is_on))

    def _set_output_mirror(self, is_on: bool) -> None:
        self._controller.set_view(replace(self._controller.settings.view, mirror=is_on))

    def _follow_xray(self, is_visible: bool) -> None:
        self._window.actions_.xray.setChecked(is_visible)
        self._controller.set_xray(is_visible)

    def _use_hotkey(self, action: HotkeyAction) -> None:
        match action:
            case HotkeyAction.CALIBRATE:
                self._controller.calibrate()
            case HotkeyAction.HOLD:
                self._controller.set_hold(not self._controller.is_held)
            case HotkeyAction.NEXT_AVATAR:
                self._window.gallery.step(self._controller.entry, 1)


def _ignoring_argument(do: Any) -> Any:
    """Leave out the state that Qt sends with every trigger."""
    return lambda *_: do()

"""What the session and the controller say, shown where it belongs in the window."""

from PySide6.QtCore import QObject, QTimer

from avatarify.gui.panels.status_line import information
from avatarify.gui.window.bridge import SessionBridge
from avatarify.gui.window.controller import LiveController
from avatarify.gui.window.furnished_window import FurnishedWindow
from avatarify.session.avatars.avatar import Avatar
from avatarify.session.avatars.library import AvatarEntry
from avatarify.session.keeping.settings import FACE_MODEL, Settings
from avatarify.session.live.listener import (
    Audience,
    CalibrationStatus,
    CameraView,
    EngineReport,
    LiveState,
    OutputView,
    Topic,
)

REPORT_INTERVAL_MS = 500
_START_WORDS = "Press Start to see the avatar here."
_CAMERA_WORDS = {
    LiveState.STOPPED: "The camera is off.",
    LiveState.STARTING: "Opening the camera…",
    LiveState.WAITING_FOR_CAMERA: "No camera picture yet. It is tried again by itself.",
    LiveState.ENDED: "The video has ended.",
    LiveState.CAMERA_FAILED: "Nothing can be read from it. Choose another camera.",
}


class Display(QObject):
    """Listens, and shows. It asks for nothing."""

    def __init__(
        self, window: FurnishedWindow, controller: LiveController, bridge: SessionBridge
    ) -> None:
        """Listen from now on.

        Args:
            window: Where things are shown.
            controller: Says what the user has chosen.
            bridge: Says what the session does.
        """
        super().__init__(window)
        self._window = window
        self._controller = controller
        self.engine: EngineReport | None = None
        self._told_state = LiveState.STOPPED
        self._camera_name, self._camera_size = "", (0, 0)
        self._listen_to_session(bridge)
        controller.settings_changed.connect(self._show_settings)
        controller.running_changed.connect(self._show_running)
        controller.modes_changed.connect(self._show_modes)
        controller.avatar_changed.connect(self._show_avatar)
        self._report_timer = QTimer(self)
        self._report_timer.setInterval(REPORT_INTERVAL_MS)
        self._report_timer.timeout.connect(self._show_report)
        self._report_timer.start()
        self._show_settings(controller.settings)
        self._show_running(False)

    def stop(self) -> None:
        """Look at the rates no longer."""
        self._report_timer.stop()

    def _listen_to_session(self, bridge: SessionBridge) -> None:
        window = self._window
        bridge.output_shown.connect(self._show_output)
        bridge.camera_opened.connect(self._name_camera)
        bridge.camera_seen.connect(self._show_camera)
        bridge.calibration_changed.connect(self._show_calibration)
        bridge.motion_seen.connect(window.xray.show_view)
        bridge.state_changed.connect(self._show_state)
        bridge.audience_changed.connect(self._show_audience)
        bridge.noticed.connect(window.notices.show)
        bridge.engine_ready.connect(self._show_engine)
        bridge.tracker_ready.connect(window.status_line.show_tracker)
        bridge.recording_finished.connect(self._show_modes)

    def _show_output(self, view: OutputView) -> None:
        if self._controller.is_running:  # one may have been under way when the session ended
            self._window.stage.preview.show_view(view)

    def _name_camera(self, name: str) -> None:
        self._camera_name = name

    def _show_camera(self, view: CameraView) -> None:
        self._camera_size = (view.image.shape[0], view.image.shape[1])
        if self._controller.is_running:
            self._window.driver.camera.show_view(view)

    def _show_calibration(self, status: CalibrationStatus) -> None:
        if self._controller.is_running:  # the last one may come after the end
            self._window.driver.calibration.show_status(status)

    def _show_state(self, state: LiveState) -> None:
        self._told_state = state
        self._window.status_line.show_state(state)
        self._window.tray.show_state(state.value, is_exposed=self._controller.shows_camera)
        words = _CAMERA_WORDS.get(state)
        if words is not None:
            self._window.driver.camera.clear(words)
        if words is not None and self._controller.is_running:
            self._window.driver.calibration.show_waiting("Waiting for the camera.")
        if state is LiveState.STOPPED:
            self._window.stage.preview.clear(_START_WORDS)

    def _show_audience(self, audience: Audience) -> None:
        self._window.status_line.show_audience(audience)
        self._window.driver.devices.show_audience(audience)

    def _show_engine(self, engine: EngineReport) -> None:
        self.engine = engine
        self._window.status_line.show_engine(engine)
        self._window.driver.motion.show_model(engine.model)
        self._controller.tell(Topic.GRAPHICS_CARD, engine.warning)
        self._window.notices.show_face(engine.note if engine.lacks_face else "")
        if engine.note and not engine.lacks_face:
            self._window.notices.say(engine.note)

    def _show_report(self) -> None:
        report = self._controller.report()
        self._window.status_line.show_report(report)
        self._window.driver.devices.show_camera_facts(
            self._camera_name, self._camera_size, 0.0 if report is None else report.capture_fps
        )
        is_wanted = self._controller.settings.window.shows_information
        self._window.stage.preview.set_information(
            information(report, self.engine) if is_wanted and report is not None else ()
        )

    def _show_settings(self, settings: Settings) -> None:
        self._window.actions_.show_settings(settings)
        self._window.driver.motion.show_settings(settings)
        if self.engine is None:
            self._show_wanted_model()
        self._window.driver.devices.show_settings(settings)
        self._window.driver.calibration.show_auto(settings.auto_calibration)
        camera, window = self._window.driver.camera, settings.window
        camera.set_landmarks(window.shows_landmarks)
        camera.set_ghost_opacity(window.ghost_opacity)
        camera.set_mirrored(window.mirrors_preview and not settings.camera.mirror)
        self._window.gallery.imports.has_consent = window.has_given_consent

    def _show_wanted_model(self) -> None:
        model = self._controller.settings.engine.model
        self._window.driver.motion.show_model(model or FACE_MODEL)

    def _show_running(self, is_running: bool) -> None:
        self._window.actions_.set_active(is_running)
        self._window.stage.set_running(is_running)
        self._window.driver.set_active(is_running)
        if not is_running:
            self._show_state(LiveState.STOPPED)
            self._show_audience(Audience(None, is_resting=False))
            self._window.xray.clear()
            self._window.status_line.show_engine(None)
            self._window.status_line.show_tracker("")
            self._window.notices.show_face("")
            self.engine = None
            self._show_wanted_model()

    def _show_modes(self) -> None:
        controller = self._controller
        self._window.actions_.hold.setChecked(controller.is_held)
        self._window.actions_.pass_through.setChecked(controller.shows_camera)
        self._window.actions_.record.setChecked(controller.is_recording)
        self._window.driver.devices.show_pattern(controller.shows_pattern)
        self._window.stage.set_exposed(controller.shows_camera)
        state = LiveState.PASS_THROUGH if controller.shows_camera else self._told_state
        self._window.tray.show_state(state.value, is_exposed=controller.shows_camera)
        words = (
            ("REAL CAMERA", controller.shows_camera),
            ("TEST PATTERN", controller.shows_pattern),
            ("HOLD", controller.is_held),
            ("● REC", controller.is_recording),
        )
        self._window.stage.preview.set_corner("   ".join(word for word, is_on in words if is_on))

    def _show_avatar(self, entry: AvatarEntry, avatar: Avatar) -> None:
        self._window.gallery.show_chosen(entry)
        self._window.driver.camera.set_ghost(avatar.image)
        self._window.stage.preview.set_still(avatar.image)

"""What the window's buttons do: the one owner of the live session.

Widgets call these methods and listen to its signals; none of them knows the session.
"""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from avatarify.errors import AvatarifyError
from avatarify.frames import Image
from avatarify.gui.pieces.background import Background
from avatarify.gui.window.bridge import SessionBridge
from avatarify.gui.window.chosen_avatar import ChosenAvatar
from avatarify.gui.window.kept_settings import KeptSettings
from avatarify.session.avatars.avatar import Avatar
from avatarify.session.avatars.library import AvatarEntry, AvatarLibrary
from avatarify.session.keeping.settings import (
    CameraSettings,
    EngineSettings,
    MotionControls,
    OutputSettings,
    Settings,
    TrackerWish,
    ViewSettings,
    VoiceSettings,
    WhenUnwatched,
    WindowSettings,
)
from avatarify.session.keeping.turned_cameras import with_camera
from avatarify.session.live.listener import LiveListener, LiveState, Notice, Severity, Topic
from avatarify.session.live.live_session import LiveSession
from avatarify.streaming.statistics import StreamReport

logger = logging.getLogger(__name__)

OpenSession = Callable[[Settings, LiveListener], LiveSession]


class LiveController(QObject):
    """Starts and stops sessions, and passes on what is asked of them."""

    settings_changed = Signal(object)
    """The new Settings."""

    avatar_changed = Signal(object, object)
    """AvatarEntry and Avatar, once it is read."""

    running_changed = Signal(bool)
    modes_changed = Signal()
    """Hold, pass-through, test pattern, recording or X-ray was switched."""

    closed = Signal()
    """The session has ended after `close`."""

    def __init__(
        self,
        settings: Settings,
        bridge: SessionBridge,
        *,
        library: AvatarLibrary,
        background: Background,
        save: Callable[[Settings], None],
        open_session: OpenSession = LiveSession,
    ) -> None:
        """Start with settings; nothing runs yet.

        Args:
            settings: From the file or the command line.
            bridge: Listens to the sessions.
            library: Finds the avatars.
            background: Reads files and waits for ending sessions.
            save: Writes the settings.
            open_session: Makes a session.
        """
        super().__init__()
        self._kept = KeptSettings(settings, save)
        self._chosen = ChosenAvatar(library, background)
        self._bridge = bridge
        self._background = background
        self._open_session = open_session
        self._session: LiveSession | None = None
        self.is_held = self.shows_camera = self.shows_pattern = self.is_xray_on = False
        self._is_stopping = False
        self._is_previewed = True
        self._kept.changed.connect(self.settings_changed)
        self._kept.failed.connect(lambda text: self.tell(Topic.SETTINGS, text))
        self._chosen.came.connect(self._use)
        self._chosen.failed.connect(lambda text: self.tell(Topic.AVATAR, text))
        bridge.stopped.connect(self._note_stopped)

    @property
    def settings(self) -> Settings:
        """The settings as they are now."""
        return self._kept.value

    @property
    def avatar(self) -> Avatar | None:
        """The avatar that is shown, once it is read."""
        return self._chosen.avatar

    @property
    def entry(self) -> AvatarEntry | None:
        """The avatar that is chosen."""
        return self._chosen.entry

    @property
    def is_running(self) -> bool:
        """Whether a session runs (or is on its way to the end)."""
        return self._session is not None

    @property
    def is_live(self) -> bool:
        """Whether others may be looking at the output right now."""
        idle = (LiveState.STOPPED, LiveState.ENDED, LiveState.CAMERA_FAILED)
        return self._session is not None and self._session.state not in idle

    @property
    def is_recording(self) -> bool:
        """Whether a recording is being written."""
        return self._session is not None and self._session.is_recording

    def start(self) -> None:
        """Start a session with the present settings; nothing happens while one runs."""
        if self._session is not None:
            return
        session = self._open_session(self.settings, self._bridge.listener())
        if self.avatar is not None:
            session.set_avatar(self.avatar)
            self._take_over_profile(session)
        session.set_xray(self.is_xray_on)
        session.set_previewed(self._is_previewed)
        self._session = session
        self._attempt(Topic.OUTPUT, session.start)
        self.running_changed.emit(True)
        if self.entry is None:
            self.choose_key(self.settings.avatar)

    def stop(self, done: Callable[[], None] | None = None) -> None:
        """End the session in the background; the window goes on painting meanwhile.

        Args:
            done: Called in the window's thread when all devices are released.
        """
        session = self._session
        if session is None or self._is_stopping:
            if done is not None and session is None:
                done()
            return
        self._is_stopping = True
        self._end_modes()

        def ended(_: Any) -> None:
            self._is_stopping = False
            self._forget_session()
            if done is not None:
                done()

        self._background.run(session.stop, ended, ended)

    def reload_tracker(self) -> None:
        """Take the face tracker's file that has come, without a break for those who watch."""
        if self._session is not None:
            self._session.reload_tracker()

    def close(self) -> None:
        """End everything; `closed` follows."""
        try:
            self.save_now()
        finally:  # whatever is wrong with the settings, a window can be closed
            self.stop(self.closed.emit)

    def save_now(self) -> None:
        """Write the settings without waiting."""
        self._kept.save_now()

    def tell(self, topic: Topic, text: str, severity: Severity = Severity.WARNING) -> None:
        """Show the user something, as the session would."""
        self._bridge.noticed.emit(Notice(topic, text, severity))

    def report(self) -> StreamReport | None:
        """Rates and latency of the running session."""
        return None if self._session is None else self._session.report()

    # Avatars

    def choose_key(self, key: str) -> None:
        """Choose the avatar that the settings name, or the first there is."""
        self._chosen.choose_key(key)

    def choose(self, entry: AvatarEntry) -> None:
        """Read an avatar and animate it."""
        self._chosen.choose(entry)

    def _use(self, entry: AvatarEntry, avatar: Avatar) -> None:
        self.tell(Topic.AVATAR, "")
        self._kept.change(avatar=entry.key)
        if self._session is not None:
            self._session.set_avatar(avatar)
            self._take_over_profile(self._session)
            self.shows_camera = self._session.is_passing_through
            self.modes_changed.emit()
        self.avatar_changed.emit(entry, avatar)

    def _take_over_profile(self, session: LiveSession) -> None:
        """Show the gain and mirror that the session found in the avatar's profile."""
        self._kept.change(motion=session.settings.motion, view=session.settings.view)

    # Settings

    def set_camera(self, camera: CameraSettings) -> None:
        """Drive the avatar from another camera or file."""
        if camera != self.settings.camera:
            settings = with_camera(self.settings, camera)
            self._kept.change(camera=settings.camera, turned=settings.turned)
            if self._session is not None:
                self._session.set_camera(settings.camera)

    def set_output(self, output: OutputSettings) -> None:
        """Send the pictures elsewhere."""
        if output != self.settings.output:
            self._kept.change(output=output)
            session = self._session
            if session is not None:
                self._attempt(Topic.OUTPUT, lambda: session.set_output(output))

    def set_motion(self, motion: MotionControls) -> None:
        """Change gain and smoothing."""
        if motion != self.settings.motion:
            self._kept.change(motion=motion)
            if self._session is not None:
                self._session.set_motion(motion)

    def set_view(self, view: ViewSettings) -> None:
        """Change background, output mirror and badge."""
        if view != self.settings.view:
            self._kept.change(view=view)
            if self._session is not None:
                self._session.set_view(view)

    def set_engine(self, engine: EngineSettings) -> None:
        """Run another model, or on another device."""
        if engine != self.settings.engine:
            self._kept.change(engine=engine)
            if self._session is not None:
                self._session.set_engine(engine)

    def set_tracker(self, tracker: TrackerWish) -> None:
        """Follow the driver with another face tracker."""
        if tracker != self.settings.tracker:
            self._kept.change(tracker=tracker)
            if self._session is not None:
                self._session.set_tracker(tracker)

    def set_voice(self, voice: VoiceSettings) -> None:
        """Change what is done with the microphone."""
        self._kept.change(voice=voice)

    def set_window(self, window: WindowSettings) -> None:
        """Change what only the window minds."""
        if window != self.settings.window:
            self._kept.change(window=window)

    def set_unwatched(self, wish: WhenUnwatched) -> None:
        """Choose what is done while nobody watches."""
        self._kept.change(unwatched=wish)
        if self._session is not None:
            self._session.set_unwatched(wish)

    def set_previewed(self, is_visible: bool) -> None:
        """Tell whether the user sees the window."""
        self._is_previewed = is_visible
        if self._session is not None:
            self._session.set_previewed(is_visible)

    def set_auto_calibration(self, is_on: bool) -> None:
        """Let the session take the driving reference, or only the user."""
        self._kept.change(auto_calibration=is_on)
        if self._session is not None:
            self._session.set_auto_calibration(is_on)

    # While it runs

    def calibrate(self) -> None:
        """Take the next frame with a face as driving reference."""
        if self._session is not None:
            self._session.calibrate()

    def follow_face(self, x: float, y: float) -> None:
        """Follow the face at a point of the camera picture, in its pixels."""
        if self._session is not None:
            self._session.follow_face(x, y)

    def undo_calibration(self) -> None:
        """Go back to the driving reference before."""
        if self._session is not None:
            self._session.undo_calibration()

    def decline_calibration(self) -> None:
        """Keep the driving reference although the driver has moved away from it."""
        if self._session is not None:
            self._session.decline_calibration()

    def zoom(self, factor: float) -> None:
        """Come closer to the driver (above 1) or go back."""
        if self._session is not None:
            self._session.zoom(factor)

    def pan(self, right: float, down: float) -> None:
        """Move the crop by parts of its side."""
        if self._session is not None:
            self._session.pan(right, down)

    def reset_framing(self) -> None:
        """Leave the crop to the tracker."""
        if self._session is not None:
            self._session.reset_framing()

    def set_hold(self, holds: bool) -> None:
        """Rest on the still avatar, or move again."""
        if self._session is not None:
            self.is_held = holds
            self._session.set_hold(holds)
            self.shows_camera = self._session.is_passing_through
        self.modes_changed.emit()

    def set_pass_through(self, shows_camera: bool) -> None:
        """Show the real camera; with True only after the user confirmed."""
        if self._session is not None:
            self.shows_camera = shows_camera
            self._session.set_pass_through(shows_camera)
        self.modes_changed.emit()

    def set_test_pattern(self, is_on: bool) -> None:
        """Send a test pattern instead of the avatar."""
        if self._session is not None:
            self.shows_pattern = is_on
            self._session.set_test_pattern(is_on)
            self.shows_camera = self._session.is_passing_through
        self.modes_changed.emit()

    def set_xray(self, is_on: bool) -> None:
        """Have the session show what the model computes."""
        self.is_xray_on = is_on
        if self._session is not None:
            self._session.set_xray(is_on)
        self.modes_changed.emit()

    def start_recording(self, path: Path) -> None:
        """Record what others see; trouble becomes a notice."""
        session = self._session
        if session is not None:
            self._attempt(Topic.RECORDING, lambda: session.start_recording(path))
        self.modes_changed.emit()

    def stop_recording(self) -> None:
        """Finish the recording."""
        if self._session is not None:
            self._session.stop_recording()
        self.modes_changed.emit()

    def snapshot(self) -> Image | None:
        """The picture that others saw last."""
        return None if self._session is None else self._session.snapshot()

    def _attempt(self, topic: Topic, action: Callable[[], None]) -> None:
        """Do something that may fail for a reason the user can mend, and say so."""
        try:
            action()
        except AvatarifyError as error:
            self.tell(topic, str(error), Severity.ERROR)
        else:
            self.tell(topic, "")

    def _end_modes(self) -> None:
        self.is_held = self.shows_camera = self.shows_pattern = False
        self.modes_changed.emit()

    def _note_stopped(self, error: BaseException | None) -> None:
        if error is not None:
            logger.error("The session broke.", exc_info=error)
            self.tell(
                Topic.MODEL,
                f"Something in this program broke ({error}). Press Start to go on; the log has "
                "the details.",
                Severity.ERROR,
            )
        if not self._is_stopping:
            self.stop()

    def _forget_session(self) -> None:
        self._session = None
        self._end_modes()
        self.running_changed.emit(False)

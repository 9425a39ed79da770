"""The live session: camera in, animated avatar out, with everything a user can press meanwhile.

A window, the command line and the tests drive this one class. It knows nothing of Qt. All methods
may be called from any thread and return at once; what comes of them arrives at the listener.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Event

from avatarify.frames import Image
from avatarify.session.avatar import Avatar
from avatarify.session.composer import Composer
from avatarify.session.driver import Driver
from avatarify.session.listener import (
    CalibrationStatus,
    LiveListener,
    LiveState,
    Notice,
    OutputView,
    Topic,
)
from avatarify.session.parts import LiveParts, is_file, standard_parts
from avatarify.session.performer import Performer
from avatarify.session.pipeline import VIRTUAL, Pipeline
from avatarify.session.portrait_study import PortraitStudy
from avatarify.session.profiles import AvatarProfile, DrivingReference, avatar_key
from avatarify.session.recordings import Recording
from avatarify.session.scene import Scene
from avatarify.session.settings import (
    CameraSettings,
    EngineSettings,
    MotionControls,
    OutputSettings,
    Settings,
    ViewSettings,
)
from avatarify.session.situation import Situation
from avatarify.session.speed_watch import SpeedWatch
from avatarify.streaming.output_picture import Origin, PassThroughPermission
from avatarify.streaming.statistics import StreamReport
from avatarify.tracking.follow import Framing


class LiveSession:
    """Camera, tracker, animator and outputs, running together.

    Example:
        >>> session = LiveSession(settings, listener)
        >>> session.set_avatar(Avatar("Ada", portrait))
        >>> session.start()
        >>> ...
        >>> session.stop()
    """

    def __init__(
        self,
        settings: Settings,
        listener: LiveListener | None = None,
        parts: LiveParts | None = None,
    ) -> None:
        """Prepare a session; no device is opened before `start`.

        Args:
            settings: What to open. Later changes go through the `set_…` methods.
            listener: Gets the callbacks, on worker threads.
            parts: What opens the devices and the model; the product's own by default.
        """
        self._settings = settings
        self._listener = listener or LiveListener()
        self._parts = parts or standard_parts()
        self._scene = Scene("starting")
        self._avatar: Avatar | None = None
        self._profile = AvatarProfile(gain=settings.motion.gain, mirror=settings.view.mirror)
        self._kept_reference: DrivingReference | None = None
        self._permission: PassThroughPermission | None = None
        self._recording: Recording | None = None
        self._file_output: Recording | None = None
        self._told_state = LiveState.STOPPED
        self._last_told: Image | None = None
        self._is_running = False
        self._has_ended = Event()
        self._performer = Performer(self._listener, self._keep_profile)
        self._driver = Driver(
            self._parts.open_finder,
            self._listener,
            show_camera=lambda picture: self._pipeline.show_camera(picture),  # noqa: PLW0108 - later
            generation=lambda: self._scene.generation,
            is_calibrated=lambda: self._performer.is_calibrated,
            tell_calibration=self._tell_calibration,
        )
        self._pipeline = Pipeline(
            self._parts,
            driver=self._driver,
            performer=self._performer,
            scene=self._scene,
            listener=self._listener,
            tap=self._see,
        )
        self._situation = Situation(self._driver, self._performer, lambda: self._pipeline.camera)
        self._study = PortraitStudy(
            self._parts.find_portrait_face,
            lambda face: self._driver.post(lambda: self._driver.search.set_avatar(face)),
        )
        self._speed = SpeedWatch()
        self._speed_looked_s = 0.0
        self._performer.post(lambda: self._performer.set_motion(self._settings.motion))

    @property
    def settings(self) -> Settings:
        """The settings as they are now, for keeping."""
        return self._settings

    @property
    def profile(self) -> AvatarProfile:
        """What is settled for the present avatar."""
        return replace(self._profile, reference=self._performer.reference)

    @property
    def state(self) -> LiveState:
        """What the session does at this moment."""
        return self._state(time.monotonic())

    @property
    def is_recording(self) -> bool:
        """Whether a recording is being written."""
        return self._recording is not None

    @property
    def is_passing_through(self) -> bool:
        """Whether others may see the real camera."""
        return self._permission is not None and self._permission.is_valid

    def start(self) -> None:
        """Start the threads and return at once; devices and model open in the background.

        Nothing here raises for a missing camera, model or virtual camera: the listener is told,
        a card is shown and everything that can be retried is.

        Raises:
            OutputError: The output is a file that cannot be written.
            ValueError: The session was started before.
        """
        if self._is_running or self._has_ended.is_set():
            raise ValueError("A session runs once; make another one.")
        self._is_running = True
        self._tell_state(time.monotonic())  # a quick start would never be told
        self.set_output(self._settings.output)
        self.set_engine(self._settings.engine)
        self._pipeline.start()
        self._study.start()
        self._pipeline.open_camera(self._settings.camera)

    def stop(self, timeout_s: float = 5.0) -> None:
        """Ease the output to the still avatar, stop all threads and release all devices.

        A second call does nothing. A device that does not let go within `timeout_s` is left behind.
        """
        if not self._is_running:
            return
        self._keep_profile()  # while the model still holds the driving reference
        self._avatar = None
        self._is_running = False
        self.set_pass_through(False)
        self._pipeline.stop(timeout_s)
        self._study.stop(timeout_s)
        for recording in (self._recording, self._file_output):
            if recording is not None:
                recording.finish()
                recording.join(timeout_s)
        self._recording = None
        self._tell_state(time.monotonic())
        self._has_ended.set()
        self._listener.stopped(self._pipeline.error)

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until the session has ended by itself (end of a file) or was stopped.

        Returns:
            False when `timeout_s` passed first.

        Raises:
            Exception: What made it impossible to go on: a broken video file, a full disk under
                the output file, or a defect that ended a worker thread.
        """
        has_ended = self._has_ended.wait(timeout_s)
        error = self._pipeline.error or self._study.error or self._fatal()
        if error is not None:
            raise error
        return has_ended

    def set_camera(self, camera: CameraSettings) -> None:
        """Change to another camera, file, folder, URL or the screen."""
        self._settings = replace(self._settings, camera=camera)
        if self._is_running:
            self._pipeline.open_camera(camera)

    def set_engine(self, engine: EngineSettings) -> None:
        """Load another model, or the same on another device; the still avatar is shown meanwhile.

        Listen to `engine_ready` and to notices about `Topic.MODEL`.
        """
        self._settings = replace(self._settings, engine=engine)
        if self._is_running:
            self._performer.post(
                lambda: self._performer.load(lambda: self._parts.load_engine(engine))
            )
            self._performer.post(self._tell_input_size)

    def reload_tracker(self) -> None:
        """Take the tracker's file that has come; nothing that others see is interrupted."""
        avatar = self._avatar
        self._driver.post(self._driver.reload_finder)
        if avatar is not None:
            self._driver.post(lambda: self._look_at_avatar(avatar.image))

    def set_avatar(self, avatar: Avatar) -> None:
        """Change the avatar: its still picture is shown until its first animated one is ready.

        The avatar's profile (crop, gain, mirror, driving reference) is loaded. Pass-through ends.
        """
        self._cover_camera()
        self._keep_profile()
        self._avatar = avatar
        profile = self._parts.profiles.load(avatar_key(avatar.image)) or self._profile
        self._profile = profile
        self._kept_reference = profile.reference
        reference = None if is_file(self._settings.camera) else profile.reference
        self.set_motion(replace(self._settings.motion, gain=profile.gain))
        self.set_view(replace(self._settings.view, mirror=profile.mirror))
        self._driver.post(lambda: self._driver.set_framing(profile.framing))
        self._driver.post(lambda: self._look_at_avatar(avatar.image))
        generation = self._scene.show_avatar(avatar.image)
        self._performer.post(
            lambda: self._performer.set_avatar(avatar.image, generation, reference)
        )

    def set_output(self, output: OutputSettings) -> None:
        """Close the output and open another one (the only moment its size may change).

        Raises:
            OutputError: The output is a file that cannot be written.
        """
        self._settings = replace(self._settings, output=output)
        if not self._is_running:
            return
        previous, self._file_output = self._file_output, None
        if previous is not None:
            previous.finish()
        if output.target not in (VIRTUAL, "none"):
            self._file_output = Recording(
                output.target, output.fps, self._parts.open_recording, self._listener
            )
        self._pipeline.open_output(output, Composer(self._settings.view, output))

    def set_motion(self, motion: MotionControls) -> None:
        """Change gain, smoothing, relative or absolute motion; the gain is kept per avatar."""
        self._settings = replace(self._settings, motion=motion)
        self._profile = replace(self._profile, gain=motion.gain)
        self._performer.post(lambda: self._performer.set_motion(motion))

    def set_view(self, view: ViewSettings) -> None:
        """Change fit mode, output mirror and badge; the mirror is kept per avatar."""
        self._settings = replace(self._settings, view=view)
        self._profile = replace(self._profile, mirror=view.mirror)
        self._pipeline.set_composer(Composer(view, self._settings.output))

    def set_hold(self, holds: bool) -> None:
        """Ease to the still avatar and stay there (True; pass-through ends), or move again."""
        if holds:
            self._cover_camera()
        self._performer.is_holding = holds
        self._renew(self._scene.renew)

    def set_test_pattern(self, is_on: bool) -> None:
        """Send a moving test pattern, which covers the real camera too, or the avatar again."""
        if is_on:
            self._cover_camera()
        self._renew(lambda: self._scene.show_pattern(is_on))

    def set_pass_through(self, shows_camera: bool) -> None:
        """Show the real camera to others (True) or never again (False).

        Call it with True only after the user confirmed. It ends at `stop` and is never remembered.
        """
        if self._permission is not None:
            self._permission.revoke()
        permission = PassThroughPermission() if shows_camera else None
        self._permission = permission
        self._renew(self._scene.renew)
        self._driver.post(lambda: self._driver.permit(permission))

    def set_xray(self, is_on: bool) -> None:
        """Deliver `motion_seen` some times each second; costs speed."""
        self._performer.post(lambda: self._performer.set_xray(is_on))

    def calibrate(self) -> None:
        """Take the next frame with a face as driving reference (key X)."""
        self._driver.post(self._driver.search.take_next)

    def undo_calibration(self) -> None:
        """Go back to the driving reference before the last one taken."""
        self._driver.post(self._driver.search.undo)
        self._performer.post(self._performer.undo_calibration)

    def set_auto_calibration(self, is_on: bool) -> None:
        """Look for the frame that matches the avatar best and take it (key F)."""
        self._settings = replace(self._settings, auto_calibration=is_on)
        search = self._driver.search
        self._driver.post(search.begin if is_on else search.cancel)

    def decline_calibration(self) -> None:
        """Answer no to the offer to calibrate again (`CalibrationStatus.has_drifted`)."""
        now_s = time.monotonic()
        self._driver.post(lambda: self._driver.search.decline(now_s))

    def zoom(self, factor: float) -> None:
        """Multiply the zoom on the driver: 1.05 comes closer, 1/1.05 goes back (keys W, S)."""
        self._set_framing(self._profile.framing.zoomed(factor))

    def pan(self, right: float, down: float) -> None:
        """Move the crop by parts of its side (arrow keys)."""
        self._set_framing(self._profile.framing.moved(right, down))

    def reset_framing(self) -> None:
        """Forget zoom and pan: only the automatic crop remains."""
        self._set_framing(Framing())

    def start_recording(self, path: Path) -> None:
        """Record what the output gets, as mp4 (or PNGs into a folder).

        Raises:
            OutputError: The file cannot be created. Later trouble comes to the listener.
        """
        self.stop_recording()
        fps = self._settings.output.fps
        self._recording = Recording(str(path), fps, self._parts.open_recording, self._listener)

    def stop_recording(self) -> None:
        """Finish the recording; `recording_finished` follows. Nothing happens without one."""
        recording, self._recording = self._recording, None
        if recording is not None:
            recording.finish()

    def snapshot(self) -> Image | None:
        """The picture the outputs got last, RGB at the output's size; None before the first."""
        shown = self._pipeline.shown
        return None if shown is None else shown.copy()

    def report(self) -> StreamReport:
        """Frame rates, latency, drops and stage times until now."""
        return self._pipeline.report()

    def _cover_camera(self) -> None:
        """Whoever asks for something else to be shown no longer wants the real camera shown."""
        if self.is_passing_through:
            self.set_pass_through(False)

    def _renew(self, change: Callable[[], int]) -> None:
        """Change the scene and let the animated pictures that follow belong to it."""
        generation = change()
        self._performer.post(lambda: self._performer.set_generation(generation))

    def _set_framing(self, framing: Framing) -> None:
        self._profile = replace(self._profile, framing=framing)
        self._driver.post(lambda: self._driver.set_framing(framing))

    def _tell_input_size(self) -> None:
        size = self._performer.input_size
        self._driver.post(lambda: setattr(self._driver, "input_size", size))

    def _look_at_avatar(self, portrait: Image) -> None:
        """Compare the driver with this portrait from now on; in the tracking thread."""
        self._driver.search.set_avatar(None)  # a neutral face, until the portrait is studied
        self._study.study(portrait)
        if self._settings.auto_calibration:
            self._driver.search.begin()

    def _tell_calibration(self, status: CalibrationStatus) -> None:
        self._listener.calibration_changed(
            replace(
                status,
                is_calibrated=self._performer.is_calibrated,
                can_undo=self._performer.can_undo,
            )
        )

    def _keep_profile(self) -> None:
        """Write the avatar's profile; the person in a clip does not calibrate it for the user."""
        if self._avatar is None:
            return
        profile = self.profile
        if is_file(self._settings.camera):
            profile = replace(profile, reference=self._kept_reference)
        self._parts.profiles.save(avatar_key(self._avatar.image), profile)

    def _see(self, image: Image, origin: Origin, time_s: float, latency_s: float | None) -> None:
        """Look at every picture that is written; runs on the output thread."""
        recording, file_output = self._recording, self._file_output
        if recording is not None:
            recording.offer(image, time_s)
        if file_output is not None and origin is not Origin.CARD and self._performer.is_settled:
            file_output.offer(image, time_s)
        if image is not self._last_told:
            self._last_told = image
            self._listener.output_shown(OutputView(image, origin, latency_s))
        self._tell_state(time_s)
        self._watch_speed(time_s)
        if self._fatal() is not None or self._is_over():
            self._has_ended.set()

    def _watch_speed(self, now_s: float) -> None:
        """Once a second, look whether the avatar moves fast enough."""
        if self._told_state is not LiveState.LIVE:
            self._speed.forget()
        elif now_s - self._speed_looked_s >= 1.0:
            self._speed_looked_s = now_s
            text = self._speed.update(self.report(), now_s)
            if text is not None:
                self._listener.noticed(Notice(Topic.SPEED, text))

    def _is_over(self) -> bool:
        """Whether a file has been played to its end, and its last frame shown."""
        return self._pipeline.camera.is_over and self._pipeline.is_drained

    def _fatal(self) -> Exception | None:
        """What makes it impossible to go on."""
        if self._file_output is not None and self._file_output.error is not None:
            return self._file_output.error
        camera = self._pipeline.camera
        return camera.error if camera.is_over else None

    def _tell_state(self, now_s: float) -> None:
        state = self._state(now_s)
        if state is not self._told_state:
            self._told_state = state
            self._listener.state_changed(state)

    def _state(self, now_s: float) -> LiveState:
        if not self._is_running:
            return LiveState.STOPPED
        state = self._situation.state(now_s)
        return LiveState.PASS_THROUGH if self.is_passing_through else state

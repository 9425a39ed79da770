"""The live session: camera in, animated avatar out, with everything a user can press meanwhile.

A window, the command line and the tests drive this one class. It knows nothing of Qt. All methods
may be called from any thread and return at once; what comes of them arrives at the listener.
"""

import time
from dataclasses import replace
from pathlib import Path
from threading import Event

from avatarify.errors import AvatarifyError
from avatarify.frames import Image
from avatarify.session.avatars.avatar import Avatar
from avatarify.session.avatars.backgrounds import OWN, read_background
from avatarify.session.avatars.profiles import AvatarProfile, DrivingReference
from avatarify.session.keeping.settings import (
    CameraSettings,
    EngineSettings,
    MotionControls,
    OutputSettings,
    Settings,
    TrackerWish,
    ViewSettings,
    WhenUnwatched,
)
from avatarify.session.live.announcer import Announcer
from avatarify.session.live.composer import Composer
from avatarify.session.live.kept_profile import KeptProfile
from avatarify.session.live.listener import LiveListener, LiveState, Notice, Severity, Topic
from avatarify.session.live.parts import (
    LiveParts,
    is_file,
    is_motion,
    opens_the_same,
    standard_parts,
)
from avatarify.session.live.pipeline import VIRTUAL
from avatarify.session.live.recordings import Recordings
from avatarify.session.live.repose import Repose
from avatarify.session.live.scene import Scene
from avatarify.session.live.stages import Stages
from avatarify.streaming.output_picture import Origin, PassThroughPermission
from avatarify.streaming.statistics import StreamReport
from avatarify.tracking.follow import Framing

NO_PICTURES = "Saved motion holds points and no pictures of a driver"


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
            settings: What to open. Gains and output mirror belong to the avatar: `set_avatar`
                replaces them. Later changes go through the `set_…` methods.
            listener: Gets the callbacks, on worker threads.
            parts: What opens the devices and the model; the product's own by default.
        """
        self._settings = settings
        self._listener = listener or LiveListener()
        self._parts = parts or standard_parts(lambda: self._settings.tracker)
        self._scene = Scene("starting")
        self._kept = KeptProfile(self._parts.profiles)
        self._permission: PassThroughPermission | None = None
        self._is_running = False
        self._is_whole = False
        self._has_ended = Event()
        self._recordings = Recordings(self._parts.open_recording, self._listener)
        self._stages = Stages(
            self._parts,
            self._listener,
            scene=self._scene,
            tap=self._see,
            reference_changed=self._keep_profile,
        )
        self._performer = self._stages.performer
        self._driver = self._stages.driver
        self._pipeline = self._stages.pipeline
        self._driver.calibrates_itself = settings.auto_calibration
        self._announcer = Announcer(self._listener, self.report)
        self._repose = Repose(settings.unwatched)
        self._performer.post(lambda: self._performer.set_motion(self._settings.motion))

    @property
    def settings(self) -> Settings:
        """The settings as they are now, for keeping."""
        return self._settings

    @property
    def profile(self) -> AvatarProfile:
        """What is settled for the present avatar."""
        return replace(self._kept.value, reference=self._performer.reference)

    @property
    def state(self) -> LiveState:
        """What the session does at this moment."""
        return self._state(time.monotonic())

    @property
    def is_recording(self) -> bool:
        """Whether a recording is being written."""
        return self._recordings.users is not None

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
        self._announcer.tell_state(self.state)  # a quick start would never be told
        self.set_output(self._settings.output)
        self.set_engine(self._settings.engine)
        self._stages.start(self._settings.camera)

    def stop(self, timeout_s: float = 5.0) -> None:
        """Ease the output to the still avatar, stop all threads and release all devices.

        A second call does nothing. A device that does not let go within `timeout_s` is left behind.
        """
        if not self._is_running:
            return
        self._keep_profile()  # while the model still holds the driving reference
        self._kept.avatar = None
        self._is_running = False
        self.set_pass_through(False)
        self._stages.stop(timeout_s)
        self._recordings.close(timeout_s)
        self._announcer.tell_state(self.state)
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
        error = self._stages.error or self._fatal()
        if error is not None:
            raise error
        return has_ended

    def set_camera(self, camera: CameraSettings) -> None:
        """Change to another camera, file, folder, URL or the screen, or turn its picture."""
        before, self._settings = self._settings.camera, replace(self._settings, camera=camera)
        if not self._is_running:
            return
        if opens_the_same(camera, before):
            self._pipeline.lay_camera(camera)
            if camera.rotation != before.rotation and self._settings.auto_calibration:
                self._driver.post(self._driver.search.begin)
        else:
            self._restage_avatar()
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
            self._restage_avatar()
            self._stages.tell_wishes()

    def set_tracker(self, tracker: TrackerWish) -> None:
        """Follow the driver with another face tracker; nothing that others see is interrupted.

        Listen to `tracker_ready` and to notices about `Topic.TRACKER`.
        """
        self._settings = replace(self._settings, tracker=tracker)
        self.reload_tracker()

    def reload_tracker(self) -> None:
        """Take the tracker's file that has come; nothing that others see is interrupted."""
        self._driver.post(self._driver.reload_finder)
        if self._kept.avatar is not None:
            self._compare_with(self._kept.avatar)
            self._restage_avatar()

    def set_avatar(self, avatar: Avatar) -> None:
        """Change the avatar: its still picture is shown until its first animated one is ready.

        The avatar's profile (crop, gains, mirror, driving reference) is loaded. Pass-through ends.
        """
        self._cover_camera()
        self._keep_profile()
        profile = self._kept.take_up(avatar)
        reference = None if is_file(self._settings.camera) else profile.reference
        self.set_motion(replace(self._settings.motion, gain=profile.gain, gains=profile.gains))
        self.set_view(replace(self._settings.view, mirror=profile.mirror))
        self._driver.post(lambda: self._driver.set_framing(profile.framing))
        self._compare_with(avatar)
        self._stage_avatar(reference)

    def set_output(self, output: OutputSettings) -> None:
        """Close the output and open another one (the only moment its size may change).

        Raises:
            OutputError: The output is a file that cannot be written.
        """
        self._settings = replace(self._settings, output=output)
        if not self._is_running:
            return
        path = None if output.target in (VIRTUAL, "none") else output.target
        self._recordings.set_output(path, output.fps)
        self._pipeline.open_output(output, self._composer(output))

    def set_motion(self, motion: MotionControls) -> None:
        """Change gains, smoothing, relative or absolute motion; the gains are kept per avatar."""
        self._settings = replace(self._settings, motion=motion)
        self._kept.change(gain=motion.gain, gains=motion.gains)
        self._performer.post(lambda: self._performer.set_motion(motion))

    def set_view(self, view: ViewSettings) -> None:
        """Change fit mode, output mirror and badge; the mirror is kept per avatar."""
        has_other_background = view.background != self._settings.view.background
        self._settings = replace(self._settings, view=view)
        self._kept.change(mirror=view.mirror)
        if has_other_background:
            self._stage_avatar(self._performer.reference)
        self._pipeline.set_composer(self._composer(self._settings.output))

    def set_unwatched(self, wish: WhenUnwatched) -> None:
        """Choose what is done while nobody watches."""
        self._settings = replace(self._settings, unwatched=wish)
        self._repose.wish = wish

    def set_previewed(self, is_visible: bool) -> None:
        """Tell that the user sees a preview: then there is somebody who watches."""
        self._repose.is_previewed = is_visible

    def set_hold(self, holds: bool) -> None:
        """Ease to the still avatar and stay there (True; pass-through ends), or move again."""
        if holds:
            self._cover_camera()
        self._performer.is_holding = holds
        self._stages.show_generation(self._scene.renew())

    def set_test_pattern(self, is_on: bool) -> None:
        """Send a moving test pattern, which covers the real camera too, or the avatar again."""
        if is_on:
            self._cover_camera()
        self._stages.show_generation(self._scene.show_pattern(is_on))

    def set_pass_through(self, shows_camera: bool) -> None:
        """Show the real camera to others (True) or never again (False).

        Call it with True only after the user confirmed. It ends at `stop` and is never remembered.
        """
        if self._permission is not None:
            self._permission.revoke()
        permission = PassThroughPermission() if shows_camera else None
        self._permission = permission
        self._stages.show_generation(self._scene.renew())
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

    def follow_face(self, x: float, y: float) -> None:
        """Follow the face at a point of the camera picture (pixels), and calibrate with it."""
        self._driver.post(lambda: self._driver.follow_at(x, y))

    def set_auto_calibration(self, is_on: bool) -> None:
        """Look for the frame that matches the avatar best and take it (key F)."""
        self._settings = replace(self._settings, auto_calibration=is_on)
        search = self._driver.search
        self._driver.post(lambda: setattr(self._driver, "calibrates_itself", is_on))
        self._driver.post(search.begin if is_on else search.cancel)

    def decline_calibration(self) -> None:
        """Answer no to the offer to calibrate again (`CalibrationStatus.has_drifted`)."""
        now_s = time.monotonic()
        self._driver.post(lambda: self._driver.search.decline(now_s))

    def zoom(self, factor: float) -> None:
        """Multiply the zoom on the driver: 1.05 comes closer, 1/1.05 goes back (keys W, S)."""
        self._set_framing(self._kept.value.framing.zoomed(factor))

    def pan(self, right: float, down: float) -> None:
        """Move the crop by parts of its side (arrow keys)."""
        self._set_framing(self._kept.value.framing.moved(right, down))

    def reset_framing(self) -> None:
        """Forget zoom and pan: only the automatic crop remains."""
        self._set_framing(Framing())

    def start_recording(self, path: Path) -> None:
        """Record what the output gets, as mp4 (or PNGs into a folder).

        Raises:
            OutputError: The file cannot be created. Later trouble comes to the listener.
        """
        self._recordings.start(path, self._settings.output.fps)

    def stop_recording(self) -> None:
        """Finish the recording; `recording_finished` follows. Nothing happens without one."""
        self._recordings.stop()

    def snapshot(self) -> Image | None:
        """The picture the outputs got last, RGB at the output's size; None before the first."""
        shown = self._pipeline.shown
        return None if shown is None else shown.copy()

    def report(self) -> StreamReport:
        """Frame rates, latency, drops and stage times until now."""
        return self._pipeline.report()

    def _stage_avatar(self, reference: DrivingReference | None) -> None:
        """Show the avatar as the engine will move it: whole, or the square around its face."""
        avatar = self._kept.avatar
        if avatar is None:
            return
        self._is_whole = self._shows_whole
        self._tell_avatar(self._motion_lacks)
        shown = self._before_background(avatar) if self._is_whole else avatar.as_square()
        generation = self._scene.show_avatar(shown.image)
        self._performer.post(lambda: self._performer.set_avatar(shown, generation, reference))
        self._stages.tell_wishes()
        self._pipeline.set_composer(self._composer(self._settings.output))

    def _composer(self, output: OutputSettings) -> Composer:
        """Frame pictures; an avatar that keeps its room keeps its sides, too."""
        avatar, view = self._kept.avatar, self._settings.view
        if avatar is not None and self._is_whole and avatar.has_face:
            return Composer(view, output)
        return Composer(replace(view, background=OWN), output)

    def _before_background(self, avatar: Avatar) -> Avatar:
        try:
            shown = avatar.before(read_background(self._settings.view.background))
        except AvatarifyError as error:  # its picture was moved or deleted
            self._tell_avatar(f"{error} The avatar keeps its room.")
            return avatar
        return shown

    def _tell_avatar(self, text: str) -> None:
        severity = Severity.WARNING if text else Severity.INFORMATION
        self._listener.noticed(Notice(Topic.AVATAR, text, severity))

    def _restage_avatar(self) -> None:
        """Show the avatar in its other form, if camera, engine or tracker ask for that now."""
        if self._is_whole is not self._shows_whole:
            self._stage_avatar(self._performer.reference)
        else:
            self._tell_avatar(self._motion_lacks)

    @property
    def _shows_whole(self) -> bool:
        """Whether the face engine can follow the driver: then avatars keep their room."""
        is_tracked = self._parts.has_tracker() or is_motion(self._settings.camera)
        return self._settings.engine.is_face and is_tracked

    @property
    def _motion_lacks(self) -> str:
        """Why saved motion, if that is the camera, cannot move the avatar; empty where it can."""
        avatar, engine = self._kept.avatar, self._settings.engine
        if avatar is None or not is_motion(self._settings.camera):
            return ""
        if not engine.is_face:
            return f"{NO_PICTURES}, which the model {engine.model} needs. Choose the model face."
        if not avatar.has_face:
            return f"{NO_PICTURES}, and no face is known in {avatar.name}. Choose another avatar."
        return ""

    def _cover_camera(self) -> None:
        """Whoever asks for something else to be shown no longer wants the real camera shown."""
        if self.is_passing_through:
            self.set_pass_through(False)

    def _set_framing(self, framing: Framing) -> None:
        self._kept.change(framing=framing)
        self._driver.post(lambda: self._driver.set_framing(framing))

    def _compare_with(self, avatar: Avatar) -> None:
        self._stages.compare_with(avatar.image, searches=self._settings.auto_calibration)

    def _keep_profile(self) -> None:
        self._kept.keep(self._performer.reference, is_users=not is_file(self._settings.camera))

    def _see(self, image: Image, origin: Origin, time_s: float, latency_s: float | None) -> None:
        """Look at every picture that is written; runs on the output thread."""
        is_output = origin is not Origin.CARD and self._performer.is_settled
        self._recordings.offer(image, time_s, is_output=is_output)
        self._rest_if_unwatched(time_s)
        self._announcer.tell_picture(image, origin, latency_s)
        self._announcer.tell_state(self._state(time_s))
        self._announcer.watch_speed(time_s)
        if self._fatal() is not None or self._stages.is_over:
            self._has_ended.set()

    def _rest_if_unwatched(self, now_s: float) -> None:
        target = self._settings.output.target
        audience = self._repose.update(
            now_s,
            goes_out=target == VIRTUAL,
            is_read=self._pipeline.is_watched,
            is_kept=self.is_recording or target not in (VIRTUAL, "none"),
            is_ready=self._performer.is_calibrated,
            is_starting=self._stages.is_starting,
        )
        releases = self._repose.wish is WhenUnwatched.RELEASE
        self._stages.rest(audience.is_resting, releases_camera=releases)
        self._announcer.tell_audience(audience)

    def _fatal(self) -> Exception | None:
        """What makes it impossible to go on."""
        return self._recordings.output_error or self._stages.camera_error

    def _state(self, now_s: float) -> LiveState:
        if not self._is_running:
            return LiveState.STOPPED
        state = self._stages.state(now_s)
        return LiveState.PASS_THROUGH if self.is_passing_through else state

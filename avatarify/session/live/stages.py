"""The stages of a session, wired to one another: driver, performer, threads, study of portraits."""

from collections.abc import Callable
from dataclasses import replace

from avatarify.frames import Image
from avatarify.session.avatars.portrait_study import PortraitStudy
from avatarify.session.keeping.settings import CameraSettings
from avatarify.session.live.driver import Driver
from avatarify.session.live.listener import CalibrationStatus, LiveListener, LiveState
from avatarify.session.live.parts import LiveParts
from avatarify.session.live.performer import Performer
from avatarify.session.live.pipeline import Pipeline
from avatarify.session.live.scene import Scene
from avatarify.session.live.situation import Situation
from avatarify.streaming.output import OutputTap


class Stages:
    """What runs while a session runs. Whoever presses buttons posts to the stages."""

    def __init__(
        self,
        parts: LiveParts,
        listener: LiveListener,
        *,
        scene: Scene,
        tap: OutputTap,
        reference_changed: Callable[[], None],
    ) -> None:
        """Wire the stages; no thread runs before `start`.

        Args:
            parts: What opens the devices and the model.
            listener: Gets the callbacks of all stages.
            scene: What others see when nothing moves.
            tap: Sees every picture that is written.
            reference_changed: Called in the animating thread after a calibration.
        """
        self._listener = listener
        self.performer = Performer(listener, reference_changed)
        self.driver = Driver(
            parts.open_finder,
            listener,
            show_camera=lambda picture: self.pipeline.show_camera(picture),  # noqa: PLW0108 - later
            generation=lambda: scene.generation,
            is_calibrated=lambda: self.performer.is_calibrated,
            tell_calibration=self._tell_calibration,
            explain_absence=parts.explain_absence,
        )
        self.pipeline = Pipeline(
            parts,
            driver=self.driver,
            performer=self.performer,
            scene=scene,
            listener=listener,
            tap=tap,
        )
        self._situation = Situation(self.driver, self.performer, lambda: self.pipeline.camera)
        self._study = PortraitStudy(
            parts.find_portrait_face,
            lambda face: self.driver.post(lambda: self.driver.search.set_avatar(face)),
        )

    @property
    def error(self) -> BaseException | None:
        """A defect that ended a thread, or None."""
        return self.pipeline.error or self._study.error

    @property
    def camera_error(self) -> Exception | None:
        """What makes it impossible to go on with this camera: a broken file."""
        camera = self.pipeline.camera
        return camera.error if camera.is_over else None

    @property
    def is_over(self) -> bool:
        """Whether a file has been played to its end, and its last frame shown."""
        return self.pipeline.camera.is_over and self.pipeline.is_drained

    def state(self, now_s: float) -> LiveState:
        """What the stages are doing, see `Situation.state`."""
        return self._situation.state(now_s)

    @property
    def is_starting(self) -> bool:
        """Whether nothing was seen and loaded yet, see `Situation`."""
        return self._situation.is_starting

    def rest(self, is_resting: bool, *, releases_camera: bool) -> None:
        """Track and animate nothing (True) while nobody watches, or go on.

        Args:
            is_resting: Whether nobody watches.
            releases_camera: Let the webcam go meanwhile.
        """
        self._situation.is_resting = is_resting
        self.pipeline.rest(is_resting, releases_camera=releases_camera)

    def start(self, camera: CameraSettings) -> None:
        """Start all threads and open the camera in the background."""
        self.pipeline.start()
        self._study.start()
        self.pipeline.open_camera(camera)

    def stop(self, timeout_s: float) -> None:
        """End all threads; what does not end within `timeout_s` is left behind."""
        self.pipeline.stop(timeout_s)
        self._study.stop(timeout_s)

    def show_generation(self, generation: int) -> None:
        """Let the animated pictures that follow belong to this generation of the scene."""
        self.performer.post(lambda: self.performer.set_generation(generation))

    def tell_wishes(self) -> None:
        """Let the driver deliver what the loaded model wants, for the present avatar."""
        self.performer.post(self._tell_wishes)

    def compare_with(self, portrait: Image, *, searches: bool) -> None:
        """Compare the driver with this portrait from now on.

        Args:
            portrait: RGB (H, W, 3).
            searches: Look for the best frame to calibrate with.
        """
        self.driver.post(lambda: self._compare_with(portrait, searches=searches))

    def _compare_with(self, portrait: Image, *, searches: bool) -> None:
        self.driver.search.set_avatar(None)  # a neutral face, until the portrait is studied
        self._study.study(portrait)
        if searches:
            self.driver.search.begin()

    def _tell_wishes(self) -> None:
        size, wants_landmarks = self.performer.input_size, self.performer.wants_landmarks
        self.driver.post(lambda: setattr(self.driver, "input_size", size))
        self.driver.post(lambda: setattr(self.driver, "wants_landmarks", wants_landmarks))

    def _tell_calibration(self, status: CalibrationStatus) -> None:
        self._listener.calibration_changed(
            replace(
                status,
                is_calibrated=self.performer.is_calibrated,
                can_undo=self.performer.can_undo,
            )
        )

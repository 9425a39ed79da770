"""The threads of a session and the hand-overs between them: capture, track, animate, output."""

import logging
from collections.abc import Callable
from threading import Event

from avatarify.errors import VirtualCameraError
from avatarify.frames import Frame, Image
from avatarify.session.keeping.settings import CameraSettings, OutputSettings
from avatarify.session.live.camera_watch import CameraWatch
from avatarify.session.live.composer import Composer
from avatarify.session.live.driver import Driver
from avatarify.session.live.listener import LiveListener, Notice, Severity, Topic
from avatarify.session.live.parts import LiveParts, is_file, stays_broken
from avatarify.session.live.performer import Performer
from avatarify.session.live.scene import Scene
from avatarify.session.live.sighting import Sighting
from avatarify.streaming.capture import Capture
from avatarify.streaming.hand_over import LatestFrame
from avatarify.streaming.outlet import Outlet
from avatarify.streaming.output import Output, OutputTap
from avatarify.streaming.output_picture import OutputPicture
from avatarify.streaming.stage import Stage
from avatarify.streaming.statistics import StreamReport, StreamStatistics
from avatarify.streaming.timely_frame import TimelyFrame
from avatarify.streaming.worker import Worker
from avatarify.tracking.face_choice import FaceChoice

logger = logging.getLogger(__name__)

VIRTUAL = "virtual"
"""The output target that is the virtual camera; `none` and files need no outlet."""

STAGES = ("track", "look back", "animate", "compose")
"""Looking back is tracking a frame that was handed on already: it is no part of the latency."""


class Pipeline:
    """Owns the workers of a session. Driver and performer live in its threads."""

    def __init__(
        self,
        parts: LiveParts,
        *,
        driver: Driver,
        performer: Performer,
        scene: Scene,
        listener: LiveListener,
        tap: OutputTap,
    ) -> None:
        """Connect everything; no thread runs before `start`.

        Args:
            parts: Open the devices.
            driver: Work of the tracking stage.
            performer: Work of the animating stage.
            scene: What the output eases to.
            listener: Told of camera and output.
            tap: Sees every picture that is written.
        """
        self._parts = parts
        self._driver = driver
        self._performer = performer
        self._scene = scene
        self._listener = listener
        self._tap = tap
        self._statistics = StreamStatistics(STAGES)
        self._final: StreamReport | None = None
        self._captured: LatestFrame[Frame] = LatestFrame()
        self._sightings: LatestFrame[Sighting] = TimelyFrame()
        self._pictures: LatestFrame[OutputPicture] = LatestFrame()
        self._tracking = Stage(self._captured, self._track, self._sightings, self._look_back)
        self._animating = Stage(self._sightings, self._animate, self._pictures, performer.between)
        self._capturer: Worker | None = None
        self._outputter: Worker | None = None
        self._output: Output | None = None
        self._is_resting = self._releases_camera = False
        self._workers = (
            Worker("avatarify-track", self._tracking, self._end_tracking),
            Worker("avatarify-animate", self._animating, self._end_animating),
        )
        self.camera = CameraWatch(listener)

    @property
    def error(self) -> BaseException | None:
        """A defect that ended a worker, or None."""
        workers = (*self._workers, self._capturer, self._outputter)
        errors = (worker.error for worker in workers if worker is not None)
        return next((error for error in errors if error is not None), None)

    @property
    def is_drained(self) -> bool:
        """No frame is under way any more."""
        return self._tracking.is_idle and self._animating.is_idle and self._pictures.is_empty

    @property
    def shown(self) -> Image | None:
        """The picture written last."""
        return None if self._output is None else self._output.shown

    @property
    def is_watched(self) -> bool | None:
        """Whether a program reads the virtual camera; None without one, or if not known."""
        return None if self._output is None else self._output.is_watched

    def report(self) -> StreamReport:
        """Frame rates, latency, drops and stage times until now, or until `stop` began."""
        if self._final is not None:
            return self._final
        slots = (self._captured, self._sightings, self._pictures)
        return self._statistics.report(sum(slot.dropped for slot in slots))

    def show_camera(self, picture: OutputPicture) -> None:
        """Hand a permitted picture of the real camera to the output; see `Driver`."""
        self._pictures.put(picture)

    def rest(self, is_resting: bool, *, releases_camera: bool) -> None:
        """Hand no frame to the tracker (True), or go on; see `Stages.rest`."""
        self._is_resting = is_resting
        self._releases_camera = is_resting and releases_camera
        if self._output is not None:
            self._output.is_resting = is_resting

    def start(self) -> None:
        """Start tracking and animating."""
        for worker in self._workers:
            worker.start()

    def open_camera(self, camera: CameraSettings) -> None:
        """Capture from this camera, and no longer from the one before."""
        if self._capturer is not None:
            self._capturer.stop()
        self.camera = CameraWatch(self._listener)
        loop = Capture(
            self._parts.camera_opener(camera, self.camera.remark),
            self._captured,
            self.camera,
            self._statistics,
            is_final=lambda error: stays_broken(camera),
            is_wanted=lambda: not self._releases_camera or is_file(camera),
            is_looked_at=lambda: not self._is_resting,
        )
        previous = self._capturer
        waits = is_file(camera)

        def capture(stopping: Event) -> None:
            if previous is not None:
                previous.join(2.0)
            while waits and not (self._performer.is_settled and self._driver.is_settled):
                if stopping.wait(0.02):  # a file would play its beginning to nobody
                    return
            self.lay_camera(camera)
            self._driver.post(lambda: self._driver.choose_face(FaceChoice.parse(camera.face)))
            loop(stopping)

        self._capturer = Worker("avatarify-capture", capture)
        self._capturer.start()

    def lay_camera(self, camera: CameraSettings) -> None:
        """Turn and mirror the frames from now on as these settings say."""
        self._driver.post(lambda: self._driver.lay(camera.rotation, is_mirrored=camera.mirror))

    def open_output(self, settings: OutputSettings, compose: Composer) -> None:
        """Write to this output, and no longer to the one before."""
        previous, outlet = self._outputter, None
        if settings.target == VIRTUAL:
            outlet = Outlet(lambda: self._parts.open_virtual_camera(settings), self._report_output)
        output = Output(
            self._pictures,
            lambda: self._scene.rest,
            self._timed(compose),
            settings.fps,
            self._statistics,
            outlet=outlet,
            tap=self._tap,
        )

        def write(stopping: Event) -> None:
            if previous is not None:  # the device must be free before it can be opened again
                previous.stop()
                previous.join(2.0)
            output(stopping)

        self._output = output
        self._outputter = Worker("avatarify-output", write)
        self._outputter.start()

    def set_composer(self, compose: Composer) -> None:
        """Frame pictures differently from now on."""
        if self._output is not None:
            self._output.set_composer(self._timed(compose))

    def stop(self, timeout_s: float) -> None:
        """Ease the output to rest, end all threads, release all devices."""
        self._final = self.report()  # easing out is no part of how fast it was
        workers = (self._outputter, self._capturer, *self._workers)
        for worker in workers:
            if worker is not None:
                worker.stop()
        for worker in workers:
            if worker is not None:
                worker.join(timeout_s)

    def _track(self, frame: Frame) -> Sighting | None:
        if self._is_resting:
            return None
        with self._statistics.stage("track"):
            return self._driver.work(frame)

    def _look_back(self) -> None:
        self._driver.between()
        if self._driver.owes_a_look:
            with self._statistics.stage("look back"):
                self._driver.look_back()

    def _animate(self, sighting: Sighting) -> OutputPicture | None:
        with self._statistics.stage("animate"):
            return self._performer.work(sighting)

    def _timed(self, compose: Composer) -> Callable[[OutputPicture], Image]:
        def timed(picture: OutputPicture) -> Image:
            with self._statistics.stage("compose"):
                return compose(picture)

        return timed

    def _end_tracking(self, error: BaseException | None) -> None:
        self._driver.close()
        self._sightings.close(error)

    def _end_animating(self, error: BaseException | None) -> None:
        self._performer.close()
        self._pictures.close(error)

    def _report_output(self, error: Exception | None) -> None:
        if error is None:
            self._listener.noticed(Notice(Topic.OUTPUT, "", Severity.INFORMATION))
            return
        if not isinstance(error, VirtualCameraError):
            logger.warning("the virtual camera failed: %r", error)
        self._listener.noticed(Notice(Topic.OUTPUT, str(error), Severity.WARNING))

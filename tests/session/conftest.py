"""A live session on parts that are small but real: no device, no model file, nothing pretended.

The camera's frames are pure magenta, a colour that neither the grey avatar nor any card holds, so
one look at a written frame tells whether anything of the camera is in it.
"""

import itertools
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import numpy as np
import pytest

from avatarify.errors import CameraError, VirtualCameraError
from avatarify.frames import Frame, FrameSink, Image
from avatarify.session.avatars.avatar import Avatar
from avatarify.session.avatars.profiles import DrivingReference, ProfileStore
from avatarify.session.keeping.settings import (
    CameraSettings,
    EngineSettings,
    FitMode,
    MotionControls,
    OutputSettings,
    Settings,
    ViewSettings,
)
from avatarify.session.live.composer import Composer
from avatarify.session.live.listener import (
    Audience,
    CalibrationStatus,
    CameraView,
    EngineReport,
    LiveListener,
    LiveState,
    MotionView,
    Notice,
    OutputView,
)
from avatarify.session.live.live_session import LiveSession
from avatarify.session.live.parts import LiveParts
from avatarify.session.live.sighting import Driving
from avatarify.streaming.output_picture import Origin, OutputPicture
from avatarify.tracking.face import BLENDSHAPE_NAMES, Face
from avatarify.tracking.missing_face import Missing

MAGENTA = (255, 0, 255)
FACELESS = (254, 0, 255)
"""Magenta in which the finder sees no face."""

PATIENCE_S = 30.0
"""How long a test waits for something that happens within a second on an idle machine."""


class MagentaCamera:
    """Delivers magenta frames at 100 fps; the test breaks it."""

    name = "magenta camera"
    fps = 100.0

    def __init__(self) -> None:
        self.colour = MAGENTA
        self.error: Exception | None = None
        self.is_stalled = False
        self.is_over = False
        self.is_closed = False
        self.opened = 0
        self._frames = itertools.count()

    def open(self, settings: CameraSettings) -> "MagentaCamera":
        if self.error is not None:
            raise self.error
        self.opened += 1
        self.is_closed = False
        return self

    def read(self) -> Frame | None:
        time.sleep(0.01)
        while self.is_stalled:
            time.sleep(0.01)
        if self.error is not None:
            raise self.error
        if self.is_over:
            return None
        image = np.full((120, 160, 3), self.colour, np.uint8)
        return Frame(image, time.monotonic(), next(self._frames))

    def close(self) -> None:
        self.is_closed = True


class MemorySink:
    """Keeps every frame; can be made to refuse, and to know whether it is read."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.is_watched: bool | None = None
        self.refuses = False
        self.is_closed = False

    def write(self, frame: Frame) -> None:
        if self.refuses:
            raise VirtualCameraError("The virtual camera is gone. Start it again.")
        self.frames.append(frame)

    def close(self) -> None:
        self.is_closed = True


def square_of(driving: Driving) -> Image:
    """Return the driving square of a frame in which somebody looks at one."""
    assert driving.square is not None
    return driving.square


class ShiftEngine:
    """Moves the avatar sideways by how bright the driver is against the reference."""

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.returns_camera = False
        self.cost_s = 0.0
        self.animated = 0
        self.is_closed = False
        self.strengths: list[float] = []
        self.model = "shift"
        self._portrait: Image | None = None
        self._level: float | None = None
        self.motion = MotionControls()

    input_size = 32

    @property
    def report(self) -> EngineReport:
        return EngineReport(self.model, "cpu", "fp32")

    wants_landmarks = False

    def set_avatar(self, avatar: Avatar) -> None:
        self._portrait = avatar.image

    def set_motion(self, motion: MotionControls) -> None:
        self.motion = motion

    def calibrate(self, driving: Driving) -> None:
        self._level = float(square_of(driving).mean())

    @property
    def reference(self) -> DrivingReference | None:
        if self._level is None:
            return None
        return DrivingReference("shift", (("level", np.array([self._level], np.float32)),))

    def use_reference(self, reference: DrivingReference) -> None:
        self._level = float(reference.arrays[0][1][0])

    def animate(self, driving: Driving, time_s: float, strength: float) -> Image:
        time.sleep(self.cost_s)
        if self.error is not None:
            raise self.error
        if self.returns_camera:
            return square_of(driving)
        assert self._portrait is not None
        assert self._level is not None
        self.animated += 1
        self.strengths.append(strength)
        shift = round(
            (float(square_of(driving).mean()) - self._level) * strength * self.motion.gain
        )
        return np.roll(self._portrait, 1 + shift, axis=1)

    def xray(self, driving: Driving) -> MotionView | None:
        return MotionView((("Driving", square_of(driving).copy()),))

    def close(self) -> None:
        self.is_closed = True


class ColourFinder:
    """Finds a face in every frame that is not `FACELESS`."""

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.is_closed = False

    name = "made for tests"

    def find_all(self, image: Image, time_s: float = 0.0) -> tuple[Face, ...]:
        if self.error is not None:
            raise self.error
        return () if tuple(image[0, 0]) == FACELESS else (round_face(image),)

    def prefer(self, face: Face) -> None:
        pass

    def close(self) -> None:
        self.is_closed = True


def round_face(image: Image) -> Face:
    """A face whose landmarks lie on a circle in the middle of the picture."""
    height, width = image.shape[:2]
    angles = np.linspace(0, 2 * np.pi, 478, endpoint=False)
    landmarks = np.zeros((478, 3), np.float32)
    landmarks[:, 0] = width / 2 + height / 4 * np.cos(angles)
    landmarks[:, 1] = height / 2 + height / 4 * np.sin(angles)
    return Face(landmarks, np.zeros(len(BLENDSHAPE_NAMES), np.float32))


class Diary(LiveListener):
    """Writes down everything it hears."""

    def __init__(self) -> None:
        self.states: list[LiveState] = []
        self.audiences: list[Audience] = []
        self.notices: list[Notice] = []
        self.calibrations: list[CalibrationStatus] = []
        self.recordings: list[tuple[str, Exception | None]] = []
        self.engines: list[EngineReport] = []
        self.xrays: list[MotionView] = []
        self.stops: list[BaseException | None] = []
        self.camera_views = 0
        self.camera_sizes: list[tuple[int, ...]] = []
        self.cameras: list[str] = []
        self.output_views = 0

    def camera_seen(self, view: CameraView) -> None:
        self.camera_views += 1
        self.camera_sizes.append(view.image.shape[:2])

    def camera_opened(self, name: str) -> None:
        self.cameras.append(name)

    def output_shown(self, view: OutputView) -> None:
        self.output_views += 1

    def calibration_changed(self, status: CalibrationStatus) -> None:
        self.calibrations.append(status)

    def state_changed(self, state: LiveState) -> None:
        self.states.append(state)

    def audience_changed(self, audience: Audience) -> None:
        self.audiences.append(audience)

    def noticed(self, notice: Notice) -> None:
        self.notices.append(notice)

    def engine_ready(self, report: EngineReport) -> None:
        self.engines.append(report)

    def motion_seen(self, view: MotionView) -> None:
        self.xrays.append(view)

    def recording_finished(self, path: str, error: Exception | None) -> None:
        self.recordings.append((path, error))

    def stopped(self, error: BaseException | None) -> None:
        self.stops.append(error)


class Stage:
    """A session with its parts at hand."""

    def __init__(self, folder: Path, settings: Settings, portrait: Image) -> None:
        self.portrait = portrait
        self.camera = MagentaCamera()
        self.sink = MemorySink()
        self.recording = MemorySink()
        self.engine = ShiftEngine()
        self.finder = ColourFinder()
        self.load_engine: Callable[[EngineSettings], ShiftEngine] = lambda settings: self.engine
        self.open_finder: Callable[[], ColourFinder] = lambda: self.finder
        self.absence: Callable[[Image], Missing | None] = lambda image: None
        self.diary = Diary()
        self.session = LiveSession(settings, self.diary, self.parts(folder))

    def parts(self, folder: Path) -> LiveParts:
        return LiveParts(
            camera_opener=lambda settings, tell: lambda: self.camera.open(settings),
            open_virtual_camera=self._open_sink,
            open_recording=lambda path, fps: self.recording,
            load_engine=self._load_engine,
            open_finder=self._open_finder,
            has_tracker=lambda: True,
            find_portrait_face=round_face,
            profiles=ProfileStore(folder),
            explain_absence=lambda image: self.absence(image),  # noqa: PLW0108 - set later
        )

    def _load_engine(self, settings: EngineSettings) -> ShiftEngine:
        return self.load_engine(settings)

    def _open_finder(self) -> ColourFinder:
        return self.open_finder()

    def _open_sink(self, settings: OutputSettings) -> FrameSink:
        if self.sink.refuses:
            raise VirtualCameraError("The virtual camera is gone. Start it again.")
        return self.sink

    def until(self, condition: Callable[[], object], what: str = "") -> None:
        """Wait for something that has to happen."""
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < deadline, what or "it did not happen"
            Event().wait(0.005)

    def until_state(self, state: LiveState) -> None:
        self.until(lambda: self.session.state is state, f"{state} was not reached")

    def until_live(self) -> None:
        """Wait until the avatar moves on the virtual camera."""
        self.until_state(LiveState.LIVE)
        self.until_delivered(3)

    def until_delivered(self, count: int) -> None:
        """Wait for this many new animated pictures."""
        target = self.session.report().frames_delivered + count
        self.until(lambda: self.session.report().frames_delivered >= target, "nothing moves")

    def until_written(self, count: int) -> None:
        """Wait for this many more frames on the virtual camera."""
        target = len(self.sink.frames) + count
        self.until(lambda: len(self.sink.frames) >= target, "the output stands still")

    def is_at_rest(self) -> bool:
        """Whether the last frame is the still avatar, in the middle of black bars.

        The engine shifts all that it animates by a pixel at least.
        """
        settings = self.session.settings
        composer = Composer(settings.view, settings.output)
        still = OutputPicture(self.portrait, Origin.AVATAR, 0.0)
        return bool(np.array_equal(self.sink.frames[-1].image, composer(still)))

    def until_still(self) -> None:
        """Wait until the output rests on the still avatar."""
        self.until_written(2)
        self.until(self.is_at_rest, "the output does not come to rest")


def leaks(image: Image) -> bool:
    """Whether a picture holds anything of the magenta camera; 3 % of it would be found."""
    red, green, blue = (image[..., channel].astype(int) for channel in range(3))
    return bool((np.minimum(red, blue) - green > 8).any())


@pytest.fixture
def make_engine() -> type[ShiftEngine]:
    return ShiftEngine


@pytest.fixture
def find_face() -> Callable[[Image], Face]:
    """Makes the face that `ColourFinder` would find in a picture."""
    return round_face


@pytest.fixture
def has_leak() -> Callable[[Image], bool]:
    return leaks


@pytest.fixture
def portrait() -> Image:
    """A grey avatar with vertical stripes, so that motion can be seen."""
    stripes = (np.arange(64) % 16 < 8) * 60 + 80
    return np.repeat(np.repeat(stripes[None, :, None], 64, axis=0), 3, axis=2).astype(np.uint8)


@pytest.fixture
def settings() -> Settings:
    """Small and fast."""
    return Settings(
        auto_calibration=False,
        output=OutputSettings(width=128, height=96, fps=60),
        view=ViewSettings(fit=FitMode.FIT),
    )


@pytest.fixture
def stage(
    tmp_path: Path, settings: Settings, portrait: Image, no_more_fades: Callable[[], None]
) -> Iterator[Stage]:
    """A running session with an avatar; stopped and checked for leaks at the end."""
    stage = Stage(tmp_path / "profiles", settings, portrait)
    stage.session.set_avatar(Avatar("grey", portrait))
    stage.session.calibrate()
    stage.session.start()
    yield stage
    stage.camera.is_stalled = False
    no_more_fades()
    stage.session.stop()
    assert stage.session.state is LiveState.STOPPED


@pytest.fixture
def make_stage(tmp_path: Path, portrait: Image) -> Callable[[Settings], Stage]:
    """Makes a session that is not started."""
    return lambda settings: Stage(tmp_path / "profiles", settings, portrait)


@pytest.fixture
def unplugged() -> CameraError:
    return CameraError("The camera was unplugged. Plug it in again.")

"""What a live session tells the outside: a window, a command line, a test.

Callbacks run on the session's worker threads and must return at once; a window turns them into
signals. Every value is an immutable snapshot.
"""

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from avatarify.errors import AvatarifyError
from avatarify.frames import Image
from avatarify.streaming.output_picture import Origin
from avatarify.tracking.crop import Crop
from avatarify.tracking.face import Box, Face


class LiveState(Enum):
    """What the session is doing, as a person would say it."""

    STOPPED = "stopped"
    STARTING = "starting"
    """Opening the devices and loading the model."""

    WAITING_FOR_CAMERA = "waiting for the camera"
    """Not opened yet, lost or stalled; tried again by itself."""

    RESTING = "resting, nobody watches"
    """No program reads the virtual camera and no preview is visible: the still avatar stands."""

    WAITING_FOR_FACE = "no face in the picture"
    CALIBRATING = "calibrating"
    """No driving reference yet: the still avatar is shown."""

    LIVE = "live"
    HOLDING = "on hold"
    PASS_THROUGH = "showing the real camera"  # noqa: S105 - a state, not a password
    """The unanimated camera is visible to others: show a red banner."""

    FAILED = "the avatar cannot be animated"
    """The model fails; the still avatar or a card is shown."""

    ENDED = "the video has ended"
    CAMERA_FAILED = "nothing can be read from the camera"
    """A missing or broken file, an address that is none: another camera must be chosen."""


class Topic(Enum):
    """What a notice is about; a new notice replaces the older one of its topic."""

    CAMERA = "camera"
    OUTPUT = "output"
    RECORDING = "recording"
    MODEL = "model"
    XRAY = "X-ray"
    TRACKER = "tracker"
    AVATAR = "avatar"
    FACE = "avatar's face"
    """No human face is known in the avatar's picture."""

    FACE_MISSING = "your face"
    """Why the driver's face is not seen."""

    MOUTH = "your mouth"
    """The driver's never opens."""

    FRAMING = "framing"
    """The driver's distance, light, place in the picture."""

    TURN = "turn of the picture"
    """The driver's head lies on its side, or no longer does."""

    SPEED = "speed"
    GRAPHICS_CARD = "graphics card"
    """It lies idle."""

    SETTINGS = "settings"


class Severity(Enum):
    """How loudly a notice should be shown."""

    INFORMATION = "information"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell the user; an empty text takes the topic's notice away."""

    topic: Topic
    """What it is about."""

    text: str
    """What happened and what to do, or empty when the problem is gone."""

    severity: Severity = Severity.WARNING
    """How loudly to show it."""


@dataclass(frozen=True, slots=True, eq=False)
class CameraView:
    """One camera frame with what was found in it, for the user's own eyes only."""

    image: Image
    """RGB (H, W, 3); already mirrored when the input is."""

    time_s: float
    """Capture time, `time.monotonic()`."""

    crop: Crop
    """The square that drives the avatar, in pixels of `image`."""

    face: Face | None
    """What the tracker found, or None without a face (or without a tracker)."""

    others: tuple[Box, ...] = ()
    """Further faces, which could be followed instead."""

    @property
    def landmarks(self) -> NDArray[np.float32] | None:
        """(478, 3) in pixels of `image`, or None without a face."""
        return None if self.face is None else self.face.landmarks


@dataclass(frozen=True, slots=True, eq=False)
class OutputView:
    """One picture as the outputs get it."""

    image: Image
    """RGB (H, W, 3) at the output's size, with bars, mirror and badge. Do not write to it."""

    origin: Origin
    """Avatar, card, or the real camera."""

    latency_s: float | None
    """Capture to output, or None for a repeated picture."""


@dataclass(frozen=True, slots=True)
class CalibrationStatus:
    """How well the driver's pose fits the avatar's, and what auto-calibration does."""

    is_calibrated: bool
    """A driving reference exists."""

    is_searching: bool
    """Auto-calibration looks for a better frame."""

    score: int | None
    """Match of the current frame with the avatar, 0 to 100; None without a face."""

    advice: str
    """What to do to match better ("Close your mouth", "Good"), or empty. Without a score but with
    advice there is no tracker, and nobody can tell whether a face is there."""

    can_undo: bool
    """`undo_calibration` has something to go back to."""

    has_drifted: bool = False
    """The driver moved away from the reference: offer to calibrate again."""


@dataclass(frozen=True, slots=True)
class EngineReport:
    """What runs the model, for the status bar."""

    model: str
    """Name of the model."""

    device: str
    """cpu, cuda or mps, with the card's name where known."""

    precision: str
    """fp32, fp16, bf16 or int8."""

    note: str = ""
    """What the self-test found ("fp16 gave black pictures, so fp32 is used"), or empty."""

    warning: str = ""
    """Why a graphics card of this machine lies idle and what to do, or empty."""

    lacks_face: bool = False
    """The model stands in for the face engine, as no face is known in the avatar's picture."""


@dataclass(frozen=True, slots=True)
class Audience:
    """Who watches the avatar at this moment."""

    is_read: bool | None
    """Whether a program reads the virtual camera; None without one, or where no system tells."""

    is_resting: bool
    """Nobody watches, and for a while now nothing has been tracked and animated."""


@dataclass(frozen=True, slots=True)
class MotionView:
    """The X-ray: what the model computed for one frame. Pictures are RGB squares."""

    panels: tuple[tuple[str, Image], ...]
    """(title, picture): keypoints with Gaussians, dense flow, masks, occlusion, result."""


class LiveListener:
    """Base of all listeners: every callback does nothing until overridden."""

    def camera_opened(self, name: str) -> None:
        """The camera delivers; `name` is what users call it."""

    def camera_seen(self, view: CameraView) -> None:
        """A camera frame was taken and tracked."""

    def output_shown(self, view: OutputView) -> None:
        """A picture went to the outputs (also when there is none: this is the preview)."""

    def calibration_changed(self, status: CalibrationStatus) -> None:
        """Score, advice or reference changed; at most some ten times a second."""

    def state_changed(self, state: LiveState) -> None:
        """The session's state changed."""

    def audience_changed(self, audience: Audience) -> None:
        """A program began or ended to read the virtual camera, or the session rests."""

    def noticed(self, notice: Notice) -> None:
        """There is something to tell, or (empty text) a problem is gone."""

    def engine_ready(self, report: EngineReport) -> None:
        """The model is loaded, or another one moves the avatar that was chosen."""

    def tracker_ready(self, name: str) -> None:
        """The face tracker is loaded; `name` is what users call it."""

    def motion_seen(self, view: MotionView) -> None:
        """The X-ray of one frame, while `set_xray(True)`."""

    def recording_finished(self, path: str, error: AvatarifyError | None) -> None:
        """A recording was closed; `error` says why it ended early."""

    def stopped(self, error: BaseException | None) -> None:
        """All threads have ended; `error` is a defect in this program, or None."""

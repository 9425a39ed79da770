"""Everything the user can choose, as plain immutable values that a file can hold."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from avatarify.geometry.face_gains import FaceGains
from avatarify.media.known_camera import KnownCamera
from avatarify.tracking.face_choice import FaceChoice


class FitMode(StrEnum):
    """How the square avatar picture fills the wider camera picture."""

    FIT = "fit"
    """Whole picture, black bars."""

    FILL = "fill"
    """No bars: the picture is cropped above and below."""

    BLUR = "blur"
    """Whole picture over a blurred, enlarged copy of itself."""


class Theme(StrEnum):
    """Colours of the window."""

    SYSTEM = "system"
    DARK = "dark"
    LIGHT = "light"


class WhenUnwatched(StrEnum):
    """What a session does while nobody watches the avatar."""

    GO_ON = "go-on"
    """Track and animate all the same."""

    REST = "rest"
    """The still avatar stands; only the webcam goes on, so that motion begins within a second."""

    RELEASE = "release"
    """The webcam is let go too: its lamp goes out, and it takes a few seconds to come back."""


ROTATIONS = (0, 90, 180, 270)
"""By how many degrees a camera's picture can be turned."""


@dataclass(frozen=True, slots=True)
class TurnedCamera:
    """A camera that does not hang upright."""

    camera: str = ""
    """Its `CameraSettings.key`."""

    rotation: int = 0
    """As in `CameraSettings`."""

    def __post_init__(self) -> None:
        _require(self.rotation in ROTATIONS, "a camera is turned by 0, 90, 180 or 270 degrees")


@dataclass(frozen=True, slots=True)
class CameraSettings:
    """Where the driving frames come from."""

    name: str = ""
    """Number, device name, file, folder, URL or `screen`; empty takes the first camera found."""

    width: int = 640
    """Wished capture width in pixels; the device may choose the nearest it has."""

    height: int = 480
    """Wished capture height in pixels."""

    fps: float = 30.0
    """Wished frames per second, above 0."""

    loop: bool = False
    """Start a file again when it ends."""

    mirror: bool = False
    """Flip the frames left to right before anything sees them."""

    face: str = ""
    """Which of several faces is followed at first: left, right, or a number from the left; empty
    takes the largest."""

    mjpg: bool = True
    """Ask a webcam for compressed frames: uncompressed ones are fewer and cleaner."""

    known: KnownCamera = field(default_factory=KnownCamera)
    """What the webcam was when it was chosen: it is found again by that, wherever it is then."""

    rotation: int = 0
    """Degrees by which the frames are turned clockwise before anything sees them: 0, 90, 180 or
    270, for cameras that hang sideways or upside down."""

    def __post_init__(self) -> None:
        _require(self.width >= 16 and self.height >= 16, "the camera picture is at least 16 x 16")
        _require(1.0 <= self.fps <= 240.0, "camera fps lies between 1 and 240")
        FaceChoice.parse(self.face)
        _require(self.rotation in ROTATIONS, "a camera is turned by 0, 90, 180 or 270 degrees")

    @property
    def key(self) -> str:
        """Under which what belongs to this camera is remembered."""
        return self.known.key or self.name


@dataclass(frozen=True, slots=True)
class MotionControls:
    """How the driver's motion becomes the avatar's."""

    gain: float = 1.0
    """Multiplies the motion: 0 is a still avatar, 1 natural, up to 2."""

    gains: FaceGains = field(default_factory=FaceGains)
    """The same for each part of the face; motion models know only `gain`."""

    smoothing: float = 0.5
    """One-Euro smoothing of keypoints and Jacobians: 0 off, 1 strongest."""

    is_relative: bool = True
    """Motion relative to the calibrated driving reference; False transfers absolute positions."""

    adapts_scale: bool = True
    """Scale the movement by the ratio of the two faces' sizes."""

    def __post_init__(self) -> None:
        _require(0.0 <= self.gain <= 2.0, "the motion gain lies between 0 and 2")
        _require(0.0 <= self.smoothing <= 1.0, "smoothing lies between 0 and 1")


@dataclass(frozen=True, slots=True)
class ViewSettings:
    """How the animated square becomes the picture others see."""

    fit: FitMode = FitMode.BLUR
    """How the square fills the wider picture."""

    mirror: bool = False
    """Flip the picture that is sent left to right."""

    background: str = "own"
    """Behind the person: own, blur, green, `#rrggbb`, or the path of a picture."""

    badge: bool = False
    """Draw "AI avatar" in a corner of everything that is sent."""

    def __post_init__(self) -> None:
        _require(isinstance(self.fit, FitMode), "fit is one of fit, fill, blur")


@dataclass(frozen=True, slots=True)
class OutputSettings:
    """Where the pictures go; the size never changes while the output is open."""

    target: str = "virtual"
    """`virtual` (the virtual camera), `none`, or the path of an mp4 file or folder."""

    backend: str = ""
    """Virtual camera back end; empty tries all in order."""

    device: str = ""
    """Virtual camera device, such as `/dev/video9`; empty takes the first."""

    width: int = 1280
    """Pixels, even."""

    height: int = 720
    """Pixels, even."""

    fps: float = 30.0
    """Nominal frames per second."""

    def __post_init__(self) -> None:
        _require(min(self.width, self.height) >= 64, "the output picture is at least 64 x 64")
        _require(max(self.width, self.height) <= 4096, "the output picture is at most 4096 wide")
        _require(
            self.width % 2 == 0 and self.height % 2 == 0, "output width and height are even numbers"
        )
        _require(1.0 <= self.fps <= 240.0, "output fps lies between 1 and 240")
        _require(bool(self.target), "the output target is virtual, none or a file name")


TrackerWish = Literal["auto", "own", "mediapipe"]
"""Which face tracker runs; auto takes mediapipe's where its file is installed and works,
else our own."""

TRACKERS: tuple[TrackerWish, ...] = ("auto", "own", "mediapipe")

FACE_MODEL = "face"
"""Moves a portrait by the face's landmarks; taken where no model is named."""

COMPACT_MODEL = "compact"
"""The shipped motion model: for portraits in which no human face is known."""


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """Which model runs, and on what."""

    model: str = ""
    """`face`, a name in the registry, or a path; empty takes `face`."""

    device: str = "auto"
    """auto, cpu, cuda or mps."""

    precision: str = "auto"
    """auto, fp32, fp16, bf16 (and int8 where a back end has it)."""

    backend: str = "auto"
    """auto, torch or another engine that is installed."""

    @property
    def is_face(self) -> bool:
        """Whether the face engine moves the avatar, where a face is known in it."""
        return self.model in ("", FACE_MODEL)

    def __post_init__(self) -> None:
        _require(self.device in {"auto", "cpu", "cuda", "mps"}, "device is auto, cpu, cuda or mps")
        _require(
            self.precision in {"auto", "fp32", "fp16", "bf16", "int8"},
            "precision is auto, fp32, fp16, bf16 or int8",
        )


@dataclass(frozen=True, slots=True)
class VoiceSettings:
    """The microphone, of which nothing is ever recorded."""

    delays_microphone: bool = False
    """Offer it a second time, as late as the picture: "Avatarify microphone" in PipeWire."""


@dataclass(frozen=True, slots=True)
class WindowSettings:
    """What only the window needs to remember."""

    theme: Theme = Theme.SYSTEM
    """Colours."""

    ghost_opacity: float = 0.0
    """Avatar over the webcam preview: 0 hidden, 1 opaque."""

    shows_landmarks: bool = False
    """Draw the face's landmarks over the webcam preview."""

    shows_information: bool = False
    """Draw fps and latency over the preview."""

    mirrors_preview: bool = True
    """Show the own webcam as a mirror would; nothing that is sent changes."""

    has_seen_guide: bool = False
    """The first-run guide was finished or skipped."""

    has_given_consent: bool = False
    """The user agreed to use only portraits that they may use."""

    hotkeys: tuple[tuple[str, str], ...] = ()
    """Global hotkeys as (action, keys) where they differ from the defaults."""

    geometry: str = ""
    """The window's place, as Qt writes it, in hexadecimal."""

    def __post_init__(self) -> None:
        _require(0.0 <= self.ghost_opacity <= 1.0, "the ghost's opacity lies between 0 and 1")


@dataclass(frozen=True, slots=True)
class Settings:
    """All of it; `settings_file` reads and writes this."""

    avatar: str = ""
    """Path of the chosen portrait or name of a built-in one; empty takes the first built-in."""

    tracker: TrackerWish = "auto"
    """Which face tracker runs."""

    auto_calibration: bool = True
    """Take the driving reference automatically at start and after an avatar change."""

    unwatched: WhenUnwatched = WhenUnwatched.REST
    """What to do while nobody watches the avatar."""

    camera: CameraSettings = field(default_factory=CameraSettings)
    """Where the driving frames come from."""

    turned: tuple[TurnedCamera, ...] = ()
    """How the cameras that were chosen before hang, of those that are not upright."""

    motion: MotionControls = field(default_factory=MotionControls)
    """How the driver's motion becomes the avatar's."""

    view: ViewSettings = field(default_factory=ViewSettings)
    """How the picture is framed."""

    output: OutputSettings = field(default_factory=OutputSettings)
    """Where the pictures go."""

    engine: EngineSettings = field(default_factory=EngineSettings)
    """Model, device, precision."""

    voice: VoiceSettings = field(default_factory=VoiceSettings)
    """The microphone."""

    window: WindowSettings = field(default_factory=WindowSettings)
    """What only the window needs."""


def _require(holds: bool, rule: str) -> None:
    """Raise ValueError naming the `rule` that a setting breaks."""
    if not holds:
        raise ValueError(f"Impossible setting: {rule}.")

"""What an offline run is told, and what it needs of a model and of whoever shows its progress."""

from collections.abc import Generator, Iterable
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Protocol

from avatarify.frames import Image
from avatarify.tracking.face_choice import FaceChoice


class OfflineAnimator(Protocol):
    """What is needed of a motion model."""

    @property
    def input_size(self) -> int:
        """Side of the driving squares, in pixels."""

    @property
    def output_size(self) -> int:
        """Side of the portrait and of the animated pictures, in pixels."""

    def set_source(self, portrait: Image) -> None:
        """Encode a portrait (output_size, output_size, 3)."""

    def calibrate(self, driving: Image) -> None:
        """Take a driving square as the one whose motion counts as none."""

    def animate_all(self, drivings: Iterable[Image]) -> Generator[Image, None, None]:
        """Move the portrait like each of the driving squares, reading a few of them ahead."""


class Stage(Enum):
    """What the user waits for; the value is how a progress bar calls it."""

    SURVEY = "Finding the face"
    ANIMATION = "Animating"


class OfflineListener(Protocol):
    """Whoever shows the user what happens."""

    def notice(self, text: str) -> None:
        """Say something the user should know; the work goes on."""

    def begin(self, stage: Stage, total: int | None) -> None:
        """A stage begins, of `total` frames if that is known."""

    def advance(self) -> None:
        """One more frame of the stage is done."""


@dataclass(frozen=True, slots=True)
class OfflineSettings:
    """What to animate with what, and where to."""

    avatar: Path
    """The portrait."""

    driving: Path
    """A video, or a folder of pictures."""

    output: str
    """An .mp4 file, or a folder for PNGs."""

    rotation: int = 0
    """By how many degrees the driving frames are turned clockwise: 0, 90, 180 or 270."""

    face: FaceChoice = field(default_factory=FaceChoice)
    """Which of several faces in the clip drives."""

    avatar_face: FaceChoice = field(default_factory=FaceChoice)
    """Which of several faces in the portrait moves."""

    reference: int | None = None
    """Index of the driving frame whose motion counts as none; None looks for the best one."""

    uses_reference: bool = True
    """False for absolute motion."""

    crops: bool = True
    """Cut squares around the faces; otherwise pictures are used whole, squeezed to squares."""

    background: str = "own"
    """Behind the person: own, blur, green, `#rrggbb`, a picture's path, or transparent."""

    size: int | None = None
    """Height of the output in pixels; None takes the model's."""

    fps: float | None = None
    """Frames per second; None keeps the driving video's own times."""

    is_side_by_side: bool = False
    """Put portrait and driving frame beside the result."""

    def __post_init__(self) -> None:
        if self.reference is not None and self.reference < 0:
            raise ValueError(f"frames are counted from 0, not {self.reference}")
        if self.size is not None and not 16 <= self.size <= 4096:
            raise ValueError(f"the output is 16 to 4096 pixels high, not {self.size}")
        if self.fps is not None and not 0 < self.fps <= 1000:
            raise ValueError(f"the frame rate lies above 0 and up to 1000, not {self.fps}")

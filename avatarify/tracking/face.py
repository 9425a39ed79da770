"""What the face tracker sees in one picture: points, expression and head pose.

All directions are the person's own: *left* is the side of the person's left hand. That holds for
pictures as a camera takes them. In a mirrored picture the signs of yaw and roll are swapped.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

LANDMARK_COUNT = 478
BLENDSHAPE_NAMES: tuple[str, ...] = (
    "_neutral", "browDownLeft", "browDownRight", "browInnerUp", "browOuterUpLeft",
    "browOuterUpRight", "cheekPuff", "cheekSquintLeft", "cheekSquintRight", "eyeBlinkLeft",
    "eyeBlinkRight", "eyeLookDownLeft", "eyeLookDownRight", "eyeLookInLeft", "eyeLookInRight",
    "eyeLookOutLeft", "eyeLookOutRight", "eyeLookUpLeft", "eyeLookUpRight", "eyeSquintLeft",
    "eyeSquintRight", "eyeWideLeft", "eyeWideRight", "jawForward", "jawLeft", "jawOpen",
    "jawRight", "mouthClose", "mouthDimpleLeft", "mouthDimpleRight", "mouthFrownLeft",
    "mouthFrownRight", "mouthFunnel", "mouthLeft", "mouthLowerDownLeft", "mouthLowerDownRight",
    "mouthPressLeft", "mouthPressRight", "mouthPucker", "mouthRight", "mouthRollLower",
    "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper", "mouthSmileLeft", "mouthSmileRight",
    "mouthStretchLeft", "mouthStretchRight", "mouthUpperUpLeft", "mouthUpperUpRight",
    "noseSneerLeft", "noseSneerRight",
)  # fmt: skip
"""The order of `Face.blendshapes`, as the landmarker's model publishes it."""

# The landmarker takes part of a head's place in the picture for a turn. These fractions of the
# angle to the line of sight undo it: of portraits pasted at many places of one picture, the yaw
# then scatters by 1.4° instead of 5.1° and the pitch by 1.2° instead of 3.2°.
YAW_PER_AZIMUTH = 0.26
PITCH_PER_ELEVATION = 0.33

_RIGHT_IRIS_CENTER, _LEFT_IRIS_CENTER = 468, 473
_UPPER_LIP_INSIDE, _LOWER_LIP_INSIDE = 13, 14


@dataclass(frozen=True, slots=True)
class Box:
    """An upright rectangle in pixels; x grows to the right, y downwards."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """In pixels."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """In pixels."""
        return self.bottom - self.top

    @property
    def center(self) -> tuple[float, float]:
        """(x, y) in pixels."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    @property
    def larger_side(self) -> float:
        """In pixels."""
        return max(self.width, self.height)


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """One face in one picture."""

    landmarks: NDArray[np.float32]
    """(478, 3) x, y, depth in pixels of the picture: (0, 0) is its upper left *corner*, so the
    centre of the first pixel is (0.5, 0.5). Depth is relative to the head; less is nearer."""

    blendshapes: NDArray[np.float32]
    """(52,) strength of each expression in `BLENDSHAPE_NAMES`, 0 to 1."""

    transform: NDArray[np.float32] = field(
        default_factory=lambda: np.eye(4, dtype=np.float32), repr=False
    )
    """(4, 4) from the head (face towards +z) to the camera: x to the right of the picture, y up,
    z towards the viewer; lengths in centimetres, for a camera with a 63° vertical field of view."""

    def __post_init__(self) -> None:
        for name, expected in (
            ("landmarks", (LANDMARK_COUNT, 3)),
            ("blendshapes", (len(BLENDSHAPE_NAMES),)),
            ("transform", (4, 4)),
        ):
            if getattr(self, name).shape != expected:
                raise ValueError(f"{name} must be {expected}, not {getattr(self, name).shape}.")

    @property
    def yaw_deg(self) -> float:
        """How far the head is turned towards the person's left; negative to the right."""
        forward = self._rotation()[:, 2]
        x, _, z = self.transform[:3, 3].tolist()
        azimuth = np.arctan2(x, -z) if z < 0 else 0.0
        return float(np.degrees(np.arctan2(forward[0], forward[2]) + YAW_PER_AZIMUTH * azimuth))

    @property
    def pitch_deg(self) -> float:
        """How far the head looks up; negative down."""
        forward = self._rotation()[:, 2]
        x, y, z = self.transform[:3, 3].tolist()
        elevation = np.arctan2(y, np.hypot(x, z)) if z < 0 else 0.0
        pitch = np.arcsin(np.clip(forward[1], -1, 1))
        return float(np.degrees(pitch + PITCH_PER_ELEVATION * elevation))

    @property
    def roll_deg(self) -> float:
        """How far the head leans onto the person's left shoulder; negative onto the right."""
        rotation = self._rotation()
        return float(np.degrees(np.arctan2(-rotation[1, 0], rotation[1, 1])))

    @property
    def box(self) -> Box:
        """The smallest rectangle around all landmarks: brow to chin, ear to ear."""
        x, y = self.landmarks[:, 0], self.landmarks[:, 1]
        return Box(float(x.min()), float(y.min()), float(x.max()), float(y.max()))

    @property
    def interocular(self) -> float:
        """Distance between the centres of the irises in the picture, in pixels."""
        eyes = self.landmarks[[_RIGHT_IRIS_CENTER, _LEFT_IRIS_CENTER], :2]
        return float(np.linalg.norm(eyes[1] - eyes[0]))

    @property
    def eyes_lean_deg(self) -> float:
        """How far the line through both irises is from level, 0 to 180; needs no pose."""
        (x, y), (other_x, other_y) = self.landmarks[[_RIGHT_IRIS_CENTER, _LEFT_IRIS_CENTER], :2]
        return abs(float(np.degrees(np.arctan2(other_y - y, other_x - x))))

    @property
    def jaw_open(self) -> float:
        """0 closed to 1 wide open."""
        return self.blendshape("jawOpen")

    @property
    def lips_apart(self) -> float:
        """Gap between the lips over the face's height; below 0.015 shut, 0.12 wide open.

        Surer than `jaw_open`, which sees some shut mouths half open and bared teeth as none.
        """
        lips = self.landmarks[[_UPPER_LIP_INSIDE, _LOWER_LIP_INSIDE], :2]
        return float(np.linalg.norm(lips[1] - lips[0])) / self.box.height

    @property
    def smile(self) -> float:
        """0 none to 1 broad, mean of both sides."""
        return self._mean("mouthSmileLeft", "mouthSmileRight")

    @property
    def blink_left(self) -> float:
        """0 open to 1 shut."""
        return self.blendshape("eyeBlinkLeft")

    @property
    def blink_right(self) -> float:
        """0 open to 1 shut."""
        return self.blendshape("eyeBlinkRight")

    @property
    def brow(self) -> float:
        """1 raised, 0 at rest, -1 frowning."""
        raised = self._mean("browInnerUp", "browOuterUpLeft", "browOuterUpRight")
        return raised - self._mean("browDownLeft", "browDownRight")

    def blendshape(self, name: str) -> float:
        """Return the strength, 0 to 1, of one of `BLENDSHAPE_NAMES`."""
        return float(self.blendshapes[BLENDSHAPE_NAMES.index(name)])

    def _mean(self, *names: str) -> float:
        return sum(self.blendshape(name) for name in names) / len(names)

    def _rotation(self) -> NDArray[np.float64]:
        """The transform's rotation (3, 3), without its scale."""
        left, _, right = np.linalg.svd(self.transform[:3, :3].astype(np.float64))
        return left @ right


class LiveFace(Face):
    """A face whose expression and pose are found when somebody first asks for them.

    In a live loop one frame in three is judged; the others need points and nothing else. It belongs
    to the thread that found it, as whoever finds does.
    """

    _find_blendshapes: Callable[[], NDArray[np.float32]]
    _find_transform: Callable[[], NDArray[np.float32]]

    def __init__(
        self,
        landmarks: NDArray[np.float32],
        find_blendshapes: Callable[[], NDArray[np.float32]],
        find_transform: Callable[[], NDArray[np.float32]],
    ) -> None:
        """Take what is known, and what finds the rest; see `Face`."""
        if landmarks.shape != (LANDMARK_COUNT, 3):
            raise ValueError(f"landmarks must be (478, 3), not {landmarks.shape}.")
        for name, value in (
            ("landmarks", landmarks),
            ("_find_blendshapes", find_blendshapes),
            ("_find_transform", find_transform),
        ):
            object.__setattr__(self, name, value)  # a Face is frozen

    @cached_property
    def blendshapes(self) -> NDArray[np.float32]:
        """See `Face.blendshapes`."""
        return self._find_blendshapes()

    @cached_property
    def transform(self) -> NDArray[np.float32]:
        """See `Face.transform`."""
        return self._find_transform()

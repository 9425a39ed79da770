"""How well the driver's pose and face match the avatar's, and what to change first.

The avatar moves by what changes after the calibrated frame, so that frame should show the driver as
the portrait shows the avatar. Advice names the person's own left and right, whichever way round
the preview shows them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from avatarify.tracking.conditions import Condition, Observation, conditions, outside
from avatarify.tracking.face import Face

GOOD_SCORE = 85
"""From here on there is nothing worth saying."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One difference from a perfect frame."""

    advice: str
    """What the driver should do, as one short sentence without a full stop."""

    cost: float
    """0 harmless to 1 unusable."""


@dataclass(frozen=True, slots=True)
class Rating:
    """How good one camera frame is for calibration."""

    score: int
    """0 to 100; 100 is a perfect match."""

    advice: str
    """The most useful thing to change; from `GOOD_SCORE` on a word of praise."""

    faults: tuple[Fault, ...] = ()
    """Everything that costs, the gravest first."""


class _Trait(NamedTuple):
    """One measure in which driver and avatar are compared."""

    measure: Callable[[Face], float]
    free: float  # difference that costs nothing: people differ, and so do drawings
    span: float  # difference beyond `free` that costs `weight`
    weight: float
    more: str  # advice when the driver has less than the avatar
    less: str  # advice when the driver has more than the avatar


_TRAITS = (
    _Trait(lambda face: face.lips_apart, 0.015, 0.06, 1.0,
           "Open your mouth a little, like the avatar", "Close your mouth"),
    _Trait(lambda face: -(face.blink_left + face.blink_right) / 2, 0.2, 0.4, 1.0,
           "Open your eyes", "Relax your eyes"),
    _Trait(lambda face: face.smile, 0.25, 0.7, 0.7,
           "Smile a little, like the avatar", "Relax your smile"),
    _Trait(lambda face: face.brow, 0.4, 1.0, 0.4,
           "Raise your brows a little", "Relax your brows"),
)  # fmt: skip

# The landmarker sees drawn faces with large eyes up to 15° lowered: pitch is forgiven more.
_FREE_YAW_DEG, _FREE_PITCH_DEG, _FREE_ROLL_DEG = 3.0, 8.0, 3.0
_POSE_SPAN_DEG = 25.0
_STRONG_DEG = 20.0
_FREE_SPEED, _SPEED_SPAN = 0.15, 1.0
_CONDITION_COSTS = {
    Condition.TOO_FAR: (0.35, "Come closer"),
    Condition.TOO_NEAR: (0.2, "Move back a little"),
    Condition.TOO_DARK: (0.45, "Too dark: turn a light on in front of you"),
    Condition.TOO_BRIGHT: (0.3, "Too bright: dim the light in front of you"),
    Condition.NOISY: (0.2, "The picture is noisy: more light helps"),
}


def rate(
    now: Observation,
    avatar: Face | None,
    *,
    before: Observation | None = None,
    is_mirrored: bool = False,
) -> Rating:
    """Rate one camera frame as the frame to calibrate with.

    Args:
        now: The camera frame.
        avatar: The portrait's face; None if it has none: then a neutral face from the front.
        before: An earlier frame, at most half a second old, to see whether the driver holds still.
        is_mirrored: Whether the camera frame was mirrored before the tracker saw it. Mirroring only
            the preview does not count.
    """
    if now.face is None:
        return Rating(0, "Face the camera", (Fault("Face the camera", 1.0),))
    faults = [
        *_pose_faults(now.face, avatar, is_mirrored),
        *_expression_faults(now.face, avatar),
        *_place_faults(now.face, now.image_size, is_mirrored),
        *_condition_faults(now),
        *_speed_faults(now, before),
    ]
    return _rating(faults)


def speed(now: Observation, before: Observation) -> float:
    """How fast the landmarks move on average, in sizes of the face per second."""
    elapsed_s = now.time_s - before.time_s
    if now.face is None or before.face is None or elapsed_s <= 0:
        return 0.0
    way = now.face.landmarks[:, :2] - before.face.landmarks[:, :2]
    mean_way = float(np.linalg.norm(way, axis=1).mean())
    return mean_way / now.face.box.larger_side / elapsed_s


def _rating(faults: list[Fault]) -> Rating:
    ranked = tuple(sorted((f for f in faults if f.cost > 0), key=lambda f: f.cost, reverse=True))
    score = round(100 * float(np.prod([1 - fault.cost for fault in ranked])))
    advice = "Good" if score >= GOOD_SCORE or not ranked else ranked[0].advice
    return Rating(score, advice, ranked)


def _cost(difference: float, free: float, span: float) -> float:
    return min(max((abs(difference) - free) / span, 0.0), 1.0)


def _pose_faults(driver: Face, avatar: Face | None, is_mirrored: bool) -> list[Fault]:
    left, right = ("right", "left") if is_mirrored else ("left", "right")
    yaw = (avatar.yaw_deg if avatar else 0.0) - driver.yaw_deg
    pitch = (avatar.pitch_deg if avatar else 0.0) - driver.pitch_deg
    roll = (avatar.roll_deg if avatar else 0.0) - driver.roll_deg
    turn = f"Turn your head{_amount(yaw)} to your {left if yaw > 0 else right}"
    nod = f"{'Raise' if pitch > 0 else 'Lower'} your chin{_amount(pitch)}"
    tilt = f"Tilt your head{_amount(roll)} to your {left if roll > 0 else right}"
    return [
        Fault(turn, _cost(yaw, _FREE_YAW_DEG, _POSE_SPAN_DEG)),
        Fault(nod, _cost(pitch, _FREE_PITCH_DEG, _POSE_SPAN_DEG)),
        Fault(tilt, _cost(roll, _FREE_ROLL_DEG, _POSE_SPAN_DEG)),
    ]


def _amount(angle_deg: float) -> str:
    return "" if abs(angle_deg) > _STRONG_DEG else " a little"


def _expression_faults(driver: Face, avatar: Face | None) -> list[Fault]:
    faults = []
    for trait in _TRAITS:
        lacking = (trait.measure(avatar) if avatar else 0.0) - trait.measure(driver)
        advice = trait.more if lacking > 0 else trait.less
        faults.append(Fault(advice, trait.weight * _cost(lacking, trait.free, trait.span)))
    return faults


def _place_faults(face: Face, image_size: tuple[int, int], is_mirrored: bool) -> list[Fault]:
    """The face must be in the picture; its right side shows what is on the driver's left."""
    left_edge, top_edge, right_edge, bottom_edge = outside(face.box, image_size)
    towards_left, towards_right = ("right", "left") if is_mirrored else ("left", "right")
    return [
        Fault(f"Move to your {towards_left}", _cost(left_edge, 0.02, 0.3)),
        Fault(f"Move to your {towards_right}", _cost(right_edge, 0.02, 0.3)),
        Fault("Tilt the camera up or sit lower", _cost(top_edge, 0.02, 0.3)),
        Fault("Tilt the camera down or sit higher", _cost(bottom_edge, 0.02, 0.3)),
    ]


def _condition_faults(now: Observation) -> list[Fault]:
    present = conditions(now)
    return [
        Fault(advice, cost)
        for condition, (cost, advice) in _CONDITION_COSTS.items()
        if condition in present
    ]


def _speed_faults(now: Observation, before: Observation | None) -> list[Fault]:
    if before is None:
        return []
    return [Fault("Hold still", 0.8 * _cost(speed(now, before), _FREE_SPEED, _SPEED_SPAN))]

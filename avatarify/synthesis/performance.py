"""The scripted performance of the demo clip: talk, smile, brows, blinks, turns, back to neutral."""

import itertools

import torch
from torch import Tensor

from avatarify.synthesis.motion import Motion, express, neutral

DEMO_SECONDS = 8.0

Keys = tuple[tuple[float, float], ...]
"""(seconds, value) pairs; values in between follow a smooth step."""

_YAW: Keys = (
    (0.7, 0), (1.4, 5), (2.2, -4), (3.0, 3), (4.6, 0), (5.2, -24), (5.5, -24), (6.3, 22),
    (6.5, 22), (7.2, 0),
)  # fmt: skip
_PITCH: Keys = (
    (0.8, 0), (1.3, -4), (1.8, 2), (2.4, -3), (3.1, 1), (3.9, 3), (4.5, 5), (5.0, 0), (5.8, -3),
    (6.6, 1), (7.2, 0),
)  # fmt: skip
_ROLL: Keys = ((1.0, 0), (1.9, 4), (2.8, -3), (3.6, 6), (4.4, 0), (5.2, -3), (6.3, 3), (7.2, 0))
_TALK: Keys = (
    (0.85, 0), (0.97, 0.4), (1.08, 0.1), (1.2, 0.55), (1.33, 0.06), (1.45, 0.35), (1.55, 0.0),
    (1.72, 0.0), (1.86, 0.7), (2.0, 0.15), (2.12, 0.45), (2.24, 0.1), (2.38, 0.6), (2.5, 0.05),
    (2.62, 0.4), (2.75, 0.2), (2.88, 0.5), (3.05, 0.0),
)  # fmt: skip
_PUCKER: Keys = (
    (1.0, 0), (1.1, 0.6), (1.22, 0.1), (1.4, 0), (1.5, 0.7), (1.62, 0), (2.0, 0), (2.2, 0.7),
    (2.32, 0), (2.5, 0), (2.6, 0.5), (2.72, 0),
)  # fmt: skip
_WIDE: Keys = (
    (1.2, 0), (1.34, 0.5), (1.45, 0), (1.8, 0), (1.9, 0.5), (2.05, 0), (2.75, 0), (2.88, 0.5),
    (3.0, 0),
)  # fmt: skip
_SMILE: Keys = ((2.9, 0), (3.3, 0.9), (3.95, 0.9), (4.35, 0), (6.0, 0), (6.5, 0.6), (7.2, 0))
_SMILE_JAW: Keys = ((3.1, 0), (3.4, 0.18), (3.9, 0.18), (4.2, 0))
_BROWS: Keys = (
    (1.7, 0), (1.85, 0.4), (2.1, 0), (4.2, 0), (4.4, 1), (4.8, 1), (5.05, 0), (5.1, 0),
)  # fmt: skip
_GAZE: Keys = ((4.7, 0), (4.9, -0.7), (5.6, -0.2), (5.8, 0.7), (6.5, 0.2), (7.0, 0))
_BLINKS = (0.55, 2.66, 4.15, 5.0, 5.72, 6.9)


def demo_motion(fps: float) -> Motion:
    """The whole performance, `DEMO_SECONDS` long; it starts and ends neutral."""
    times = torch.arange(round(DEMO_SECONDS * fps)) / fps
    rotation = torch.stack([_follow(keys, times) for keys in (_YAW, _PITCH, _ROLL)], dim=1)
    motion = neutral(len(times))._replace(
        rotation_deg=rotation, translation=0.0009 * rotation[:, :2] * torch.tensor([1.0, -1.0])
    )
    smile, brows, talk = _follow(_SMILE, times), _follow(_BROWS, times), _follow(_TALK, times)
    blink = _blink(times)
    return express(
        motion,
        jaw_open=talk + _follow(_SMILE_JAW, times),
        lower_lip=0.4 * talk,
        upper_lip=0.3 * talk + 0.25 * smile,
        pucker=_follow(_PUCKER, times),
        wide=_follow(_WIDE, times),
        smile_left=smile,
        smile_right=0.92 * smile,
        brow_inner=brows,
        brow_outer_left=brows,
        brow_outer_right=brows,
        squint=0.3 * smile,
        blink_left=blink,
        blink_right=blink,
        gaze_x=_follow(_GAZE, times),
    )


def _follow(keys: Keys, times: Tensor) -> Tensor:
    """Values at the given times."""
    value = torch.full_like(times, keys[0][1])
    for (start, before), (end, after) in itertools.pairwise(keys):
        share = ((times - start) / (end - start)).clamp(0, 1)
        value = value + (after - before) * share.square() * (3 - 2 * share)
    return value


def _blink(times: Tensor) -> Tensor:
    shut = torch.zeros_like(times)
    for moment in _BLINKS:
        fall = ((times - moment) / 0.09 + 1).clamp(0, 1)
        rise = ((moment + 0.04 - times) / 0.15 + 1).clamp(0, 1)
        shut = torch.maximum(shut, torch.minimum(fall, rise))
    return shut.square() * (3 - 2 * shut)

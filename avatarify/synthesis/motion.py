"""How a person moves: head pose and expression over time."""

import math
from typing import NamedTuple

import torch
from torch import Tensor

from avatarify.synthesis.expression import EXPRESSION_NAMES


class Motion(NamedTuple):
    """Poses and expressions of one person, one per frame."""

    rotation_deg: Tensor
    """(B, 3): yaw (positive turns the face towards the viewer's right), pitch (positive looks up),
    roll (positive is clockwise on the screen)."""

    translation: Tensor
    """(B, 2): shift of the head in shares of the picture's height, x right, y down."""

    scale: Tensor
    """(B,): size of the head relative to the framing."""

    expression: Tensor
    """(B, K), in the order of `EXPRESSION_NAMES`."""

    def to(self, device: torch.device | str) -> "Motion":
        """The motion on another device."""
        return Motion(*(value.to(device) for value in self))

    def frames(self, start: int, stop: int) -> "Motion":
        """Some consecutive frames."""
        return Motion(*(value[start:stop] for value in self))


def neutral(frames: int = 1) -> Motion:
    """Looking straight into the camera, mouth closed, eyes open."""
    return Motion(
        torch.zeros(frames, 3),
        torch.zeros(frames, 2),
        torch.ones(frames),
        torch.zeros(frames, len(EXPRESSION_NAMES)),
    )


def express(motion: Motion, **values: float | Tensor) -> Motion:
    """The motion with some expressions replaced.

    Args:
        motion: What to start from.
        values: By `EXPRESSION_NAMES`: a number, or (B,).
    """
    expression = motion.expression.clone()
    for name, value in values.items():
        expression[:, EXPRESSION_NAMES.index(name)] = torch.as_tensor(value)
    return motion._replace(expression=expression)


def random_motion(
    generator: torch.Generator,
    frames: int,
    fps: float = 25.0,
    liveliness: float = 1.0,
    blinks: float = 1.0,
) -> Motion:
    """Draw a smooth performance.

    Args:
        generator: The only source of randomness.
        frames: Length.
        fps: Frames per second; motion is as fast as a person's at any rate.
        liveliness: 1 for the whole range (yaw 35, pitch and roll 20 degrees), 0 for stillness.
        blinks: How often lids close, against a person at ease.
    """

    def wander(count: int, seconds: float) -> Tensor:
        return _wander(generator, frames, fps, count, seconds)

    limits = torch.tensor([35.0, 20.0, 20.0]) * liveliness
    spread = torch.tensor([15.0, 7.5, 6.5])
    slow, fast = wander(3, 1.6), wander(3, 0.5)
    rotation = limits * torch.tanh((slow + 0.22 * fast) * spread / limits.clamp(min=1e-6) * 1.0)
    translation = 0.028 * liveliness * wander(2, 1.5)
    scale = torch.exp(0.045 * liveliness * wander(1, 2.0)[:, 0])
    motion = neutral(frames)._replace(rotation_deg=rotation, translation=translation, scale=scale)
    return express(motion, **_performance(generator, frames, fps, liveliness, blinks))


def _performance(
    generator: torch.Generator, frames: int, fps: float, liveliness: float, blinks: float
) -> dict[str, Tensor]:
    def wander(seconds: float) -> Tensor:
        return _wander(generator, frames, fps, 1, seconds)[:, 0]

    def sometimes(seconds: float, threshold: float, gain: float = 0.9) -> Tensor:
        return (gain * (wander(seconds) - threshold)).clamp(0, 1) * liveliness

    talking = torch.sigmoid(4 * (wander(1.5) + 0.3))
    syllables = (0.55 + 0.5 * wander(0.11)).clamp(min=0)
    smile = sometimes(1.2, 0.3)
    laugh = smile * (0.8 * wander(1.5)).clamp(0, 1)  # some smiles show teeth
    jaw = talking * 0.42 * syllables + sometimes(0.9, 1.3, 1.2) + 0.25 * laugh
    jaw = jaw.clamp(0, 1)
    lopsided = 0.15 * wander(1.0)
    brow = 0.7 * wander(0.8)
    asymmetry = 0.25 * wander(0.9)
    squint = sometimes(0.9, 0.9, 0.6)
    return {
        "jaw_open": jaw,
        "smile_left": (smile * (1 + lopsided)).clamp(0, 1),
        "smile_right": (smile * (1 - lopsided)).clamp(0, 1),
        "pucker": (talking * 0.5 * wander(0.2).clamp(min=0) + sometimes(0.8, 1.5)).clamp(0, 1)
        * (1 - smile),
        "wide": (talking * 0.4 * wander(0.25).clamp(min=0)).clamp(0, 1),
        "frown": sometimes(1.0, 1.0) * (1 - smile),
        "upper_lip": (talking * 0.5 * wander(0.2) + 0.9 * laugh).clamp(0, 1),
        "lower_lip": (talking * 0.6 * wander(0.2) + 0.7 * laugh).clamp(0, 1),
        "press": sometimes(0.6, 1.2) * (1 - jaw).square(),
        "cheek_puff": sometimes(0.8, 1.7) * (1 - jaw),
        "brow_inner": (brow + asymmetry).clamp(0, 1) * liveliness,
        "brow_outer_left": (brow + asymmetry).clamp(0, 1) * liveliness,
        "brow_outer_right": (brow - asymmetry).clamp(0, 1) * liveliness,
        "brow_down": (-brow - 0.25).clamp(0, 1) * liveliness,
        "jaw_side": (0.25 * wander(0.7)).clamp(-1, 1) * liveliness,
        "wide_eyes": sometimes(0.7, 1.2),
        "squint": squint,
        **_blinks(generator, frames, fps, blinks),
        **_gaze(generator, frames, fps, liveliness),
    }


def _wander(
    generator: torch.Generator, frames: int, fps: float, count: int, seconds: float
) -> Tensor:
    """(frames, count): smooth random curves of unit spread that forget themselves in `seconds`.

    An Ornstein-Uhlenbeck process, smoothed twice so that speed and acceleration are continuous.
    """
    keep = math.exp(-3 / (seconds * fps))
    warm_up = round(3 * seconds * fps) + 1
    values = torch.randn(frames + warm_up, count, generator=generator)
    for _ in range(3):
        state = values[0]
        smoothed = []
        for value in values:
            state = keep * state + (1 - keep) * value
            smoothed.append(state)
        values = torch.stack(smoothed)
    # Variance of white noise after three equal one-pole filters.
    share = keep * keep
    variance = (1 - keep) ** 6 * (1 + 4 * share + share**2) / (1 - share) ** 5
    return values[warm_up:] / math.sqrt(variance)


def _blinks(generator: torch.Generator, frames: int, fps: float, often: float) -> dict[str, Tensor]:
    """Quick closings every few seconds, sometimes of one eye, sometimes held."""
    left, right = torch.zeros(frames), torch.zeros(frames)
    times = torch.arange(frames) / fps
    now = float(torch.rand((), generator=generator)) * 2 / often
    while now < frames / fps:
        draws = torch.rand(4, generator=generator).tolist()
        hold = 0.03 + (0.6 * draws[0] if draws[1] < 0.15 else 0.0)
        fall = ((times - now) / 0.08 + 1).clamp(0, 1)
        rise = ((now + hold - times) / 0.16 + 1).clamp(0, 1)
        shut = torch.minimum(fall, rise)
        shut = shut.square() * (3 - 2 * shut)
        if draws[2] > 0.1:
            left = torch.maximum(left, shut)
        if draws[2] < 0.9:
            right = torch.maximum(right, shut)
        now += hold + (0.5 + 4.0 * draws[3]) / often
    return {"blink_left": left, "blink_right": right}


def _gaze(
    generator: torch.Generator, frames: int, fps: float, liveliness: float
) -> dict[str, Tensor]:
    """Eyes rest on a point, then jump."""
    x, y = torch.zeros(frames), torch.zeros(frames)
    frame = 0
    while frame < frames:
        draws = torch.randn(2, generator=generator) * liveliness
        length = round(fps * (0.3 + 2 * float(torch.rand((), generator=generator))))
        x[frame : frame + length] = float((0.4 * draws[0]).clamp(-1, 1))
        y[frame : frame + length] = float((0.3 * draws[1]).clamp(-1, 1))
        frame += max(1, length)
    return {"gaze_x": x, "gaze_y": y}

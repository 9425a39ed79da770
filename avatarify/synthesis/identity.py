"""Who is shown: the numbers that describe one person, their light and their camera."""

import math
from dataclasses import dataclass, field
from typing import Literal

import torch

from avatarify.synthesis.shape import SHAPE_NAMES

Style = Literal["real", "cartoon"]
Color = tuple[float, float, float]
"""Linear-looking RGB as it should appear under white light, 0..1."""

HAIR_STYLES = (
    "bald",
    "buzz",
    "short",
    "swept",
    "curly",
    "afro",
    "bun",
    "bob",
    "fringe",
    "long",
    "wavy",
)
BACKGROUNDS = ("plain", "gradient", "room", "blobs")
"""What random people have behind them; the gallery has an "interior"."""


@dataclass(frozen=True, slots=True)
class Identity:
    """One person in front of one camera; a value, so equal seeds make equal people."""

    seed: int = 0
    """Seeds everything too small to be named: pores, strands, the shapes in the background."""

    style: Style = "real"
    shape: dict[str, float] = field(default_factory=dict)
    """Coefficients by `SHAPE_NAMES`, about -1.5..1.5; missing ones are 0."""

    skin: Color = (0.85, 0.66, 0.56)
    redness: float = 0.5
    freckles: float = 0.0
    wrinkles: float = 0.0
    roughness: float = 0.6
    """0 oily .. 1 matt."""

    lips: Color = (0.72, 0.42, 0.40)
    makeup: float = 0.0
    lashes: float = 0.4
    eyes: Color = (0.35, 0.25, 0.15)
    pupil: float = 0.42
    """Radius of the pupil relative to the iris."""

    lid_open: float = 0.56
    """Opening of the upper lid, radians around the eyeball."""

    lower_lid_open: float = 0.2
    eye_tilt: float = 0.04
    """Height of the outer corner of the eye, radians around the eyeball."""

    lid_crease: float = 0.8

    hair_style: str = "short"
    hair: Color = (0.22, 0.14, 0.09)
    hair_gray: float = 0.0
    hairline: float = 0.0
    """Centimetres by which the hairline recedes."""

    hair_volume: float = 1.0
    parting: float = 0.3
    """-1 .. 1: where the hair parts, towards the viewer's left or right."""

    brows: Color = (0.2, 0.13, 0.09)
    brow_thickness: float = 0.5
    brow_arch: float = 0.5
    brow_height: float = -0.6
    """Centimetres, less is nearer to the eyes; 0 already looks surprised."""

    brow_density: float = 0.8

    stubble: float = 0.0
    beard: float = 0.0
    """Thickness of a full beard, 0 none .. 1."""

    moustache: float = 0.0

    glasses: str = "none"
    """"none", "round", "square" or "thin"."""

    glasses_color: Color = (0.1, 0.1, 0.12)

    cloth: Color = (0.25, 0.3, 0.4)
    collar: Color = (0.25, 0.3, 0.4)
    collar_height: float = 0.3
    shoulders: float = 1.0

    background: str = "gradient"
    backdrop: Color = (0.7, 0.72, 0.75)
    backdrop_accent: Color = (0.5, 0.53, 0.6)

    light_azimuth: float = -35.0
    """Direction of the key light, degrees to the viewer's right of the camera."""

    light_elevation: float = 30.0
    key: Color = (1.0, 0.96, 0.9)
    ambient: Color = (0.5, 0.53, 0.58)
    rim: float = 0.2
    exposure: float = 1.0

    camera_distance: float = 75.0
    """Centimetres from the camera to the middle of the head."""

    framing: float = 1.0
    """Side of the picture relative to the project's framing (1.9 x the landmark box)."""

    noise: float = 0.0
    """Standard deviation of the sensor's noise, 0..1 units."""

    blur: float = 0.0
    """Sigma of the lens blur, in 1/256 of the picture's side."""


_SKIN_RAMP = (
    (0.93, 0.78, 0.70), (0.90, 0.72, 0.62), (0.85, 0.66, 0.54), (0.76, 0.56, 0.43),
    (0.62, 0.43, 0.31), (0.47, 0.31, 0.22), (0.34, 0.22, 0.16),
)  # fmt: skip
_HAIR_COLORS = (
    (0.05, 0.045, 0.045), (0.10, 0.07, 0.05), (0.20, 0.13, 0.08), (0.33, 0.21, 0.12),
    (0.50, 0.34, 0.19), (0.72, 0.55, 0.33), (0.45, 0.20, 0.10), (0.62, 0.60, 0.58),
)  # fmt: skip
_EYE_COLORS = (
    (0.22, 0.13, 0.07), (0.32, 0.2, 0.1), (0.38, 0.32, 0.16), (0.25, 0.38, 0.22),
    (0.3, 0.45, 0.6), (0.42, 0.5, 0.55),
)  # fmt: skip


class _Dice:
    """Draws from one generator, with the ranges written where they are used."""

    def __init__(self, generator: torch.Generator) -> None:
        self._generator = generator

    def uniform(self, low: float, high: float) -> float:
        return low + (high - low) * float(torch.rand((), generator=self._generator))

    def normal(self, spread: float = 1.0, limit: float = 2.0) -> float:
        value = float(torch.randn((), generator=self._generator))
        return spread * max(-limit, min(limit, value))

    def chance(self, probability: float) -> bool:
        return self.uniform(0, 1) < probability

    def pick(self, options: tuple[str, ...]) -> str:
        return options[int(torch.randint(len(options), (), generator=self._generator))]

    def color(self, spread: float = 1.0) -> Color:
        base = self.uniform(0.05, 0.9)
        r, g, b = (min(1.0, max(0.02, base + self.normal(0.2 * spread))) for _ in range(3))
        return r, g, b

    def ramp(self, colors: tuple[Color, ...]) -> Color:
        position = self.uniform(0, len(colors) - 1 - 1e-6)
        index = int(position)
        share = position - index
        r, g, b = (
            min(1.0, max(0.0, first + share * (second - first) + self.normal(0.015)))
            for first, second in zip(colors[index], colors[index + 1], strict=True)
        )
        return r, g, b


def random_identity(generator: torch.Generator, style: Style = "real") -> Identity:
    """Draw a person.

    Args:
        generator: The only source of randomness.
        style: "real" for believable proportions; "cartoon" for large eyes and clean colours.
    """
    dice = _Dice(generator)
    spread = 0.75 if style == "real" else 0.9
    shape = {name: dice.normal(spread, 1.8) for name in SHAPE_NAMES}
    masculine = dice.chance(0.5)
    _sway(shape, masculine, style)
    hair = dice.ramp(_HAIR_COLORS)
    old = dice.uniform(0, 1) ** 2
    skin = dice.ramp(_SKIN_RAMP)
    dark = 1 - skin[0]
    bearded = masculine and dice.chance(0.35)
    glasses = dice.pick(("round", "square", "thin")) if dice.chance(0.25) else "none"
    lips_mix = dice.uniform(0.15, 0.55)
    styles = HAIR_STYLES[:6] if masculine else HAIR_STYLES[2:]
    cloth = dice.color()
    return Identity(
        seed=int(torch.randint(2**31 - 1, (), generator=generator)),
        style=style,
        shape=shape,
        skin=skin,
        redness=dice.uniform(0.1, 0.9),
        freckles=dice.uniform(0.2, 1) if dice.chance(0.15) and dark < 0.3 else 0.0,
        wrinkles=old if style == "real" else old * 0.3,
        roughness=dice.uniform(0.35, 0.85),
        lips=_mix(skin, (0.62, 0.22, 0.25), lips_mix + (0.2 if not masculine else 0)),
        makeup=0.0 if masculine else dice.uniform(0, 1),
        lashes=dice.uniform(0.1, 0.5) + (0 if masculine else 0.4),
        eyes=dice.ramp(_EYE_COLORS) if dark < 0.35 else dice.ramp(_EYE_COLORS[:2]),
        pupil=dice.uniform(0.32, 0.55),
        lid_open=dice.uniform(0.44, 0.64) + (0.08 if style == "cartoon" else 0),
        lower_lid_open=dice.uniform(0.12, 0.26),
        eye_tilt=dice.normal(0.06),
        lid_crease=dice.uniform(0.1, 1.0),
        hair_style=dice.pick(styles),
        hair=_mix(hair, (0.7, 0.69, 0.67), max(0.0, old * 1.6 - 0.7)),
        hairline=max(0.0, dice.normal(0.8)) if masculine else dice.uniform(-0.4, 0.4),
        hair_volume=dice.uniform(0.6, 1.5),
        parting=dice.uniform(-0.8, 0.8),
        brows=_mix(hair, (0.08, 0.06, 0.05), 0.5),
        brow_thickness=dice.uniform(0.3, 0.6) + (0.25 if masculine else 0),
        brow_arch=dice.uniform(0, 1),
        brow_height=-0.6 + dice.normal(0.15),
        brow_density=dice.uniform(0.5, 1.0),
        stubble=dice.uniform(0, 0.8) if masculine else 0.0,
        beard=dice.uniform(0.2, 0.75) if bearded else 0.0,
        moustache=dice.uniform(0.3, 1) if bearded or (masculine and dice.chance(0.1)) else 0.0,
        glasses=glasses,
        glasses_color=_mix(dice.color(), (0.05, 0.05, 0.06), dice.uniform(0.3, 1)),
        cloth=cloth,
        collar=dice.color() if dice.chance(0.3) else cloth,
        collar_height=dice.uniform(0, 1),
        shoulders=dice.uniform(0.82, 1.0) + (0.15 if masculine else 0),
        background=dice.pick(BACKGROUNDS),
        backdrop=dice.color(0.5),
        backdrop_accent=dice.color(0.7),
        light_azimuth=dice.uniform(-75, 75),
        light_elevation=dice.uniform(-5, 60),
        key=_tint(dice, dice.uniform(0.35, 1.0)),
        ambient=_tint(dice, dice.uniform(0.35, 0.75)),
        rim=dice.uniform(0, 0.6),
        exposure=math.exp(dice.normal(0.14)),
        camera_distance=math.exp(dice.uniform(math.log(45), math.log(120))),
        framing=math.exp(dice.normal(0.05)),
        noise=dice.uniform(0, 0.02) if style == "real" else 0.0,
        blur=max(0.0, dice.uniform(-0.6, 0.8)) if style == "real" else 0.0,
    )


def _sway(shape: dict[str, float], masculine: bool, style: Style) -> None:
    """Typical differences that go together."""
    lean = 0.5 if masculine else -0.5
    for name in ("jaw_width", "chin_width", "brow_ridge", "neck_width", "nose_width"):
        shape[name] += lean
    for name in ("upper_lip_fullness", "lower_lip_fullness", "eye_size"):
        shape[name] -= lean
    if style == "cartoon":
        shape["eye_size"] = 2.2 + 0.8 * shape["eye_size"]
        shape["nose_length"] -= 0.8
        shape["nose_tip_up"] += 0.8


def _tint(dice: _Dice, level: float) -> Color:
    warm = dice.normal(0.07)
    return level * (1 + warm), level, level * (1 - warm)


def _mix(first: Color, second: Color, share: float) -> Color:
    share = min(1.0, max(0.0, share))
    r, g, b = (a + share * (c - a) for a, c in zip(first, second, strict=True))
    return r, g, b

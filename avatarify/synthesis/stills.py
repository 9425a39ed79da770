"""People whom nobody has seen, in the poses that are hard to animate."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch

from avatarify.synthesis.identity import Identity, random_identity
from avatarify.synthesis.motion import Motion, express, neutral

_TRIES = 400


@dataclass(frozen=True, slots=True, eq=False)
class StillPlan:
    """Who is drawn, and how."""

    kind: str
    """A key of `KINDS`."""

    identity: Identity
    motion: Motion
    """One frame."""


@dataclass(frozen=True, slots=True)
class StillKind:
    """What makes a still of its kind."""

    fits: Callable[[Identity], bool]
    expression: dict[str, float]
    yaw_deg: float = 0.0


def _anybody(identity: Identity) -> bool:
    return identity.glasses == "none"


KINDS: dict[str, StillKind] = {
    "plain": StillKind(_anybody, {}),
    "glasses": StillKind(lambda who: who.glasses != "none", {}),
    "beard": StillKind(lambda who: who.beard > 0.3, {}),
    "long_hair": StillKind(lambda who: who.hair_style in ("long", "wavy"), {}),
    "three_quarter": StillKind(_anybody, {}, yaw_deg=32.0),
    "open_mouth": StillKind(
        _anybody, {"jaw_open": 0.45, "smile_left": 0.5, "smile_right": 0.5, "upper_lip": 0.4}
    ),
}
"""Stills take turns through these."""


def plan_still(seed: int, index: int) -> StillPlan:
    """Decide who is drawn in still `index` of a series, and how."""
    generator = torch.Generator().manual_seed(seed * 1_000_003 + 500_009 + index)
    kind = tuple(KINDS)[index % len(KINDS)]
    wanted = KINDS[kind]
    identity = next(
        drawn for drawn in (random_identity(generator) for _ in range(_TRIES)) if wanted.fits(drawn)
    )
    side = 1.0 if float(torch.rand((), generator=generator)) < 0.5 else -1.0
    motion = neutral()._replace(rotation_deg=torch.tensor([[side * wanted.yaw_deg, 0.0, 0.0]]))
    calm = replace(identity, background="interior", noise=0.0, blur=0.0)
    return StillPlan(kind, calm, express(motion, **wanted.expression))

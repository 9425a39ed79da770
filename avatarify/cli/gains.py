"""The arguments that weigh the parts of a face apart, shared by `run` and `animate`."""

import argparse
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from avatarify.geometry.face_gains import FaceGains

_PARTS = {
    "turn": "the head's turns",
    "shift": "the head's way to the sides, up and nearer",
    "mouth": "lips, jaw and cheeks",
    "eyes": "the lids",
    "brows": "brows and forehead",
    "gaze": "where the eyes look",
}


def add_gains(parser: argparse.ArgumentParser) -> None:
    """Declare `--gain-turn` and the others."""
    group = parser.add_argument_group(
        "gains", "how much of each part of the motion arrives: 0 nothing, 1 as it is, 2 twice"
    )
    for part, meaning in _PARTS.items():
        group.add_argument(f"--gain-{part}", type=_gain, metavar="G", help=meaning)


def read_gains(arguments: argparse.Namespace, kept: "FaceGains | None" = None) -> "FaceGains":
    """Return what was given.

    Args:
        arguments: From the parser.
        kept: Holds for parts of which nothing was said; 1 by default.
    """
    from avatarify.geometry.face_gains import FaceGains

    said = {part: getattr(arguments, f"gain_{part}") for part in _PARTS}
    given = {part: gain for part, gain in said.items() if gain is not None}
    return replace(kept or FaceGains(), **given)


def _gain(text: str) -> float:
    try:
        gain = float(text)
    except ValueError:
        gain = -1.0
    if not 0.0 <= gain <= 2.0:
        raise argparse.ArgumentTypeError(f"a number from 0 to 2, not {text!r}")
    return gain

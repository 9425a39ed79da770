"""The arguments that choose one of several faces."""

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from avatarify.tracking.face_choice import FaceChoice

_METAVAR = "N|left|right"


def add_face(
    parser: argparse.ArgumentParser | argparse._ArgumentGroup, *, has_portrait: bool = True
) -> None:
    """Declare `--face`, and `--avatar-face` where a portrait may show several faces too."""
    also = ", in portrait and clip" if has_portrait else ""
    parser.add_argument(
        "--face",
        type=_checked,
        metavar=_METAVAR,
        help=f"which of several faces{also}: N counts from the left (default: the largest)",
    )
    if has_portrait:
        parser.add_argument(
            "--avatar-face",
            type=_checked,
            metavar=_METAVAR,
            help="which of several faces in the portrait, if it is another one",
        )


def driving_face(arguments: argparse.Namespace) -> "FaceChoice":
    """Whose motion is taken."""
    from avatarify.tracking.face_choice import FaceChoice

    return FaceChoice.parse(arguments.face or "")


def avatar_face(arguments: argparse.Namespace) -> "FaceChoice":
    """Who is moved."""
    from avatarify.tracking.face_choice import FaceChoice

    return FaceChoice.parse(arguments.avatar_face or arguments.face or "")


def telling_of_portraits(tell: Callable[[str], None]) -> Callable[[str], None]:
    """Add to what is told of a portrait's faces how to choose one."""
    return lambda words: tell(f"{words} Choose with --avatar-face left, right or a number.")


def _checked(text: str) -> str:
    word = text.strip().lower()
    is_number = word.isascii() and word.isdecimal() and 0 < int(word) <= 99
    if word not in ("left", "right") and not is_number:
        raise argparse.ArgumentTypeError(f"left, right, or a number from 1, not {text!r}")
    return word

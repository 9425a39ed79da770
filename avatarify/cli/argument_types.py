"""Kinds of arguments that several commands take."""

import argparse


def frame_rate(text: str) -> float:
    """Read frames per second, above 0 and up to 1000."""
    try:
        fps = float(text)
    except ValueError:
        fps = 0.0
    if not 0 < fps <= 1000:
        raise argparse.ArgumentTypeError(f"a number above 0, up to 1000, not {text!r}")
    return fps


def add_rotate(
    parser: argparse.ArgumentParser | argparse._ArgumentGroup, default: int | None = 0
) -> None:
    """Declare `--rotate`.

    Args:
        parser: Of a command that reads what a camera saw.
        default: What it is where it is not given; None where something is remembered.
    """
    parser.add_argument(
        "--rotate",
        type=int,
        choices=(0, 90, 180, 270),
        default=default,
        help="turn the pictures of camera, clip or folder clockwise by so many degrees",
    )

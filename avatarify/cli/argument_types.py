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

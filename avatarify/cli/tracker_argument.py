"""The argument that chooses a face tracker."""

import argparse


def add_tracker(parser: argparse.ArgumentParser | argparse._ArgumentGroup) -> None:
    """Declare `--tracker`."""
    parser.add_argument(
        "--tracker",
        choices=["auto", "own", "mediapipe"],
        default="auto",
        help="which face tracker (default: auto, mediapipe's where its file is installed and works "
        "here, else our own)",
    )

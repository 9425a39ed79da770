"""`avatarify explain`: one picture of how the portrait follows one driving frame."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from avatarify.cli import DONE
from avatarify.cli.argument_types import add_rotate
from avatarify.cli.face_argument import (
    add_face,
    avatar_face,
    driving_face,
    telling_of_portraits,
)
from avatarify.cli.tracker_argument import add_tracker

if TYPE_CHECKING:  # these import torch, which `--help` must not
    from avatarify.animation.animator import PortraitAnimator
    from avatarify.session.offline.explain import ExplainSettings

HELP = (
    "Draw how a portrait follows one driving frame: keypoints, sparse motion, masks, dense flow, "
    "occlusion, result."
)

DEFAULT_MODEL = "face"
"""Moves portraits by the landmarks of a face."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--avatar", type=Path, required=True, metavar="IMAGE", help="the portrait")
    parser.add_argument(
        "--driving",
        type=Path,
        required=True,
        metavar="IMAGE|VIDEO|MOTION.npz",
        help="a face; in a clip, the frame that moved most is explained",
    )
    parser.add_argument(
        "--output", type=Path, required=True, metavar="FILE.png", help="the picture"
    )
    parser.add_argument(
        "--model",
        default=DEFAULT_MODEL,
        metavar="NAME|PATH",
        help="see `avatarify models list` (default: %(default)s)",
    )
    parser.add_argument(
        "--config", type=Path, metavar="YAML", help="of a published checkpoint, if not beside it"
    )
    parser.add_argument(
        "--crop",
        choices=["auto", "none"],
        default="auto",
        help="auto: cut squares around the faces; none: use the images as they are "
        "(default: %(default)s)",
    )
    add_rotate(parser)
    add_face(parser)
    add_tracker(parser)


def run(arguments: argparse.Namespace) -> int:
    """Draw the picture."""
    from avatarify.media.output_errors import refuse_unwritable

    refuse_unwritable(arguments.output)
    if arguments.model == DEFAULT_MODEL:
        _explain_face(arguments)
    else:
        _explain_model(arguments)
    print(f"Wrote {arguments.output}.")
    return DONE


def _explain_face(arguments: argparse.Namespace) -> None:
    from avatarify.errors import FaceNotFoundError
    from avatarify.session.avatars.portrait_file import read_portrait
    from avatarify.session.keeping.tracker_choice import find_tracker
    from avatarify.session.offline.face_explain import explain_face

    settings = _settings(arguments, crops=True)
    avatar = read_portrait(arguments.avatar, settings.avatar_face, telling_of_portraits(_say))
    if not avatar.has_face:
        raise FaceNotFoundError(
            f"No human face is known in {arguments.avatar}, or the face tracker is missing. Use a "
            "portrait from the front, or --model compact."
        )
    explain_face(settings, avatar, find_tracker(arguments.tracker), _say)


def _explain_model(arguments: argparse.Namespace) -> None:
    from avatarify.session.keeping.tracker_choice import find_tracker
    from avatarify.session.offline.explain import explain
    from avatarify.zoo import store

    model_file = store.locate(arguments.model)
    tracker_file = find_tracker(arguments.tracker)
    crops = arguments.crop == "auto"
    if crops and tracker_file is None:
        print(
            "avatarify: The face tracker is missing, so a square in the middle is used instead of "
            "the face. Get it with `avatarify models pull face-landmarker`.",
            file=sys.stderr,
        )
    settings = _settings(arguments, crops=crops)
    explain(settings, lambda: _load_animator(model_file, arguments.config), tracker_file, _say)


def _settings(arguments: argparse.Namespace, *, crops: bool) -> "ExplainSettings":
    from avatarify.session.offline.explain import ExplainSettings

    return ExplainSettings(
        arguments.avatar,
        arguments.driving,
        arguments.output,
        driving_face(arguments),
        avatar_face(arguments),
        arguments.rotate,
        crops,
    )


def _say(text: str) -> None:
    print(f"avatarify: {text}", file=sys.stderr)


def _load_animator(model_file: Path, config: Path | None) -> "PortraitAnimator":
    from avatarify.animation.animator import PortraitAnimator
    from avatarify.animation.checkpoint import load_model
    from avatarify.animation.torch_engine import TorchEngine

    return PortraitAnimator(TorchEngine(load_model(model_file, config)))

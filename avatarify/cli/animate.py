"""`avatarify animate`: a portrait and a clip of a face in, the portrait moving like it out."""

import argparse
import sys
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from avatarify.cli import DONE, INTERRUPTED
from avatarify.cli.argument_types import add_rotate, frame_rate
from avatarify.cli.face_argument import (
    add_face,
    avatar_face,
    driving_face,
    telling_of_portraits,
)
from avatarify.cli.gains import add_gains, read_gains
from avatarify.cli.progress import Progress, interruptible
from avatarify.cli.tracker_argument import add_tracker

if TYPE_CHECKING:  # these import torch and OpenCV, which `--help` must not
    from avatarify.session.offline.face_animation import FaceAnimation
    from avatarify.session.offline.offline_animation import OfflineAnimation
    from avatarify.session.offline.settings import OfflineAnimator, OfflineSettings

HELP = "Animate a portrait with the motion of a face in a video or a folder of images."

DEFAULT_MODEL = "face"
"""Moves portraits by the landmarks of a face."""

SUBSTITUTE_MODEL = "compact"
"""Moves portraits in which no human face is known."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    files = parser.add_argument_group("files")
    files.add_argument("--avatar", type=Path, required=True, metavar="IMAGE", help="the portrait")
    files.add_argument(
        "--driving",
        type=Path,
        required=True,
        metavar="VIDEO|FOLDER|MOTION.npz",
        help="the face whose motion is taken: a video, a folder of images in order, or motion "
        "that `avatarify track` saved",
    )
    files.add_argument(
        "--output",
        required=True,
        metavar="FILE.mp4|FILE.webm|FOLDER/",
        help="a video with the driving video's sound, one with alpha, or a folder for PNGs",
    )
    add_rotate(files)
    _add_model_arguments(parser.add_argument_group("model"))
    _add_motion_arguments(parser.add_argument_group("motion"))
    add_gains(parser)
    add_face(parser)
    add_tracker(parser)
    picture = parser.add_argument_group("picture")
    picture.add_argument(
        "--background",
        default="own",
        metavar="own|blur|green|#rrggbb|IMAGE|transparent",
        help="behind the person (default: the portrait's own room); transparent wants a .webm file "
        "or a folder for PNGs",
    )
    picture.add_argument(
        "--painter",
        action="store_true",
        help="let a small network correct the mouth in the end (slower, and hardly to be seen)",
    )
    picture.add_argument("--size", type=_size, metavar="N", help="height of the output in pixels")
    picture.add_argument(
        "--fps",
        type=frame_rate,
        metavar="F",
        help="frames per second (default: the driving video's; 25 for a folder)",
    )
    picture.add_argument(
        "--side-by-side", action="store_true", help="put portrait and driving frame beside it"
    )


def _add_model_arguments(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--model",
        metavar="NAME|PATH",
        help=f"see `avatarify models list` (default: {DEFAULT_MODEL}, or {SUBSTITUTE_MODEL} where "
        "no human face is known or the options are a motion model's)",
    )
    group.add_argument(
        "--config", type=Path, metavar="YAML", help="of a published checkpoint, if not beside it"
    )
    group.add_argument("--device", choices=["auto", "cpu", "cuda", "mps"], default="auto")
    group.add_argument(
        "--precision",
        choices=["auto", "fp32", "fp16", "bf16", "int8"],
        default="auto",
        help="auto: what `run` takes, which differs by less than anyone sees; for published models "
        "on a processor exact, which is fp32 (default: auto)",
    )
    group.add_argument(
        "--backend",
        choices=["auto", "openvino", "torch", "reference"],
        default="auto",
        help="what runs the model (default: the fastest that paints the same; reference is slow)",
    )


def _add_motion_arguments(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--motion",
        choices=["relative", "absolute"],
        default="relative",
        help="relative: the portrait keeps its shape and moves by what the face has moved since "
        "the reference frame; absolute: it takes the face's pose and shape (default: %(default)s)",
    )
    group.add_argument(
        "--reference",
        type=_reference,
        metavar="auto|N",
        help="the driving frame that shows the face as the portrait does: auto looks for it, N "
        "is its index from 0 (default: auto)",
    )
    group.add_argument(
        "--scale",
        choices=["adapt", "none"],
        default="adapt",
        help="adapt: scale relative motion by the size of the faces (default: %(default)s)",
    )
    group.add_argument(
        "--crop",
        choices=["auto", "none"],
        default="auto",
        help="auto: cut squares around the faces; none: use the images as they are "
        "(default: %(default)s)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Animate."""
    from avatarify.frames import frames_of
    from avatarify.media.file_choice import refuse_sink

    refuse_sink(arguments.output)
    with interruptible() as stop, Progress() as progress:
        by_face = _face_animation(arguments, progress, stop)
        animation = by_face or _model_animation(arguments, progress, stop)
        written = animation.run()
    if stop.is_set():
        holds = f"{arguments.output} holds {frames_of(written)}."
        kept = holds if written else "Nothing was written."
        print(f"Stopped. {kept}", file=sys.stderr)
        return INTERRUPTED
    print(f"Wrote {arguments.output} ({frames_of(written)}).")
    return DONE


def _wants_face_engine(arguments: argparse.Namespace) -> bool:
    """Whether nothing was asked for that only motion models have."""
    if arguments.model is not None:
        return arguments.model == DEFAULT_MODEL
    if arguments.background != "own":
        return True  # motion models know no person
    is_plain = arguments.motion == "relative" and arguments.scale == "adapt"
    return is_plain and arguments.crop == "auto" and arguments.config is None


def _face_animation(
    arguments: argparse.Namespace, progress: Progress, stop: Event
) -> "FaceAnimation | None":
    """Prepare the face engine, or say why the compact model does it."""
    from avatarify.session.avatars.portrait_file import read_portrait
    from avatarify.session.keeping.tracker_choice import find_tracker
    from avatarify.session.offline.face_animation import FaceAnimation

    if not _wants_face_engine(arguments):
        return None
    tracker = find_tracker(arguments.tracker)
    is_saved = arguments.driving.suffix.lower() == ".npz"
    if tracker is None and not is_saved and arguments.model is None:
        return None
    tell = telling_of_portraits(progress.notice)
    avatar = read_portrait(arguments.avatar, avatar_face(arguments), tell)
    if avatar.has_face:
        return FaceAnimation(
            _settings(arguments),
            avatar,
            tracker,
            progress,
            stop,
            gains=read_gains(arguments),
            has_painter=arguments.painter,
        )
    if is_saved or arguments.model is not None or arguments.background != "own":
        from avatarify.errors import FaceNotFoundError

        raise FaceNotFoundError(
            f"No human face is known in {arguments.avatar}, and the face engine needs one. Use a "
            "portrait from the front, or drive --model compact with a video."
        )
    progress.notice(f"No human face was found in {arguments.avatar}: the compact model moves it.")
    return None


def _model_animation(
    arguments: argparse.Namespace, progress: Progress, stop: Event
) -> "OfflineAnimation":
    from avatarify.session.keeping.tracker_choice import find_tracker
    from avatarify.session.offline.offline_animation import OfflineAnimation
    from avatarify.zoo import store

    model_file = store.locate(arguments.model or SUBSTITUTE_MODEL)
    return OfflineAnimation(
        _settings(arguments),
        lambda: _load_animator(arguments, model_file, progress),
        find_tracker(arguments.tracker),
        progress,
        stop,
    )


def _settings(arguments: argparse.Namespace) -> "OfflineSettings":
    from avatarify.session.offline.settings import OfflineSettings

    return OfflineSettings(
        avatar=arguments.avatar,
        driving=arguments.driving,
        output=arguments.output,
        rotation=arguments.rotate,
        face=driving_face(arguments),
        avatar_face=avatar_face(arguments),
        reference=arguments.reference,
        uses_reference=arguments.motion == "relative",
        crops=arguments.crop == "auto",
        size=arguments.size,
        fps=arguments.fps,
        background=arguments.background,
        is_side_by_side=arguments.side_by_side,
    )


def _load_animator(
    arguments: argparse.Namespace, model_file: Path, progress: Progress
) -> "OfflineAnimator":
    from avatarify.session.keeping.loading import without_collections

    with without_collections():
        from avatarify.animation.settings import MotionSettings
        from avatarify.session.offline.model import load_animator

        return load_animator(
            model_file,
            arguments.config,
            MotionSettings(arguments.motion, adapt_scale=arguments.scale == "adapt"),
            progress,
            device=arguments.device,
            precision=arguments.precision,
            backend=arguments.backend,
        )


def _reference(text: str) -> int | None:
    if text == "auto":
        return None
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"auto or a frame's index from 0, not {text!r}")
    return int(text)


def _size(text: str) -> int:
    if not text.isdecimal() or not 16 <= int(text) <= 4096:
        raise argparse.ArgumentTypeError(f"16 to 4096 pixels, not {text!r}")
    return int(text)

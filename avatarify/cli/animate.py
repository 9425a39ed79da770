"""`avatarify animate`: a portrait and a clip of a face in, the portrait moving like it out."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from avatarify.cli import DONE, INTERRUPTED
from avatarify.cli.argument_types import frame_rate
from avatarify.cli.progress import Progress, interruptible

if TYPE_CHECKING:  # these import torch and OpenCV, which `--help` must not
    from avatarify.session.offline.settings import OfflineAnimator, OfflineSettings

HELP = "Animate a portrait with the motion of a face in a video or a folder of images."

DEFAULT_MODEL = "compact"
"""The model that comes with the program."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    files = parser.add_argument_group("files")
    files.add_argument("--avatar", type=Path, required=True, metavar="IMAGE", help="the portrait")
    files.add_argument(
        "--driving",
        type=Path,
        required=True,
        metavar="VIDEO|FOLDER",
        help="the face whose motion is taken: a video, or a folder of images in order",
    )
    files.add_argument(
        "--output",
        required=True,
        metavar="FILE.mp4|FOLDER/",
        help="a video with the driving video's sound, or a folder for lossless PNGs",
    )
    _add_model_arguments(parser.add_argument_group("model"))
    _add_motion_arguments(parser.add_argument_group("motion"))
    picture = parser.add_argument_group("picture")
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
        help=f"see `avatarify models list` (default: {DEFAULT_MODEL})",
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
    from avatarify.session.offline.offline_animation import OfflineAnimation
    from avatarify.zoo import store

    model_file = store.locate(arguments.model) if arguments.model else _default_model()
    progress = Progress()
    with interruptible() as stop, progress:
        animation = OfflineAnimation(
            _settings(arguments),
            lambda: _load_animator(arguments, model_file, progress),
            store.find("face_landmarker.task"),
            progress,
            stop,
        )
        written = animation.run()
    if stop.is_set():
        kept = f"{arguments.output} holds {written} frames." if written else "Nothing was written."
        print(f"Stopped. {kept}", file=sys.stderr)
        return INTERRUPTED
    print(f"Wrote {arguments.output} ({written} frames).")
    return DONE


def _default_model() -> Path:
    from avatarify.errors import CheckpointError
    from avatarify.zoo import store

    path = store.find(DEFAULT_MODEL + store.MODEL_SUFFIX)
    if path is None:
        raise CheckpointError(
            f"The default model {DEFAULT_MODEL} is not on this machine. Choose another one with "
            "--model: a checkpoint that you have, or `avatarify models pull vox-256` and --model "
            "vox-256."
        )
    return path


def _settings(arguments: argparse.Namespace) -> "OfflineSettings":
    from avatarify.session.offline.settings import OfflineSettings

    return OfflineSettings(
        avatar=arguments.avatar,
        driving=arguments.driving,
        output=arguments.output,
        reference=arguments.reference,
        uses_reference=arguments.motion == "relative",
        crops=arguments.crop == "auto",
        size=arguments.size,
        fps=arguments.fps,
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

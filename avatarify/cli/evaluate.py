"""`avatarify evaluate`: what a model does on people that it never saw, in numbers and pictures."""

import argparse
import sys
from pathlib import Path

from avatarify.cli import DONE
from avatarify.errors import SettingsError, TrackerError

DEFAULT_MODEL = "face"
SUBSTITUTE = "compact"

HELP = "measure a motion model on clips: likeness, landmarks, expression, flicker"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("--clips", type=Path, metavar="FOLDER", help="driving videos")
    parser.add_argument(
        "--turns",
        type=Path,
        metavar="FOLDER",
        help="compare the face engine with a motion model (--model, default: compact) on heads "
        "that `avatarify render --turns` drew, instead",
    )
    parser.add_argument(
        "--portraits",
        type=Path,
        action="append",
        default=[],
        metavar="FOLDER",
        help="stills to be driven by every clip; may be given several times",
    )
    parser.add_argument(
        "--model",
        default=DEFAULT_MODEL,
        metavar="NAME|PATH",
        help="face, or a motion model (default: %(default)s)",
    )
    parser.add_argument(
        "--layers",
        action="store_true",
        help="measure the face engine also with its layers left out",
    )
    parser.add_argument(
        "--tracker",
        choices=["mediapipe", "own"],
        default="mediapipe",
        help="who looks at the face engine's driver; own adds rows, and mediapipe's still measures "
        "all of them (default: %(default)s)",
    )
    parser.add_argument("--output", type=Path, required=True, metavar="FOLDER")
    parser.add_argument(
        "--people",
        type=_names,
        default=(),
        metavar="A,B,...",
        help="only clips of these people (or of these names)",
    )
    parser.add_argument(
        "--manifest",
        type=Path,
        metavar="CSV",
        help="who is seen in which file: columns file and person (default: MANIFEST.csv in or "
        "beside the folder, if there is one)",
    )
    parser.add_argument(
        "--stride", type=_count, default=1, metavar="N", help="take every n-th frame"
    )
    parser.add_argument(
        "--frames", type=_count, default=200, help="of a clip at most (default: %(default)s)"
    )
    parser.add_argument(
        "--cross-frames",
        type=_count,
        default=60,
        help="of a clip at most, for each portrait (default: %(default)s)",
    )
    parser.add_argument(
        "--trackers",
        action="store_true",
        help="compare the program's own face tracker with mediapipe's instead of a model",
    )
    parser.add_argument("--device", choices=["auto", "cpu", "cuda", "mps"], default="auto")
    parser.add_argument("--threads", type=_count, help="CPU threads of the model")


def run(arguments: argparse.Namespace) -> int:
    """Evaluate, print the tables, and leave them with the pictures in a folder."""
    import torch

    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    if arguments.turns is not None:
        return _turn_heads(arguments)
    if arguments.clips is None:
        raise SettingsError("Nothing to evaluate on. Give --clips or --turns.")
    return _evaluate(arguments)


def _evaluate(arguments: argparse.Namespace) -> int:
    from avatarify.training.evaluation.evaluation import EvaluationSettings, evaluate
    from avatarify.training.evaluation.face_methods import face_methods
    from avatarify.training.evaluation.methods import load_methods
    from avatarify.training.evaluation.report import as_text
    from avatarify.zoo import store

    tracker = store.find("face_landmarker.task")
    if tracker is None:
        raise TrackerError(
            "The face tracker is missing. Run `avatarify models pull face-landmarker`."
        )
    if arguments.trackers:
        return _compare_trackers(arguments, tracker)
    settings = EvaluationSettings(
        clips=arguments.clips,
        output=arguments.output,
        tracker=tracker,
        portraits=tuple(arguments.portraits),
        manifest=arguments.manifest,
        people=arguments.people,
        stride=arguments.stride,
        most_frames=arguments.frames,
        most_cross_frames=arguments.cross_frames,
    )
    if arguments.model == DEFAULT_MODEL:
        own = _own_tracker() if arguments.tracker == "own" else None
        name = DEFAULT_MODEL
        methods = face_methods(DEFAULT_MODEL, takes_apart=arguments.layers, own_tracker=own)
    elif arguments.tracker == "own":
        raise SettingsError("Motion models see pictures, not points: --tracker goes with face.")
    else:
        model = store.locate(arguments.model)
        name, methods = model.name, load_methods(model, arguments.device)
    evaluation = evaluate(
        settings, name, methods, lambda clip: print(f"avatarify: {clip}", file=sys.stderr)
    )
    print(as_text(evaluation), end="")
    return DONE


def _compare_trackers(arguments: argparse.Namespace, tracker: Path) -> int:
    from avatarify.media.output_errors import make_output_folder
    from avatarify.training.evaluation.report import write_text
    from avatarify.training.evaluation.tracker_survey import SurveySettings, survey
    from avatarify.training.evaluation.tracker_trials import Trackers

    settings = SurveySettings(
        Trackers(_own_tracker(), tracker),
        arguments.clips,
        tuple(arguments.portraits),
        arguments.people,
        arguments.manifest,
        arguments.frames,
    )
    text = survey(settings, lambda name: print(f"avatarify: {name}", file=sys.stderr))
    make_output_folder(arguments.output)
    write_text(text, arguments.output / "trackers.md")
    print(text, end="")
    return DONE


def _own_tracker() -> Path:
    from avatarify.zoo import store
    from avatarify.zoo.registry import LANDMARKS

    own = store.find(LANDMARKS.installed_name)
    if own is None:
        raise TrackerError(f"{LANDMARKS.installed_name} is missing. Get the project anew.")
    return own


def _turn_heads(arguments: argparse.Namespace) -> int:
    from avatarify.animation.animator import PortraitAnimator
    from avatarify.animation.checkpoint import load_model
    from avatarify.animation.devices import choose_device
    from avatarify.animation.torch_engine import TorchEngine
    from avatarify.media.image_file import write_image
    from avatarify.media.output_errors import make_output_folder
    from avatarify.training.evaluation.report import write_text
    from avatarify.training.evaluation.turned_head import (
        read_turns,
        score_turns,
        turns_sheet,
        turns_table,
    )
    from avatarify.zoo import store

    name = SUBSTITUTE if arguments.model == DEFAULT_MODEL else arguments.model
    network = load_model(store.locate(name))
    animator = PortraitAnimator(TorchEngine(network, choose_device(arguments.device)))
    folders = sorted(path.parent for path in arguments.turns.glob("*/turns.npz"))
    scores = [score for folder in folders for score in score_turns(read_turns(folder), animator)]
    if not scores:
        raise SettingsError(
            f"{arguments.turns} holds no turned heads. Draw some with `avatarify render --turns`."
        )
    make_output_folder(arguments.output)
    write_text(turns_table(scores), arguments.output / "turns.md")
    write_image(arguments.output / "turns.png", turns_sheet(scores))
    print(turns_table(scores), end="")
    return DONE


def _names(text: str) -> tuple[str, ...]:
    return tuple(name for name in text.split(",") if name)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"a whole number above 0, not {text!r}")
    return int(text)

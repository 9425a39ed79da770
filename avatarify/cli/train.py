"""`avatarify train`: prepare clips, train, resume, export."""

import argparse
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from avatarify.cli import DONE, WRONG_USAGE

HELP = "train a motion model, or a part of the face engine, from a YAML file"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument(
        "config", type=Path, nargs="?", metavar="CONFIG", help="the run's YAML file"
    )
    parser.add_argument(
        "--run", type=Path, default=Path("runs/default"), help="folder of the run (resumed)"
    )
    parser.add_argument("--until", type=int, help="stop after this step")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="stop after this long")
    parser.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda", "mps"))
    parser.add_argument("--devices", type=int, default=1, help="processes, one per device")
    parser.add_argument("--threads", type=int, help="CPU threads of each process")
    parser.add_argument("--export", type=Path, help="write the averaged weights here at the end")
    parser.add_argument(
        "--half", action="store_true", help="export in half precision, for a model that ships"
    )
    preparation = parser.add_argument_group("preparing clips")
    preparation.add_argument(
        "--prepare",
        type=Path,
        action="append",
        default=[],
        metavar="FOLDER",
        help="track and crop the faces of its videos and pictures first; may be given again",
    )
    preparation.add_argument(
        "--cache", type=Path, metavar="FOLDER", help="where the prepared clips go"
    )
    preparation.add_argument(
        "--tracks",
        action="store_true",
        help="only find the landmarks and leave them beside the files, as NAME.npz: for a machine "
        "without face tracker to prepare from",
    )
    preparation.add_argument(
        "--faces",
        action="store_true",
        help="cut faces for training the face tracker's own model instead",
    )
    preparation.add_argument(
        "--moved",
        type=int,
        default=0,
        metavar="N",
        help="with --faces: also move each face N times by the points of others",
    )
    preparation.add_argument(
        "--mixed",
        type=int,
        default=0,
        metavar="N",
        help="with --faces: also make N people whose shape and skin are mixed of several",
    )
    preparation.add_argument(
        "--people",
        action="store_true",
        help="cut out people for training what tells them from rooms instead",
    )
    preparation.add_argument(
        "--drawn",
        type=int,
        default=0,
        metavar="N",
        help="with --people: also render N people",
    )
    preparation.add_argument(
        "--leave-out",
        type=lambda text: tuple(filter(None, text.split(","))),
        default=(),
        metavar="A,B,...",
        help="with --moved and --mixed: files of the cache (c_NAME) that neither move nor are "
        "moved nor mixed",
    )
    preparation.add_argument(
        "--manifest",
        type=Path,
        metavar="CSV",
        help="who is seen in which file: columns file and person (default: MANIFEST.csv in or "
        "beside the folder, else every file is somebody else)",
    )
    preparation.add_argument(
        "--frames",
        type=int,
        default=1500,
        metavar="N",
        help="of a video at most, evenly over all of it (default: %(default)s)",
    )
    preparation.add_argument(
        "--side",
        type=int,
        default=320,
        metavar="PIXELS",
        help="of the crops; painters want 448 (default: %(default)s)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Prepare clips, train, or both."""
    _tell_progress()
    problem = _misuse(arguments)
    if problem is not None:
        print(f"avatarify train: {problem}", file=sys.stderr)
        return WRONG_USAGE
    if arguments.faces:
        _prepare_faces(arguments)
    elif arguments.people:
        _prepare_people(arguments)
    elif arguments.prepare:
        _prepare(arguments)
    if arguments.config is not None:
        _train(arguments)
    return DONE


def _tell_progress() -> None:
    """Let the terminal hear what other commands tell the log file only."""
    logging.getLogger("avatarify").setLevel(logging.INFO)
    for handler in logging.getLogger().handlers:
        handler.setLevel(min(handler.level, logging.INFO))


def _misuse(arguments: argparse.Namespace) -> str | None:
    if arguments.config is None and not arguments.prepare:
        return "give the run's YAML file, or --prepare FOLDER, or both"
    for name in ("tracks", "faces", "people"):
        if getattr(arguments, name) and not arguments.prepare:
            return f"--{name} says what to do with --prepare FOLDER"
    if (arguments.moved or arguments.mixed) and not arguments.faces:
        return "--moved and --mixed go with --faces"
    if (arguments.drawn and not arguments.people) or (
        arguments.tracks + arguments.faces + arguments.people > 1
    ):
        return "--tracks, --faces and --people are different things; --drawn goes with --people"
    if bool(arguments.prepare and not arguments.tracks) != (arguments.cache is not None):
        return "--prepare and --cache belong together"
    return None


def _prepare(arguments: argparse.Namespace) -> None:
    from avatarify.training.prepare import PreparationSettings, prepare, write_tracks
    from avatarify.zoo import store

    settings = PreparationSettings(
        arguments.cache or Path(),
        # Where it is missing it may not be needed: landmarks may lie beside the files.
        store.find("face_landmarker.task") or Path("face_landmarker.task"),
        arguments.manifest,
        side=max(32, arguments.side),
        most_frames=max(1, arguments.frames),
    )
    work = write_tracks if arguments.tracks else prepare
    with _progress(" frames") as advance:
        skipped = work(arguments.prepare, settings, advance)
    for line in skipped:
        print(f"Left out: {line}")


def _prepare_faces(arguments: argparse.Namespace) -> None:
    from avatarify.training.landmarks.mixed import Mixing, mix_people
    from avatarify.training.landmarks.moved import Moving, move_faces
    from avatarify.training.landmarks.prepare import FacePreparation, prepare_faces
    from avatarify.zoo import store

    settings = FacePreparation(
        arguments.cache,
        store.find("face_landmarker.task") or Path("face_landmarker.task"),
        arguments.manifest,
        max(1, arguments.frames),
    )
    with _progress(" files") as advance:
        skipped = prepare_faces(arguments.prepare, settings, advance)
        if arguments.moved > 0:
            moving = Moving(settings.crops, settings.tracker, arguments.moved, arguments.leave_out)
            move_faces(moving, advance)
        if arguments.mixed > 0:
            count, left_out = arguments.mixed, arguments.leave_out
            mixing = Mixing(settings.crops, settings.tracker, count, left_out=left_out)
            mix_people(mixing, advance)
    for line in skipped:
        print(f"Left out: {line}")


def _prepare_people(arguments: argparse.Namespace) -> None:
    from avatarify.training.matting.people import PeoplePreparation, draw_people, prepare_people
    from avatarify.zoo import store

    tracker = store.find("face_landmarker.task") or Path("face_landmarker.task")
    settings = PeoplePreparation(arguments.cache, tracker, arguments.manifest)
    with _progress(" people") as advance:
        skipped = prepare_people(arguments.prepare, settings, advance)
        draw_people(arguments.drawn, settings.folder, advance)
    for line in skipped:
        print(f"Left out: {line}")


@contextmanager
def _progress(unit: str) -> Iterator[Callable[[str], None]]:
    """Show how many of something are done, and the name of the newest."""
    from tqdm import tqdm

    with tqdm(unit=unit, mininterval=1.0) as bar:

        def advance(name: str) -> None:
            bar.set_description(name, refresh=False)
            bar.update()

        yield advance


def _train(arguments: argparse.Namespace) -> None:
    from avatarify.training.folds.launch import train_folds
    from avatarify.training.folds.settings import is_fold_run
    from avatarify.training.landmarks.launch import train_landmarks
    from avatarify.training.landmarks.settings import is_landmark_run
    from avatarify.training.launch import TrainingRun, train
    from avatarify.training.matting.launch import train_matte
    from avatarify.training.matting.settings import is_matte_run
    from avatarify.training.painting.launch import train_painter
    from avatarify.training.painting.settings import is_painting

    run = TrainingRun(
        config=arguments.config,
        folder=arguments.run,
        until=arguments.until,
        time_limit_s=60.0 * arguments.minutes,
        device=arguments.device,
        devices=arguments.devices,
        threads=arguments.threads,
        export=arguments.export,
        half=arguments.half,
    )
    if is_landmark_run(arguments.config):
        train_landmarks(run)
    elif is_painting(arguments.config):
        train_painter(run)
    elif is_matte_run(arguments.config):
        train_matte(run)
    elif is_fold_run(arguments.config):
        train_folds(run)
    else:
        train(run)

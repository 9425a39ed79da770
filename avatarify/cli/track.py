"""`avatarify track`: what a face does in a video, saved without the video."""

import argparse
import sys
from pathlib import Path

from avatarify.cli import DONE, INTERRUPTED
from avatarify.cli.argument_types import add_rotate, frame_rate
from avatarify.cli.face_argument import add_face, driving_face
from avatarify.file_names import user_path

HELP = (
    "Save the motion of a face, to drive an avatar with it later or elsewhere: landmarks and "
    "expressions for each frame, no picture."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "driving",
        type=Path,
        metavar="VIDEO|FOLDER",
        help="the face: a video, or a folder of images in order",
    )
    parser.add_argument(
        "--output",
        type=_motion_path,
        required=True,
        metavar="MOTION.npz",
        help="for `animate --driving` and `run --camera`",
    )
    parser.add_argument(
        "--tracker",
        default="auto",
        metavar="auto|own|mediapipe|FILE",
        help="which face tracker (default: auto, mediapipe's where its file is installed and works "
        "here, else our own)",
    )
    add_rotate(parser)
    add_face(parser, has_portrait=False)
    parser.add_argument("--fps", type=frame_rate, metavar="F", help="of a folder (default: 25)")


def run(arguments: argparse.Namespace) -> int:
    """Track."""
    from avatarify.cli.progress import Progress, interruptible
    from avatarify.frames import frames_of
    from avatarify.media.file_choice import open_source
    from avatarify.media.motion_file import write_motion
    from avatarify.session.keeping.tracker_choice import open_tracker
    from avatarify.session.offline.chosen_face import following
    from avatarify.session.offline.motion_tracking import remark_on_mouth, track_motion
    from avatarify.session.offline.settings import Stage
    from avatarify.tracking.landmarker import LandmarkerMode

    output: Path = arguments.output
    tracker = _tracker(arguments.tracker)
    _refuse_useless(arguments.driving, output)
    with (
        open_source(arguments.driving, arguments.fps, rotation=arguments.rotate) as source,
        open_tracker(tracker, LandmarkerMode.VIDEO) as landmarker,
        interruptible() as stop,
        Progress() as progress,
        following(landmarker, driving_face(arguments), source.name, progress.notice) as chosen,
    ):
        progress.begin(Stage.SURVEY, source.frame_count)
        motion = track_motion(source, chosen.find, progress.advance, stop)
        if motion is not None and (remark := remark_on_mouth(motion, source.name)):
            progress.notice(remark)
    if motion is None:
        print("Stopped. Nothing was written.", file=sys.stderr)
        return INTERRUPTED
    write_motion(output, motion)
    if stop.is_set():
        print(f"Stopped. {output} holds {frames_of(motion.frame_count)}.", file=sys.stderr)
        return INTERRUPTED
    seen = int(motion.has_face.sum())
    print(f"Wrote {output} ({frames_of(motion.frame_count)}, a face in {seen} of them).")
    return DONE


def _tracker(chosen: str) -> Path:
    from avatarify.session.keeping.settings import TRACKERS
    from avatarify.session.keeping.tracker_choice import require_tracker

    wish = next((wish for wish in TRACKERS if wish == chosen), None)
    return user_path(chosen) if wish is None else require_tracker(wish)


def _refuse_useless(driving: Path, output: Path) -> None:
    """Say at once what could only fail at the end."""
    from avatarify.errors import VideoError
    from avatarify.media.motion_file import SUFFIX
    from avatarify.media.output_errors import refuse_unwritable

    if driving.suffix.lower() == SUFFIX:
        raise VideoError(f"{driving} is saved motion already. Give a video or a folder of images.")
    refuse_unwritable(output)


def _motion_path(text: str) -> Path:
    path = Path(text)
    if path.suffix.lower() != ".npz":
        raise argparse.ArgumentTypeError(f"a file that ends in .npz, not {text!r}")
    return path

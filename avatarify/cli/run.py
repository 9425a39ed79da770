"""`avatarify run`: the live session without a window, for scripts, servers and measurements."""

import argparse
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from avatarify.cli import DONE, INTERRUPTED
from avatarify.cli.argument_types import add_rotate
from avatarify.cli.face_argument import add_face, avatar_face, telling_of_portraits
from avatarify.cli.gains import add_gains, read_gains
from avatarify.cli.progress import interruptible
from avatarify.cli.tracker_argument import add_tracker
from avatarify.cli.voice import delayed_microphone

if TYPE_CHECKING:  # these import OpenCV and numpy, which `--help` must not
    from avatarify.cli.live_console import ConsoleListener
    from avatarify.session.avatars.avatar import Avatar
    from avatarify.session.keeping.settings import MotionControls, Settings
    from avatarify.session.live.live_session import LiveSession
    from avatarify.streaming.statistics import StreamReport

HELP = (
    "Animate an avatar live, without a window: from a webcam, file, address or the screen to the "
    "virtual camera or a file. Ctrl-C ends it."
)

_STATUS_EVERY_S = {True: 0.5, False: 10.0}
"""How often a terminal, or a log, gets a line."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "--camera",
        default="",
        metavar="N|NAME|FILE|URL|FOLDER|MOTION.npz|screen",
        help="what drives the avatar (default: the best webcam found); files play in real time",
    )
    camera = parser.add_argument_group("webcam")
    camera.add_argument("--camera-size", type=_size, default=(640, 480), metavar="WxH")
    camera.add_argument("--camera-fps", type=_positive, default=30.0, metavar="F")
    camera.add_argument(
        "--uncompressed", action="store_true", help="do not ask the webcam for MJPG"
    )
    add_rotate(parser)
    parser.add_argument("--loop", action="store_true", help="start a file again when it ends")
    parser.add_argument(
        "--avatar", default="", metavar="IMAGE|NAME", help="the portrait (default: a built-in one)"
    )
    parser.add_argument(
        "--output",
        default="virtual",
        metavar="virtual|FILE.mp4|FOLDER/|none",
        help="where the pictures go (default: %(default)s)",
    )
    parser.add_argument(
        "--seconds", type=_positive, metavar="S", help="stop this long after the start-up"
    )
    parser.add_argument(
        "--stats", type=Path, metavar="FILE.json", help="write frame rates and latency at the end"
    )
    _add_picture_arguments(parser.add_argument_group("picture"))
    _add_motion_arguments(parser.add_argument_group("motion"))
    add_gains(parser)
    parser.add_argument(
        "--delayed-microphone",
        action="store_true",
        help="Linux: offer the microphone a second time, as late as the picture (PipeWire)",
    )
    add_face(parser)
    add_tracker(parser)
    _add_model_arguments(parser.add_argument_group("model"))


def _add_picture_arguments(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--size", type=_size, default=(1280, 720), metavar="WxH")
    group.add_argument("--fps", type=_positive, default=30.0, metavar="F")
    group.add_argument("--fit", choices=["fit", "fill", "blur"], default="blur")
    group.add_argument(
        "--background",
        default="own",
        metavar="own|blur|green|#rrggbb|IMAGE",
        help="behind the person (default: the portrait's own room)",
    )
    group.add_argument("--mirror", action="store_true", help="flip what is sent")
    group.add_argument("--mirror-camera", action="store_true", help="flip the camera's frames")
    group.add_argument("--badge", action="store_true", help='write "AI avatar" into a corner')
    group.add_argument(
        "--camera-backend", default="", metavar="NAME", help="of the virtual camera: pipewire, …"
    )
    group.add_argument(
        "--unwatched",
        choices=["go-on", "rest", "release"],
        default="rest",
        help="while no program reads the virtual camera: rest (the default), go on, or rest and "
        "release the webcam",
    )
    group.add_argument(
        "--pass-through",
        action="store_true",
        help="send the REAL CAMERA, not the avatar, to everyone who watches",
    )


def _add_motion_arguments(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--motion", choices=["relative", "absolute"], default="relative")
    group.add_argument("--gain", type=float, metavar="0..2", help="how much of the motion")
    group.add_argument("--smoothing", type=float, default=0.5, metavar="0..1")


def _add_model_arguments(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--model",
        default="",
        metavar="NAME|PATH",
        help="face (the default), compact, or one of `avatarify models list`",
    )
    group.add_argument("--device", choices=["auto", "cpu", "cuda", "mps"], default="auto")
    group.add_argument(
        "--precision", choices=["auto", "fp32", "fp16", "bf16", "int8"], default="auto"
    )
    group.add_argument(
        "--backend",
        choices=["auto", "openvino", "torch", "reference"],
        default="auto",
        help="what runs the model (default: the fastest that paints the same)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Run until the clip ends, the time is over, or someone says stop."""
    from avatarify.media.file_choice import refuse_to_turn
    from avatarify.session.avatars.choice import choose_avatar
    from avatarify.zoo.store import locate

    settings = _settings(arguments)
    if arguments.rotate:
        refuse_to_turn(Path(arguments.camera))
    if not settings.engine.is_face:
        locate(settings.engine.model)  # nobody waits for a model that is not there
    avatar = choose_avatar(
        arguments.avatar,
        avatar_face(arguments),
        telling_of_portraits(lambda words: print(f"avatarify: {words}", file=sys.stderr)),
    )
    return play(
        settings,
        avatar,
        seconds=arguments.seconds,
        stats=arguments.stats,
        motion=lambda kept: _motion(arguments, kept),
        passes_through=arguments.pass_through,
        delays_microphone=arguments.delayed_microphone,
    )


def play(
    settings: "Settings",
    avatar: "Avatar",
    *,
    seconds: float | None = None,
    stats: Path | None = None,
    motion: "Callable[[MotionControls], MotionControls] | None" = None,
    passes_through: bool = False,
    delays_microphone: bool = False,
) -> int:
    """Run one session on the console.

    Args:
        settings: What to open.
        avatar: Whom to animate.
        seconds: When to stop, counted from the end of the start-up; None plays to the end.
        stats: Where to write the measurements.
        motion: Gets the motion controls kept for this avatar and returns those to use.
        passes_through: Send the real camera.
        delays_microphone: Offer the microphone a second time, as late as the picture.

    Returns:
        The exit code.

    Raises:
        AvatarifyError: The camera, the model or the output never worked, or broke for good.
    """
    from avatarify.cli.live_console import ConsoleListener
    from avatarify.media.output_errors import refuse_unwritable
    from avatarify.session.live.listener import LiveState
    from avatarify.session.live.live_session import LiveSession

    if stats is not None:
        refuse_unwritable(stats)
    listener = ConsoleListener()
    session = LiveSession(settings, listener)
    session.set_avatar(avatar)
    if motion is not None:
        session.set_motion(motion(session.settings.motion))
    if settings.view.mirror:  # said now, whatever is kept for the avatar
        session.set_view(replace(session.settings.view, mirror=True))
    if passes_through:
        listener.say("PASS-THROUGH: everyone who watches sees the real camera.")
        session.set_pass_through(True)
    with interruptible() as stop, delayed_microphone(delays_microphone) as set_delay:
        try:
            session.start()
            _wait(session, listener, stop, seconds, set_delay)
        finally:
            was_starting = stop.is_set() and session.state is LiveState.STARTING
            session.stop()
    if was_starting:  # nothing is wrong with camera or model
        listener.say("Stopped before the start-up was over.")
        return INTERRUPTED
    listener.finish(session)
    if stats is not None:
        listener.write_statistics(stats, session)
    listener.raise_if_useless(session)
    return DONE


def _motion(arguments: argparse.Namespace, kept: "MotionControls") -> "MotionControls":
    """Return the controls kept for an avatar, changed where the user said something else."""
    gain = kept.gain if arguments.gain is None else arguments.gain
    return replace(kept, gain=gain, gains=read_gains(arguments, kept.gains))


def _wait(
    session: "LiveSession",
    listener: "ConsoleListener",
    stop: threading.Event,
    seconds: float | None,
    set_delay: "Callable[[StreamReport], None]",
) -> None:
    """Show the status until the session ends, the time is over or a signal comes."""
    from avatarify.session.live.listener import LiveState

    end_s, status_s = None, 0.0
    while not stop.is_set() and not session.wait(0.1):
        now_s = time.monotonic()
        if seconds is not None and end_s is None and session.state is not LiveState.STARTING:
            end_s = now_s + seconds
        if end_s is not None and now_s >= end_s:
            return
        if now_s >= status_s:
            status_s = now_s + _STATUS_EVERY_S[sys.stderr.isatty()]
            listener.show_status(session)
            set_delay(session.report())


def _settings(arguments: argparse.Namespace) -> "Settings":
    from avatarify.session.keeping.settings import (
        CameraSettings,
        EngineSettings,
        FitMode,
        MotionControls,
        OutputSettings,
        Settings,
        ViewSettings,
        WhenUnwatched,
    )

    width, height = arguments.size
    camera_width, camera_height = arguments.camera_size
    try:
        return Settings(
            tracker=arguments.tracker,
            unwatched=WhenUnwatched(arguments.unwatched),
            camera=CameraSettings(
                arguments.camera,
                camera_width,
                camera_height,
                arguments.camera_fps,
                loop=arguments.loop,
                mirror=arguments.mirror_camera,
                mjpg=not arguments.uncompressed,
                rotation=arguments.rotate,
                face=arguments.face or "",
            ),
            motion=MotionControls(
                gain=1.0 if arguments.gain is None else arguments.gain,
                gains=read_gains(arguments),
                smoothing=arguments.smoothing,
                is_relative=arguments.motion == "relative",
            ),
            view=ViewSettings(
                FitMode(arguments.fit), arguments.mirror, arguments.background, arguments.badge
            ),
            output=OutputSettings(
                arguments.output, arguments.camera_backend, "", width, height, arguments.fps
            ),
            engine=EngineSettings(
                arguments.model, arguments.device, arguments.precision, arguments.backend
            ),
        )
    except ValueError as error:
        from avatarify.errors import SettingsError

        raise SettingsError(str(error)) from error


def _positive(text: str) -> float:
    value = float(text)
    if value <= 0:
        raise argparse.ArgumentTypeError("must be above 0")
    return value


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.lower().partition("x")
    if not (width.isdecimal() and height.isdecimal()):
        raise argparse.ArgumentTypeError("a size is written like 1280x720")
    return int(width), int(height)

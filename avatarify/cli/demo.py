"""`avatarify demo`: the first command of the README, on nothing but what ships."""

import argparse
import os
import sys
from dataclasses import replace
from pathlib import Path

from avatarify.file_names import is_file
from avatarify.shipped import shipped

HELP = (
    "Show what the program does, on a shipped clip with a built-in avatar: in the window, or "
    "without a display as a video with the measured speed."
)

MOTION = shipped("assets/demo_motion.npz")
"""The shipped motion of a face, so that a machine without the face tracker shows the same."""

CLIP = shipped("assets/demo_driving.mp4")
"""The shipped driving clip, for pictures without a known face: a rendered face, so nobody's."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--avatar", default="", metavar="IMAGE|NAME", help="another portrait")
    parser.add_argument(
        "--output",
        default="demo.mp4",
        metavar="FILE.mp4",
        help="the video that is written without a window (default: %(default)s)",
    )
    parser.add_argument(
        "--no-window", action="store_true", help="write the video even where there is a display"
    )
    parser.add_argument("--stats", type=Path, metavar="FILE.json", help="write the measurements")


def run(arguments: argparse.Namespace) -> int:
    """Open the window on the shipped driver, or write the video."""
    from avatarify.session.avatars.choice import choose_avatar
    from avatarify.session.keeping.settings import CameraSettings, OutputSettings, Settings

    avatar = choose_avatar(arguments.avatar)
    clip = _driver(has_face=avatar.has_face)
    settings = Settings(avatar=arguments.avatar, camera=CameraSettings(str(clip)))
    if has_display() and not arguments.no_window:
        from avatarify.cli.app import open_window

        settings = replace(
            settings,
            camera=replace(settings.camera, loop=True),
            output=OutputSettings("virtual" if _has_virtual_camera() else "none"),
        )
        return open_window(settings, keeps_settings=False)
    from avatarify.cli.run import play

    settings = replace(settings, output=OutputSettings(arguments.output))
    print(f"{avatar.name} is driven live by {clip.name}, as by a webcam…", flush=True)
    code = play(settings, avatar, stats=arguments.stats)
    print(f"Wrote {arguments.output}. Next: `avatarify` opens the window, with your webcam.")
    return code


def has_display(platform: str = sys.platform) -> bool:
    """Whether a window can be opened."""
    if platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _has_virtual_camera() -> bool:
    """Whether call apps could see the demonstration; if not, no warning shall begin it."""
    from avatarify.media.virtual_outputs import available_outputs

    return any(choice.ready for choice in available_outputs())


def _driver(*, has_face: bool) -> Path:
    """Return what drives an avatar: motion moves those with a known face, a clip all others."""
    drivers = (MOTION, CLIP) if has_face else (CLIP,)
    for path in drivers:
        if is_file(path):
            return path
    from avatarify.errors import VideoError

    raise VideoError(
        f"The demo's {drivers[0].name} is missing. Install the program anew, or use your "
        "own clip: `avatarify run --camera CLIP.mp4 --output demo.mp4`."
    )

"""`avatarify app`, or `avatarify` alone: opens the window."""

import argparse
import logging
import os
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from avatarify.cli.argument_types import add_rotate

if TYPE_CHECKING:
    from avatarify.gui.desktop.single_instance import SingleInstance
    from avatarify.session.keeping.settings import Settings

HELP = (
    "Open the window, or show it where it is open already. What is given here counts instead of "
    "what the window remembers."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "pictures", nargs="*", type=Path, metavar="PICTURE", help="pictures that become avatars"
    )
    parser.add_argument("--camera", help="number, name, video file, folder, URL or `screen`")
    add_rotate(parser, None)
    parser.add_argument("--loop", action="store_true", help="start a video again when it ends")
    parser.add_argument("--avatar", help="name of a built-in avatar, or a picture file")
    parser.add_argument("--model", help="name or file of the motion model")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda", "mps"), help="what runs it")
    parser.add_argument("--output", help="`virtual`, `none`, or a file to record to")
    parser.add_argument(
        "--forget",
        action="store_true",
        help="keep no change of the settings of this run, beside a window that is open already",
    )


def run(arguments: argparse.Namespace) -> int:
    """Open the window and wait until it is closed."""
    from avatarify.gui.desktop.single_instance import SingleInstance
    from avatarify.session.keeping.settings_file import load_settings

    instance = None if arguments.forget else SingleInstance()
    if instance is not None and not instance.claim():
        instance.hand_over(arguments.pictures)
        print("Avatarify is open already: its window comes to the front.")
        return 0
    try:
        settings = overlaid(load_settings(), arguments)
        return open_window(
            settings,
            keeps_settings=not arguments.forget,
            instance=instance,
            pictures=arguments.pictures,
        )
    finally:
        if instance is not None:
            instance.release()


def open_window(
    settings: "Settings",
    *,
    keeps_settings: bool,
    instance: "SingleInstance | None" = None,
    pictures: Sequence[Path] = (),
) -> int:
    """Open the window, wait until it is closed, and leave.

    Args:
        settings: What the window starts with.
        keeps_settings: Whether what the user changes is remembered.
        instance: Tells of further starts.
        pictures: Become avatars, if the user agrees.
    """
    from avatarify.gui.window.application import run_application

    code = run_application(
        settings, keeps_settings=keeps_settings, instance=instance, pictures=pictures
    )
    if any(thread.name.startswith("avatarify-") for thread in threading.enumerate()):
        # A model or a device that did not let go in time: native code that still runs would abort
        # the interpreter on its way out, after everything is saved and released.
        if instance is not None:
            instance.release()
        logging.shutdown()
        sys.stdout.flush()
        os._exit(code)
    return code


def overlaid(settings: "Settings", arguments: argparse.Namespace) -> "Settings":
    """Lay the arguments over the settings.

    Args:
        settings: From the settings file.
        arguments: From the command line.
    """
    from avatarify.media.file_choice import refuse_to_turn
    from avatarify.media.known_camera import KnownCamera
    from avatarify.session.keeping.turned_cameras import rotation_of

    camera, engine, output = settings.camera, settings.engine, settings.output
    if arguments.camera is not None:
        chosen = replace(
            camera, name=arguments.camera, loop=arguments.loop, known=KnownCamera(), rotation=0
        )
        camera = replace(chosen, rotation=rotation_of(settings, chosen))
    if arguments.rotate is not None:
        if arguments.rotate:
            refuse_to_turn(Path(camera.name))
        camera = replace(camera, rotation=arguments.rotate)
    if arguments.model is not None:
        engine = replace(engine, model=arguments.model)
    if arguments.device is not None:
        engine = replace(engine, device=arguments.device)
    if arguments.output is not None:
        output = replace(output, target=arguments.output)
    avatar = settings.avatar if arguments.avatar is None else arguments.avatar
    return replace(settings, camera=camera, engine=engine, output=output, avatar=avatar)

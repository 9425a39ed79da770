"""`avatarify cameras`: which webcams there are, and what each sees."""

import argparse
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from avatarify.media.camera_list import CameraInfo

HELP = "List the webcams by name, with a picture of each if wished."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "--thumbnails",
        type=Path,
        metavar="FOLDER",
        help="open each camera for a moment and write there what it sees, as PNG",
    )


def run(arguments: argparse.Namespace) -> int:
    """Print one line for each camera."""
    from avatarify.errors import CameraError
    from avatarify.media.camera_list import NO_CAMERA, distinct_names, list_cameras
    from avatarify.media.output_errors import make_output_folder

    cameras = list_cameras()
    if not cameras:
        raise CameraError(NO_CAMERA)
    folder: Path | None = arguments.thumbnails
    if folder is not None:
        make_output_folder(folder)
    names = distinct_names(cameras)
    width = max(map(len, names))
    for camera, name in zip(cameras, names, strict=True):
        print(f"{camera.index:>3}  {name:{width}}  {camera.path}".rstrip())
        if camera.id and name != camera.name:  # of twins, the name that stays
            print(f"     {camera.id}")
        if camera.problem:
            print(f"     {camera.problem}")
        elif folder is not None:
            print(f"     {_write_thumbnail(camera, folder)}")
    print("\nChoose one with --camera, by its number, a part of its name, or its path.")
    return 0


def _write_thumbnail(camera: "CameraInfo", folder: Path) -> str:
    """Write what the camera sees; return the file, or why there is none."""
    from avatarify.errors import CameraError
    from avatarify.media.camera_thumbnail import take_thumbnail
    from avatarify.media.image_file import write_image

    readable = re.sub(r"[^\w-]+", "-", camera.name).strip("-").lower()
    path = folder / f"{camera.index}-{readable}.png"
    try:
        write_image(path, take_thumbnail(camera))
    except CameraError as error:
        return str(error)
    return str(path)

"""Which source or sink a path on the command line means."""

import os
from contextlib import suppress
from pathlib import Path

from avatarify.errors import ImageError, OutputError, SettingsError, VideoError
from avatarify.file_names import is_file, is_folder
from avatarify.media.alpha_video import SUFFIX as ALPHA_SUFFIX
from avatarify.media.alpha_video import AlphaVideoWriter
from avatarify.media.image_file import IMAGE_SUFFIXES
from avatarify.media.image_folder import DEFAULT_FPS, ImageFolder, ImageFolderWriter, ImageSequence
from avatarify.media.motion_file import SUFFIX as MOTION_SUFFIX
from avatarify.media.motion_file import read_motion
from avatarify.media.motion_source import MotionSource
from avatarify.media.moving_picture import MovingPicture, picture_count
from avatarify.media.output_errors import output_error, refuse_unwritable
from avatarify.media.turned_source import TurnedSource
from avatarify.media.video_file import VideoFile
from avatarify.media.video_writer import VideoWriter

FileSource = VideoFile | ImageSequence | MovingPicture | MotionSource | TurnedSource
FileSink = VideoWriter | ImageFolderWriter | AlphaVideoWriter

_VIDEO_SUFFIXES = {".mp4", ".m4v", ".mov"}


def open_source(path: Path, fps: float | None = None, *, rotation: int = 0) -> FileSource:
    """Open a video, a folder of pictures, one picture or a moving one, or saved motion.

    Args:
        path: A file or folder.
        fps: Frames per second of pictures, 25 if not given; videos and motion have their own.
        rotation: By how many degrees to turn the pictures clockwise: 0, 90, 180 or 270.

    Raises:
        VideoError: The path is missing, or holds no frames.
        ImageError: The picture is broken.
        SettingsError: What is to be turned is saved motion.
    """
    if not rotation:
        return _open(path, fps)
    refuse_to_turn(path)
    return TurnedSource(_open(path, fps), rotation)


def refuse_to_turn(path: Path) -> None:
    """Say that saved motion is upright: it was turned when it was tracked.

    Raises:
        SettingsError: It is saved motion.
    """
    if path.suffix.lower() == MOTION_SUFFIX:
        raise SettingsError(
            f"{path} is saved motion, which holds no picture to turn: heads are turned upright "
            "when they are tracked. Leave --rotate out."
        )


def _open(path: Path, fps: float | None) -> FileSource:
    if is_folder(path):
        return ImageFolder(path, fps or DEFAULT_FPS)
    if path.suffix.lower() == MOTION_SUFFIX:
        return MotionSource(path.name, read_motion(path))
    is_picture = path.suffix.lower() in IMAGE_SUFFIXES and is_file(path)
    try:
        return _pictures(path, fps or DEFAULT_FPS) if is_picture else VideoFile(path)
    except (ImageError, VideoError) as error:
        with suppress(ImageError, VideoError):  # its name may say the wrong kind
            return VideoFile(path) if is_picture else _pictures(path, fps or DEFAULT_FPS)
        raise error


def _pictures(path: Path, fps: float) -> ImageSequence | MovingPicture:
    if picture_count(path) > 1:
        return MovingPicture(path, fps)
    return ImageSequence(path.name, [path], fps)


def can_sound(path: str) -> bool:
    """Return whether what is written to this path carries sound."""
    return Path(path).suffix.lower() in _VIDEO_SUFFIXES


def open_sink(path: str, fps: float, *, audio_from: Path | None = None) -> FileSink:
    """Open an mp4 or WebM file, or a folder for pictures.

    Args:
        path: Ends in .mp4, .m4v or .mov for a video, in .webm for one with alpha and no sound; ends
            in a slash, has no ending, or is a folder that exists, for pictures. It is a string
            because a `Path` forgets the slash.
        fps: Frames per second of a video.
        audio_from: A file whose sound a video carries over.

    Raises:
        OutputError: The path cannot be written, or has another ending.
    """
    target = Path(path)
    if _is_for_pictures(path):
        return ImageFolderWriter(target)
    if target.suffix.lower() in _VIDEO_SUFFIXES:
        return VideoWriter(target, fps, audio_from=audio_from)
    if target.suffix.lower() == ALPHA_SUFFIX:
        return AlphaVideoWriter(target, fps)
    raise OutputError(
        f"{path} is neither an .mp4 or .webm file nor a folder. End the output in .mp4, in .webm "
        "for a video with alpha, or in / for PNGs."
    )


def refuse_sink(path: str) -> None:
    """Say before a long work that `open_sink` will refuse its output.

    Raises:
        OutputError: As from `open_sink`.
    """
    target = Path(path)
    if not path:
        raise OutputError("The output has no name. Give a file that ends in .mp4, or a folder.")
    if not (_is_for_pictures(path) and is_folder(target)):
        refuse_unwritable(target)
    elif not os.access(target, os.W_OK | os.X_OK):
        raise output_error(target, PermissionError())


def _is_for_pictures(path: str) -> bool:
    target = Path(path)
    return path.endswith(("/", os.sep)) or is_folder(target) or not target.suffix

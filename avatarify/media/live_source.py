"""Opens the live source that a user means by one word."""

from dataclasses import dataclass
from pathlib import Path

from avatarify.errors import CameraError
from avatarify.frames import FrameSource
from avatarify.media.source_kind import SourceKind, kind_of


@dataclass(frozen=True, slots=True)
class LiveWishes:
    """What to ask of a source; each kind takes what it can."""

    size: tuple[int, int] = (720, 1280)
    """(height, width) for a webcam."""

    fps: float = 30.0
    """For a webcam, the screen, and the pictures of a folder."""

    mjpg: bool = True
    """Ask a webcam for compressed frames."""

    loop: bool = False
    """Start a file again at its end."""


def open_live_source(spec: str, wishes: LiveWishes | None = None) -> FrameSource:
    """Open a source that delivers frames as time passes.

    Args:
        spec: A webcam's number, name or path; a video file, folder of pictures or saved motion,
            played in real time; the address of a network camera; `screen` or
            `screen:x,y,width,height`. Empty means the first webcam.
        wishes: What to ask of it.

    Raises:
        CameraError: There is no such camera, or it delivers nothing.
        VideoError: The file is broken.
    """
    wishes = wishes or LiveWishes()
    match kind_of(spec):
        case SourceKind.ADDRESS:
            return _open_address(spec)
        case SourceKind.SCREEN:
            return _open_screen(spec, wishes)
        case SourceKind.FILE:
            return _open_file(Path(spec), wishes)
        case SourceKind.MISSING_FILE:
            raise CameraError(f"There is no file or folder {spec}. Check the path.")
        case SourceKind.WEBCAM:
            return _open_webcam(spec, wishes)


def _open_address(url: str) -> FrameSource:
    from avatarify.media.network_stream import NetworkStream

    return NetworkStream(url)


def _open_screen(spec: str, wishes: LiveWishes) -> FrameSource:
    from avatarify.media.screen import ScreenSource, parse_region

    return ScreenSource(parse_region(spec), wishes.fps)


def _open_file(path: Path, wishes: LiveWishes) -> FrameSource:
    from avatarify.media.file_choice import open_source
    from avatarify.media.motion_file import SUFFIX, read_motion
    from avatarify.media.motion_source import MotionSource
    from avatarify.media.realtime import RealTimeSource

    if path.suffix.lower() == SUFFIX:
        motion = read_motion(path)  # once for all rounds of a loop
        return RealTimeSource(lambda: MotionSource(path.name, motion), wishes.loop)
    return RealTimeSource(lambda: open_source(path, wishes.fps), wishes.loop)


def _open_webcam(spec: str, wishes: LiveWishes) -> FrameSource:
    from avatarify.media.webcam import Webcam

    return Webcam(spec, wishes.size, wishes.fps, wishes.mjpg)

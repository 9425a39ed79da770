"""Opens the live source that a user means by one word."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from avatarify.errors import CameraError
from avatarify.frames import FrameSource
from avatarify.media.addresses import is_address, public_name, whole_address, wrong_address
from avatarify.media.known_camera import KnownCamera
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


class SourceOpener:
    """Opens one source, and after a loss again: a webcam wherever it is plugged in then."""

    def __init__(
        self,
        spec: str,
        wishes: LiveWishes | None = None,
        known: KnownCamera | None = None,
        tell: Callable[[str], None] = lambda text: None,
    ) -> None:
        """Remember what to open; nothing is opened yet.

        Args:
            spec: As for `open_live_source`.
            wishes: What to ask of the source.
            known: What the webcam was when it was chosen.
            tell: Hears, in words, what is worth knowing of a source that works.
        """
        self._spec = spec
        self._wishes = wishes
        self._known = known
        self._tell = tell

    def __call__(self) -> FrameSource:
        """Open the source; errors are those of `open_live_source`."""
        source = open_live_source(self._spec, self._wishes, self._known, self._tell)
        self._remember(source)
        return source

    def _remember(self, source: FrameSource) -> None:
        from avatarify.media.webcam import Webcam

        if not isinstance(source, Webcam):
            return
        before, self._known = self._known, source.known
        if source.passed_over:
            names = ", ".join(source.passed_over)
            self._tell(f"{names} delivers no frames, so {source.name} is used instead.")
        elif not self._spec and before is not None and before.name not in ("", source.name):
            self._tell(f"{before.name} is gone, so {source.name} is used instead.")


def open_live_source(
    spec: str,
    wishes: LiveWishes | None = None,
    known: KnownCamera | None = None,
    tell: Callable[[str], None] = lambda text: None,
) -> FrameSource:
    """Open a source that delivers frames as time passes.

    Args:
        spec: A webcam's number, name, path or a link to one; a video file, folder of pictures or
            saved motion, played in real time; the address of a network camera; `screen` or
            `screen:x,y,width,height`. Empty means the best webcam that delivers.
        wishes: What to ask of it.
        known: What the webcam was when it was chosen.
        tell: Hears, in words, what is worth knowing of a source that works.

    Raises:
        CameraError: There is no such camera, or it delivers nothing.
        VideoError: The file is broken.
    """
    wishes = wishes or LiveWishes()
    if known is not None and known.key:
        return _open_webcam(spec, wishes, known, tell)
    match kind_of(spec):
        case SourceKind.ADDRESS:
            return _open_address(spec, tell)
        case SourceKind.WRONG_ADDRESS:
            raise CameraError(wrong_address(spec))
        case SourceKind.SCREEN:
            return _open_screen(spec, wishes)
        case SourceKind.FILE:
            return _open_file(Path(spec), wishes)
        case SourceKind.MISSING_FILE:
            raise CameraError(f"There is no file or folder {spec}. Check the path.")
        case SourceKind.WEBCAM:
            return _open_webcam(spec, wishes, known, tell)


def _open_address(spec: str, tell: Callable[[str], None]) -> FrameSource:
    from avatarify.media.network_stream import NetworkStream

    try:
        return NetworkStream(whole_address(spec), tell=tell)
    except CameraError as error:
        if is_address(spec):
            raise
        text = f"There is no file {public_name(spec)}, so it was taken for an address. {error}"
        raise CameraError(text) from error


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


def _open_webcam(
    spec: str, wishes: LiveWishes, known: KnownCamera | None, tell: Callable[[str], None]
) -> FrameSource:
    from avatarify.media.webcam import Webcam

    return Webcam(spec, wishes.size, wishes.fps, wishes.mjpg, known=known, tell=tell)

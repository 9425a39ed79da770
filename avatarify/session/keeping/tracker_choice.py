"""Which face tracker runs: mediapipe's, where its file is installed and works, else our own."""

from pathlib import Path

from avatarify.errors import TrackerError
from avatarify.session.keeping.settings import TrackerWish
from avatarify.session.keeping.tracker_trial import try_trackers
from avatarify.tracking.face_finder import FaceFinder
from avatarify.tracking.finder_maker import make_finder
from avatarify.tracking.landmarker import LandmarkerMode
from avatarify.zoo.registry import FACE_LANDMARKER, LANDMARKS
from avatarify.zoo.store import find


def find_tracker(wish: TrackerWish = "auto") -> Path | None:
    """Return the file of a tracker, or None where it is not installed.

    Args:
        wish: auto takes mediapipe's, which is the better one on people by the table in
            models/LANDMARKS_CARD.md, and our own where that is missing or does worse here on the
            check clip. Where both are installed, the first call on a machine takes a few seconds.
    """
    mediapipe, own = _installed()
    match wish:
        case "mediapipe":
            return mediapipe
        case "own":
            return own
        case "auto":
            if mediapipe is None or own is None:
                return mediapipe or own
            return own if try_trackers(mediapipe, own).own_is_better else mediapipe


def has_tracker(wish: TrackerWish = "auto") -> bool:
    """Whether a tracker is installed; nothing is tried."""
    mediapipe, own = _installed()
    return any({"mediapipe": (mediapipe,), "own": (own,), "auto": (mediapipe, own)}[wish])


def _installed() -> tuple[Path | None, Path | None]:
    """Return the files of mediapipe's tracker and of our own."""
    return find(FACE_LANDMARKER.installed_name), find(LANDMARKS.installed_name)


def require_tracker(wish: TrackerWish = "auto") -> Path:
    """Return the file of a tracker.

    Raises:
        TrackerError: It is not installed; the message says how to get it.
    """
    path = find_tracker(wish)
    if path is None and wish == "own":
        raise TrackerError(f"{LANDMARKS.installed_name} is missing. Get the project anew.")
    if path is None:
        raise TrackerError(
            "The face tracker's file is missing. Run `avatarify models pull face-landmarker`."
        )
    return path


def open_tracker(path: Path, mode: LandmarkerMode) -> FaceFinder:
    """Open a tracker's file, whosever it is.

    Raises:
        TrackerError: The file is broken, or what runs it cannot be loaded.
    """
    return make_finder("own" if is_own(path) else "mediapipe", path, mode)


def is_own(path: Path) -> bool:
    """Whether a tracker's file is our own model."""
    return path.suffix == Path(LANDMARKS.installed_name).suffix

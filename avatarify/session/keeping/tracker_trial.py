"""Which of two face trackers does better on this machine: tried once, and remembered.

The check clip is the demo's driver, whose points the renderer knows.
"""

import hashlib
import json
import logging
import os
import platform
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from platformdirs import user_cache_path

from avatarify.errors import TrackerError, VideoError
from avatarify.media.file_choice import open_source
from avatarify.media.motion_file import read_motion
from avatarify.shipped import shipped
from avatarify.tracking.check_clip import CheckClip, rate_finder
from avatarify.tracking.finder_maker import FinderName, make_finder
from avatarify.tracking.landmarker import LandmarkerMode

_LOG = logging.getLogger(__name__)

LEAD = 0.05
"""By how much our own tracker must be ahead. On people mediapipe's is finer, and where both work as
they should they are equal on a rendered head (0.88 and 0.90)."""

LIFETIME_S = 30 * 24 * 3600.0
"""Then both are tried once more."""

_CLIP, _MOTION = shipped("assets/demo_driving.mp4"), shipped("assets/demo_motion.npz")
_EVERY = 5
"""Frames of the clip: 48 of 240, in which everything moves; they take one second."""


@dataclass(frozen=True, slots=True)
class Trial:
    """How both did, 0 to 1; None for what cannot run here, or was not tried."""

    mediapipe: float | None
    own: float | None

    @property
    def own_is_better(self) -> bool:
        """Whether our own is clearly ahead, or alone able to run."""
        if self.own is None:
            return False
        return self.mediapipe is None or self.own > self.mediapipe + LEAD


def try_trackers(mediapipe: Path, own: Path) -> Trial:
    """Return how both trackers do; the first time on a machine it takes a few seconds.

    Args:
        mediapipe: Its `face_landmarker.task`.
        own: Our `landmarks.safetensors`.
    """
    return _tried(mediapipe, own, _stamp(mediapipe), _stamp(own), default_folder())


def default_folder() -> Path:
    """Return where results are remembered, in the user's cache."""
    return user_cache_path("avatarify", appauthor=False) / "trackers"


@lru_cache(maxsize=4)
def _tried(
    mediapipe: Path, own: Path, stamp: tuple[int, int], own_stamp: tuple[int, int], folder: Path
) -> Trial:
    del stamp, own_stamp  # parts of the key: a file that is replaced is tried again
    try:
        path = folder / f"{_key(mediapipe, own)}.json"
        known = _read(path)
        if known is not None:
            return known
        clip = _check_clip()
    except (OSError, VideoError) as error:
        _LOG.info("The trackers cannot be compared: %s", error)
        return Trial(None, None)
    trial = Trial(_rating("mediapipe", mediapipe, clip), _rating("own", own, clip))
    _LOG.info("On the check clip: mediapipe's tracker %s, our own %s", trial.mediapipe, trial.own)
    if trial.mediapipe is not None and trial.own is not None:  # what is missing may be installed
        _remember(path, trial)
    return trial


def _rating(name: FinderName, path: Path, clip: CheckClip) -> float | None:
    try:
        with make_finder(name, path, LandmarkerMode.VIDEO) as finder:
            return rate_finder(finder, clip)
    except TrackerError as error:
        _LOG.info("The tracker %s does not run: %s", name, error)
        return None


def _check_clip() -> CheckClip:
    motion = read_motion(_MOTION)
    with open_source(_CLIP) as source:
        frames = [f for f in iter(source.read, None) if f.index % _EVERY == 0]
    return CheckClip(frames, motion.landmarks[::_EVERY])


def _key(mediapipe: Path, own: Path) -> str:
    """Name both files' contents, the clip's, and what runs them."""
    parts = [hashlib.sha256(p.read_bytes()).hexdigest() for p in (mediapipe, own, _CLIP, _MOTION)]
    parts += [_installed("mediapipe"), _installed("openvino"), _installed("torch")]
    parts += [platform.machine(), platform.processor(), platform.node()]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def _installed(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _stamp(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError:
        return (0, 0)
    return (status.st_mtime_ns, status.st_size)


def _read(path: Path) -> Trial | None:
    """Read what is remembered; None if there is nothing, or nothing to believe."""
    try:
        if time.time() - path.stat().st_mtime > LIFETIME_S:
            return None
        content = json.loads(path.read_text(encoding="utf-8"))
        trial = Trial(float(content["mediapipe"]), float(content["own"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    is_rating = all(0.0 <= value <= 1.0 for value in asdict(trial).values())
    return trial if is_rating else None


def _remember(path: Path, trial: Trial) -> None:
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps(asdict(trial)), encoding="utf-8")
        part.replace(path)
        for other in path.parent.glob("*.json"):
            if time.time() - other.stat().st_mtime > LIFETIME_S:
                other.unlink(missing_ok=True)
    except OSError as error:
        _LOG.info("What the trackers did cannot be kept in %s: %s", path.parent, error)
        with suppress(OSError):
            part.unlink()

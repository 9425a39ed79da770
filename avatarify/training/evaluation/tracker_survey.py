"""Our face tracker beside mediapipe's, over clips: points, movements, pose, expression, time."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.frames import Frame, Image
from avatarify.media.file_choice import open_source
from avatarify.tracking.face import BLENDSHAPE_NAMES, Face
from avatarify.tracking.landmarker import FaceLandmarker, LandmarkerMode
from avatarify.tracking.own_finder import OwnFinder
from avatarify.training.evaluation.trackers import (
    Agreement,
    TrackScore,
    agreement,
    score_track,
)
from avatarify.training.footage import Footage

MOVEMENTS = ("lip gap", "mouth width", "lids", "gaze", "brows")
_POSES = ("yaw", "pitch", "roll")
_LEAST_SPREAD = 0.02
"""Standard deviation of a blendshape below which it says nothing about agreement."""

_LEAST_TURN_DEG = 1.0
_WEBCAM_NOISE = 6.0
_STILL_FRAMES = 90
_FPS = 30.0
_TURNS_DEG = (-30.0, -15.0, 0.0, 15.0, 30.0)
_SIZES = (0.5, 0.25, 0.125)
"""Of the face over the picture's height."""

_PICTURE = (720, 1280)


@dataclass(frozen=True, slots=True)
class ClipComparison:
    """Both trackers on one clip."""

    name: str
    score: TrackScore
    poses: dict[str, Agreement]
    shapes: dict[str, Agreement]
    own_ms: float
    """Median time of our tracker for a frame."""

    other_ms: float
    """The same of mediapipe's."""


@dataclass(frozen=True, slots=True)
class Trackers:
    """The files of both."""

    own: Path
    """`landmarks.safetensors`."""

    other: Path
    """`face_landmarker.task`."""


def compare(footage: Footage, trackers: Trackers, most_frames: int) -> ClipComparison | None:
    """Let both trackers follow the face of a clip; each frame is measured for itself.

    Returns:
        None where mediapipe finds no face.

    Raises:
        VideoError: The file cannot be read.
        TrackerError: A tracker's file is missing or broken.
    """
    with (
        FaceLandmarker(trackers.other, LandmarkerMode.VIDEO) as other,
        OwnFinder(trackers.own, LandmarkerMode.VIDEO) as own,
    ):
        theirs, other_s = _timed(other.find, _frames(footage.path, most_frames))
        ours, own_s = _timed(own.find, _frames(footage.path, most_frames))
    seen = [(a, b) for a, b in zip(ours, theirs, strict=True) if b is not None]
    both = [(a, b) for a, b in seen if a is not None]
    if not both:
        return None
    a, b = (list(faces) for faces in zip(*both, strict=True))
    score = score_track(_points(a), _points(b), len(both) / len(seen))
    return ClipComparison(
        footage.name,
        score,
        _pose_agreement(a, b),
        _shape_agreement(a, b),
        1e3 * own_s,
        1e3 * other_s,
    )


def tremble(still: Image, trackers: Trackers) -> tuple[float, float]:
    """Measure how points tremble when a driver sits still before a noisy webcam.

    Args:
        still: (H, W, 3), a picture with a face.
        trackers: Both, in LIVE mode.

    Returns:
        Mean standard deviation over time of the points, over the distance of the irises: ours,
        mediapipe's; NaN where one of them does not find the face.
    """
    random = np.random.default_rng(0)
    noisy = [
        np.clip(still + random.normal(0, _WEBCAM_NOISE, still.shape), 0, 255).astype(np.uint8)
        for _ in range(_STILL_FRAMES)
    ]
    with OwnFinder(trackers.own, LandmarkerMode.LIVE) as own:
        ours = _deviation([own.find(image, i / _FPS) for i, image in enumerate(noisy)])
    with FaceLandmarker(trackers.other, LandmarkerMode.LIVE) as other:
        theirs = _deviation([other.find(image, i / _FPS) for i, image in enumerate(noisy)])
    return ours, theirs


def find_rate(stills: Iterable[Image], finder: OwnFinder, tracker: FaceLandmarker) -> float:
    """Return the share of stills that are found, turned and small, of those that mediapipe finds.

    Args:
        stills: Pictures with a face.
        finder: Ours, in IMAGE mode.
        tracker: mediapipe's, in IMAGE mode: says where the face is.
    """
    hits = []
    for still in stills:
        face = tracker.find(still)
        if face is None:
            continue
        for turn in _TURNS_DEG:
            for size in _SIZES:
                placed, points = _placed(still, face.landmarks, turn, size)
                found = finder.find(placed)
                hits.append(found is not None and _is_at(found, points))
    return float(np.mean(hits)) if hits else float("nan")


def false_alarms(empty: Iterable[Image], finder: OwnFinder) -> float:
    """Return the share of pictures without a face in which one is found."""
    return float(np.mean([finder.find(image) is not None for image in empty]))


def as_table(comparisons: list[ClipComparison]) -> str:
    """Return the clips and their mean in Markdown."""
    head = (
        "clip",
        "frames",
        "found",
        "all %",
        "lips %",
        "lids %",
        *MOVEMENTS,
        *_POSES,
        "shapes",
        "ms",
    )
    lines = [" | ".join(head), " | ".join("---" for _ in head)]
    lines += [" | ".join(_cells(comparison)) for comparison in comparisons]
    return "\n".join(f"| {line} |" for line in lines) + "\n"


def _cells(comparison: ClipComparison) -> Iterator[str]:
    score = comparison.score
    yield from (comparison.name, str(score.frames), f"{100 * score.found:.1f} %")
    yield from (f"{100 * value:.2f}" for value in (score.all_points, score.lips, score.lids))
    yield from (_pair(score.movements[name]) for name in MOVEMENTS)
    yield from (_pair(comparison.poses.get(name)) for name in _POSES)
    shapes = [found.correlation for found in comparison.shapes.values()]
    yield f"{np.mean(shapes):.2f}" if shapes else "–"
    yield f"{comparison.own_ms:.1f} / {comparison.other_ms:.1f}"


def _pair(found: Agreement | None) -> str:
    if found is None or np.isnan(found.correlation):
        return "–"
    return f"{found.correlation:.2f} / {found.gain:.2f}"


def _frames(path: Path, most: int) -> Iterator[Frame]:
    with open_source(path) as source:
        for frame in iter(source.read, None):
            if frame.index >= most:
                return
            yield frame


def _timed(
    find: Callable[[Image, float], Face | None], frames: Iterable[Frame]
) -> tuple[list[Face | None], float]:
    """Return the faces, and the median seconds of a search."""
    found, seconds = [], []
    for frame in frames:
        start = time.perf_counter()
        found.append(find(frame.image, frame.time_s))
        seconds.append(time.perf_counter() - start)
    return found, float(np.median(seconds)) if seconds else 0.0


def _points(faces: list[Face]) -> NDArray[np.float32]:
    return np.stack([face.landmarks for face in faces])


def _pose_agreement(ours: list[Face], theirs: list[Face]) -> dict[str, Agreement]:
    def series(faces: list[Face]) -> dict[str, NDArray[np.float64]]:
        return {name: np.array([getattr(f, f"{name}_deg") for f in faces]) for name in _POSES}

    a, b = series(ours), series(theirs)
    return {n: agreement(a[n], b[n]) for n in _POSES if b[n].std() > _LEAST_TURN_DEG}


def _shape_agreement(ours: list[Face], theirs: list[Face]) -> dict[str, Agreement]:
    a = np.stack([face.blendshapes for face in ours])
    b = np.stack([face.blendshapes for face in theirs])
    moved = np.flatnonzero(b.std(axis=0) > _LEAST_SPREAD)
    return {BLENDSHAPE_NAMES[i]: agreement(a[:, i], b[:, i]) for i in moved}


def _deviation(faces: list[Face | None]) -> float:
    found = [face for face in faces[len(faces) // 3 :] if face is not None]
    if len(found) < 2:
        return float("nan")
    points = _points(found)[..., :2]
    unit = float(np.mean([face.interocular for face in found]))
    return float(points.std(axis=0).mean()) / unit


def _placed(
    still: Image, points: NDArray[np.float32], turn_deg: float, size: float
) -> tuple[Image, NDArray[np.float32]]:
    """Turn a portrait, scale its face to a share of a picture's height, and lay it on grey."""
    height, width = _PICTURE
    low, high = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    scale = size * height / float((high - low).max())
    x, y = ((low + high) / 2.0).tolist()
    matrix = cv2.getRotationMatrix2D((x, y), turn_deg, scale)
    matrix[:, 2] += (width / 2.0 - x, height / 2.0 - y)
    blur = max(0.0, 0.4 / scale)
    soft = cv2.GaussianBlur(still, (0, 0), blur) if scale < 0.7 else still
    placed = cv2.warpAffine(
        soft, matrix, (width, height), borderMode=cv2.BORDER_CONSTANT, borderValue=(110, 110, 110)
    )
    return np.asarray(placed, np.uint8), (points[:, :2] @ matrix[:, :2].T + matrix[:, 2]).astype(
        np.float32
    )


def _is_at(face: Face, points: NDArray[np.float32]) -> bool:
    """Whether a face is where the points are: half of its size beside them at most."""
    middle = points.mean(axis=0)
    away = float(np.linalg.norm(face.landmarks[:, :2].mean(axis=0) - middle))
    return away < 0.25 * float(np.ptp(points, axis=0).max())

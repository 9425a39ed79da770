"""Hard places for face trackers: noise, turned and small faces, rooms that are empty."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.frames import Image
from avatarify.geometry.face_gains import FaceGains
from avatarify.geometry.face_motion import read_motion
from avatarify.geometry.face_smoothing import FaceSmoother
from avatarify.geometry.face_transfer import FaceTransfer
from avatarify.tracking.face import Box, Face
from avatarify.tracking.landmarker import FaceLandmarker, LandmarkerMode
from avatarify.tracking.mediapipe_graph import MediapipeGraph
from avatarify.tracking.own_finder import OwnFinder
from avatarify.tracking.search import Window

_WEBCAM_NOISE = 6.0
"""Standard deviation, of 255."""

_STILL_FRAMES = 90
_FPS = 30.0
_TURNS_DEG = (-30.0, -15.0, 0.0, 15.0, 30.0)
_SIZES = (0.5, 0.25, 0.125)
"""Of the face over the picture's height."""

_PICTURE = (720, 1280)


@dataclass(frozen=True, slots=True)
class Trackers:
    """The files of both."""

    own: Path
    """`landmarks.safetensors`."""

    other: Path
    """`face_landmarker.task`."""


def tremble(still: Image, trackers: Trackers) -> tuple[float, float]:
    """Measure how much trembles when a driver sits still before a noisy webcam.

    Args:
        still: (H, W, 3), a picture with a face.
        trackers: Both.

    Returns:
        Mean standard deviation over time of points, over the distance of the irises: of this face
        moved by our tracker in LIVE mode, smoothed as avatars are, and as mediapipe gives them when
        it follows one face; NaN where one of them does not find the face.
    """
    random = np.random.default_rng(0)
    noisy = [
        np.clip(still + random.normal(0, _WEBCAM_NOISE, still.shape), 0, 255).astype(np.uint8)
        for _ in range(_STILL_FRAMES)
    ]
    with OwnFinder(trackers.own, LandmarkerMode.LIVE) as own:
        ours = _shown([own.find(image, i / _FPS) for i, image in enumerate(noisy)])
    whole = Window(0, 0, still.shape[1], still.shape[0])
    graph = MediapipeGraph(trackers.other.read_bytes(), is_video=True, most_faces=1)
    theirs = [graph.find(image, whole, i / _FPS) for i, image in enumerate(noisy)]
    graph.close()
    found = [faces[0] for faces in theirs if faces]
    return _deviation(ours), _deviation([(face.landmarks, face.interocular) for face in found])


def _shown(faces: list[Face | None]) -> list[tuple[NDArray[np.floating], float]]:
    """Return the points, and the distance of the irises, of the first face moved by all of them."""
    found = [face for face in faces if face is not None]
    if not found:
        return []
    first, smoother = found[0].landmarks.astype(np.float64), FaceSmoother()
    transfer, unit = FaceTransfer(first), found[0].interocular
    motions = (
        smoother(read_motion(first, face.landmarks.astype(np.float64)), index / _FPS)
        for index, face in enumerate(found)
    )
    return [(transfer(motion, first, FaceGains()).landmarks, unit) for motion in motions]


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


def emptied(image: Image, box: Box) -> Image:
    """Paint a person out of a picture: what is beside the head is drawn across it.

    Args:
        image: (H, W, 3).
        box: Of the face; twice of it, and all below, is painted over.
    """
    width = image.shape[1]
    middle, half = box.center[0], box.larger_side
    left, right = round(max(0.0, middle - half)), round(min(width, middle + half))
    top = round(max(0.0, box.top - 0.5 * half))
    room = image.copy()
    before = image[top:, max(0, left - 4) : max(1, left)].mean(axis=1)
    after = image[top:, min(width - 1, right) : right + 4].mean(axis=1)
    share = np.linspace(0.0, 1.0, right - left)[None, :, None]
    room[top:, left:right] = before[:, None] * (1.0 - share) + after[:, None] * share
    return room


def _deviation(seen: list[tuple[NDArray[np.floating], float]]) -> float:
    """Return the standard deviation of points, over the distance of the irises beside them."""
    settled = seen[len(seen) // 3 :]
    if len(settled) < 2:
        return float("nan")
    points = np.stack([points[:, :2] for points, _ in settled])
    return float(points.std(axis=0).mean()) / float(np.mean([unit for _, unit in settled]))


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

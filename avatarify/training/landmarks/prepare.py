"""Cuts faces out of videos and pictures, with mediapipe's points, blendshapes and pose of each.

The tracker is asked again about the cut itself, so that pose and points belong to one picture.
Parts of the pictures without a face are kept as well: the networks must know what none is.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.errors import ImageError, VideoError
from avatarify.frames import Image
from avatarify.media.whole_file import whole_file
from avatarify.tracking.face import Box, Face
from avatarify.tracking.landmark_crops import Square, cut
from avatarify.tracking.landmarker import FaceLandmarker, LandmarkerMode
from avatarify.training.face_track import sampled, stride_of
from avatarify.training.footage import Footage, new_footage

SIDE = 288
"""Pixels of a cut's side."""

EMPTY_SIDE = 160
"""The same of a picture without a face."""

EMPTY_FILE = "empty.npy"
"""Pictures without a face, (E, 160, 160, 3)."""

_MARGIN = 1.75
_EMPTY_PER_FILE = 18
_TRIES = 400


@dataclass(frozen=True, slots=True)
class FacePreparation:
    """What is prepared, and how."""

    crops: Path
    """Folder that the cuts go to."""

    tracker: Path
    """mediapipe's `face_landmarker.task`."""

    manifest: Path | None = None
    """As for `list_footage`."""

    most_frames: int = 1600
    """Of a video, evenly over all of it."""


def prepare_faces(
    folders: list[Path], settings: FacePreparation, advance: Callable[[str], None]
) -> list[str]:
    """Cut the faces of all videos and pictures of some folders; files that are done are skipped.

    Args:
        folders: Searched with their sub-folders.
        settings: What is made of them.
        advance: Told the name of each file when it is begun.

    Returns:
        What could not be used, and why.

    Raises:
        SettingsError: A folder holds nothing.
        OutputError: The crops cannot be written.
        TrackerError: The tracker's file is missing or broken.
    """
    skipped: list[str] = []
    with FaceLandmarker(settings.tracker, LandmarkerMode.IMAGE) as tracker:
        for footage, target in new_footage(folders, settings.manifest, settings.crops, advance):
            empty: list[Image] = []
            try:
                cuts = list(_cuts(footage, tracker, settings.most_frames, empty))
            except (VideoError, ImageError) as error:
                skipped.append(str(error))
                continue
            if cuts:
                _keep_empty(settings.crops / EMPTY_FILE, empty)
                write_cuts(target, cuts)
            else:
                skipped.append(f"{footage.path}: no face was found.")
    return skipped


def _cuts(
    footage: Footage,
    tracker: FaceLandmarker,
    most_frames: int,
    empty: list[Image],
) -> Iterator[tuple[Image, Face]]:
    """Yield each frame's cut and its face; collect parts of the first frame that show none."""
    random = np.random.default_rng(sum(footage.name.encode()))
    for frame in sampled(footage.path, stride_of(footage, most_frames)):
        faces = tracker.find_all(frame.image)
        if frame.index == 0:
            empty += _without_faces(frame.image, [face.box for face in faces], random)
        if not faces:
            continue
        picture = _cut_face(frame.image, faces[0])
        face = tracker.find(picture)
        if face is not None:
            yield picture, face


def _cut_face(image: Image, face: Face) -> Image:
    x, y = face.box.center
    square = Square(x, y, _MARGIN * face.box.larger_side, 0.0)
    return cut(image, square.to_square(), SIDE)


def _without_faces(image: Image, boxes: list[Box], random: np.random.Generator) -> list[Image]:
    height, width = image.shape[:2]
    found: list[Image] = []
    for _ in range(_TRIES if boxes else 0):
        side = round(random.uniform(0.12, 0.5) * min(height, width))
        left, top = (int(random.integers(0, length - side)) for length in (width, height))
        if all(_is_apart(box, left, top, side) for box in boxes):
            part = image[top : top + side, left : left + side]
            size = (EMPTY_SIDE, EMPTY_SIDE)
            found.append(np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.uint8))
        if len(found) == _EMPTY_PER_FILE:
            break
    return found


def _is_apart(box: Box, left: int, top: int, side: int) -> bool:
    return box.right < left or box.left > left + side or box.bottom < top or box.top > top + side


def write_cuts(path: Path, cuts: list[tuple[Image, Face]]) -> None:
    """Write cut pictures with their faces; the file appears when it is whole.

    Raises:
        OutputError: It cannot be written.
    """
    with whole_file(path) as file:
        np.savez(
            file,
            images=np.stack([image for image, _ in cuts]),
            points=np.stack([face.landmarks for _, face in cuts]),
            shapes=np.stack([face.blendshapes for _, face in cuts]),
            poses=np.stack([face.transform for _, face in cuts]),
        )


def _keep_empty(path: Path, empty: list[Image]) -> None:
    """Add pictures without a face to those that are there."""
    known: list[NDArray[np.uint8]] = [np.load(path)] if path.is_file() else []
    if empty:
        known.append(np.stack(empty))
    if known:
        with whole_file(path) as file:
            np.save(file, np.concatenate(known))

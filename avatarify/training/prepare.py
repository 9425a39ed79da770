"""Turns folders of videos and pictures into a cache of tracked face crops.

Clip by clip, each whole or not there, so that an interrupted preparation goes on where it was.
"""

import json
import logging
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avatarify.errors import ImageError, VideoError
from avatarify.media.output_errors import output_error
from avatarify.tracking.crop import Crop, cut
from avatarify.training.face_track import (
    FaceTrack,
    sampled,
    track_face,
    track_file,
    write_track,
)
from avatarify.training.footage import Footage, list_footage

logger = logging.getLogger(__name__)

_BORDER = 6.0
"""A landmark nearer to the crop's border, in pixels, drops the frame."""


@dataclass(frozen=True, slots=True)
class PreparationSettings:
    """What is prepared, and how."""

    cache: Path
    """Folder of prepared clips; what is there is kept."""

    tracker: Path
    """mediapipe's `face_landmarker.task`."""

    manifest: Path | None = None
    """CSV file that says who is seen in which file."""

    side: int = 320
    """Of the crops, pixels."""

    margin: float = 2.375
    """Side of the crops over the larger side of the face: 1.25 times the project's framing, so
    that random windows find pixels there."""

    most_frames: int = 1500
    """Of one file; a longer video is sampled evenly."""


def prepare(
    folders: list[Path], settings: PreparationSettings, advance: Callable[[str], None]
) -> list[str]:
    """Prepare all videos and pictures of some folders.

    Args:
        folders: Searched with their sub-folders.
        settings: What is made of them.
        advance: Told the name of each file when it is begun, and again for each of its frames.

    Returns:
        What could not be used, and why.

    Raises:
        SettingsError: A folder holds nothing.
        OutputError: The cache cannot be written.
    """
    skipped: list[str] = []
    for folder in folders:
        for footage in list_footage(folder, settings.manifest):
            name = clip_name(footage, folder)
            if (settings.cache / name / "clip.json").is_file():
                continue
            advance(name)
            try:
                problem = _prepare_one(footage, name, settings, lambda name=name: advance(name))  # type: ignore[misc]
            except (VideoError, ImageError) as error:
                problem = str(error)
            if problem is not None:
                skipped.append(problem)
                logger.warning("%s", problem)
    return skipped


def write_tracks(
    folders: list[Path], settings: PreparationSettings, advance: Callable[[str], None]
) -> list[str]:
    """Track all videos and pictures, and leave the landmarks beside them.

    For a machine that has a GPU and no face tracker: it prepares from these files.

    Args:
        folders: Searched with their sub-folders; they must be writable.
        settings: Of the tracker and the number of frames; the cache is not touched.
        advance: As for `prepare`.

    Returns:
        What could not be used, and why.

    Raises:
        SettingsError: A folder holds nothing.
        OutputError: A folder cannot be written.
    """
    skipped: list[str] = []
    for folder in folders:
        for footage in list_footage(folder, settings.manifest):
            if track_file(footage).is_file():
                continue
            name = footage.name
            track = track_face(
                footage,
                settings.tracker,
                settings.most_frames,
                lambda name=name: advance(name),  # type: ignore[misc]
            )
            if track is None:
                skipped.append(f"{footage.path}: no face was found.")
            else:
                write_track(track, track_file(footage))
    return skipped


def clip_name(footage: Footage, folder: Path) -> str:
    """Return the prepared clip's folder name: the file's path below the folder, without slashes.

    A picture keeps its ending, so that it does not meet the video it was taken from.
    """
    relative = footage.path.relative_to(folder)
    words = [*relative.parts[:-1], relative.stem]
    if footage.is_still:
        words.append(relative.suffix[1:].lower())
    return "_".join(words)


def _prepare_one(
    footage: Footage, name: str, settings: PreparationSettings, advance: Callable[[], None]
) -> str | None:
    track = track_face(footage, settings.tracker, settings.most_frames, advance)
    if track is None or len(track.indices) == 0:
        return f"{footage.path}: no face was found."
    square = track.square(settings.margin)
    marks = in_crop(track.landmarks, square, settings.side)
    inside = (marks[:, :, :2] > _BORDER) & (marks[:, :, :2] < settings.side - 1 - _BORDER)
    kept = np.asarray(inside.all(axis=(1, 2)), dtype=np.bool_)
    if not kept.any():
        return f"{footage.path}: the face leaves its place in every frame."
    about = {
        "name": name,
        "person": footage.person,
        "fps": track.fps,
        "scale": settings.side / square.size,
        "is_still": footage.is_still,
    }
    partial = settings.cache / f".{name}.partial"
    try:
        _fresh(partial)
        _write(partial, footage, track.chosen(kept), square, settings.side)
        (partial / "clip.json").write_text(json.dumps(about), encoding="utf-8")
        _fresh(settings.cache / name, make=False)
        partial.rename(settings.cache / name)
    except OSError as error:
        shutil.rmtree(partial, ignore_errors=True)
        raise output_error(settings.cache / name, error) from error
    return None


def in_crop(landmarks: NDArray[np.float32], square: Crop, side: int) -> NDArray[np.float32]:
    """Carry landmarks over to a crop.

    Args:
        landmarks: (N, 478, 3), pixels of the picture, (0, 0) being its corner.
        square: What was cut out.
        side: To how many pixels.

    Returns:
        (N, 478, 3), pixels of the crop, (0, 0) being the *centre* of its first pixel, as OpenCV's
        warps count.
    """
    scale = side / square.size
    moved = scale * (landmarks - np.array([square.left, square.top, 0.0]))
    return (moved - np.array([0.5, 0.5, 0.0])).astype(np.float32)


def _fresh(folder: Path, *, make: bool = True) -> None:
    """Remove what an interrupted preparation left."""
    if folder.exists():
        shutil.rmtree(folder)
    if make:
        folder.mkdir(parents=True)


def _write(folder: Path, footage: Footage, track: FaceTrack, square: Crop, side: int) -> None:
    frames = np.lib.format.open_memmap(
        folder / "frames.npy", mode="w+", dtype=np.uint8, shape=(len(track.indices), side, side, 3)
    )
    place = {int(index): number for number, index in enumerate(track.indices)}
    for frame in sampled(footage.path, 1):
        if frame.index in place:
            frames[place[frame.index]] = cut(frame.image, square, side)
    frames.flush()
    extras: dict[str, NDArray[Any] | None] = {
        "landmarks": in_crop(track.landmarks, square, side),
        "blendshapes": track.blendshapes,
        "pose": track.pose,
        "index": track.indices,
    }
    for name, values in extras.items():
        if values is not None:
            np.save(folder / f"{name}.npy", values)

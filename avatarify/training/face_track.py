"""Where the face is in every frame of a video or a picture."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from avatarify.errors import SettingsError
from avatarify.frames import Frame
from avatarify.media.file_choice import open_source
from avatarify.media.whole_file import whole_file
from avatarify.tracking.crop import Crop
from avatarify.tracking.landmarker import FaceLandmarker, LandmarkerMode
from avatarify.training.footage import Footage

_STEPS = 32.0
"""Landmarks are stored to 1/32 of a pixel: a third of the size."""


@dataclass(frozen=True, slots=True)
class FaceTrack:
    """The frames in which a face was found."""

    indices: NDArray[np.int64]
    """(N,), of the frames in the file."""

    landmarks: NDArray[np.float32]
    """(N, 478, 3), pixels of the file's frames, (0, 0) being their corner."""

    blendshapes: NDArray[np.float32] | None
    """(N, 52), or None where the landmarks are exact and nothing was tracked."""

    pose: NDArray[np.float32] | None
    """(N, 4, 4), or None."""

    fps: float
    """Of these frames."""

    def square(self, margin: float) -> Crop:
        """Return the one square around all of them, `margin` times the face's larger side."""
        low = self.landmarks[:, :, :2].min(axis=1)
        high = self.landmarks[:, :, :2].max(axis=1)
        x, y = np.median((low + high) / 2.0, axis=0)
        return Crop(float(x), float(y), margin * float(np.median((high - low).max(axis=1))))

    def chosen(self, kept: NDArray[np.bool_]) -> "FaceTrack":
        """Return some of the frames."""
        return FaceTrack(
            self.indices[kept],
            self.landmarks[kept],
            None if self.blendshapes is None else self.blendshapes[kept],
            None if self.pose is None else self.pose[kept],
            self.fps,
        )


def sampled(path: Path, stride: int) -> Iterator[Frame]:
    """Read every n-th frame of a file."""
    with open_source(path) as source:
        for frame in iter(source.read, None):
            if frame.index % stride == 0:
                yield frame


def track_face(
    footage: Footage, tracker: Path, most_frames: int, advance: Callable[[], None]
) -> FaceTrack | None:
    """Find the face in a file's frames.

    Landmarks that lie beside it, in a file of the same name ending in .npz, are taken instead of
    searching: the exact ones of a rendered clip, or those that `write_track` left.

    Args:
        footage: The file.
        tracker: mediapipe's `face_landmarker.task`.
        most_frames: A longer video is sampled evenly.
        advance: Called for each frame.

    Returns:
        None where no frame shows a face.

    Raises:
        VideoError: The file cannot be read.
        SettingsError: The landmarks beside it are broken.
    """
    with open_source(footage.path) as source:
        fps = source.fps
        count = 1 if footage.is_still else sum(1 for _ in iter(source.read, None))
    stride = max(1, ceil(count / most_frames))
    known = track_file(footage)
    if known.is_file():
        return _read(known, count, stride, fps)
    return _searched(footage, tracker, stride, fps, advance)


def stride_of(footage: Footage, most_frames: int) -> int:
    """Return every how many-th frame of a file is taken, so that they are not more than asked."""
    if footage.is_still:
        return 1
    with open_source(footage.path) as source:
        count = sum(1 for _ in iter(source.read, None))
    return max(1, ceil(count / most_frames))


def track_file(footage: Footage) -> Path:
    """Return where the landmarks of a file lie, if there are any."""
    return footage.path.with_suffix(".npz")


def write_track(track: FaceTrack, path: Path) -> None:
    """Write landmarks beside their video, so that another machine needs no face tracker.

    Raises:
        OutputError: The folder cannot be written.
    """
    rounded = np.round(track.landmarks[:, :, :2] * _STEPS) / _STEPS
    with whole_file(path) as file:
        np.savez_compressed(file, landmarks=rounded.astype(np.float32), index=track.indices)


def _read(path: Path, count: int, stride: int, fps: float) -> FaceTrack:
    try:
        with np.load(path) as file:
            flat = file["landmarks"].astype(np.float32)[:, :, :2]
            is_whole = "index" not in file
            found = np.arange(len(flat)) if is_whole else file["index"]
    except (OSError, ValueError, KeyError, IndexError, BadZipFile) as error:
        raise SettingsError(f"{path} holds no landmarks: {error}. Make it again.") from error
    if flat.shape != (len(found), 478, 2) or (is_whole and len(flat) < count):
        raise SettingsError(f"{path} does not fit its video. Make it again.")
    kept = np.asarray((found % stride == 0) & (found < count), dtype=np.bool_)
    landmarks = np.concatenate((flat, np.zeros_like(flat[:, :, :1])), axis=2)
    return FaceTrack(found[kept].astype(np.int64), landmarks[kept], None, None, fps / stride)


def _searched(
    footage: Footage, tracker: Path, stride: int, fps: float, advance: Callable[[], None]
) -> FaceTrack | None:
    mode = LandmarkerMode.IMAGE if footage.is_still else LandmarkerMode.VIDEO
    found = []
    with FaceLandmarker(tracker, mode) as landmarker:
        for frame in sampled(footage.path, stride):
            face = landmarker.find(frame.image, frame.time_s)
            if face is not None:
                found.append((frame.index, face))
            advance()
    if not found:
        return None
    return FaceTrack(
        np.array([index for index, _ in found], dtype=np.int64),
        np.stack([face.landmarks for _, face in found]),
        np.stack([face.blendshapes for _, face in found]),
        np.stack([face.transform for _, face in found]),
        fps / stride,
    )

"""Saved motion: the landmarks of a driver over time, without any picture of them.

An .npz file with `landmarks` (N, 478, 3) float32, `blendshapes` (N, 52), `times_s` (N,) and `size`
(height, width). It may come from anywhere, so nothing in it is believed before it is checked: each
array's header is read first, and memory is asked for only once shape, kind and length agree.
"""

import struct
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tokenize import TokenError
from typing import IO
from zipfile import BadZipFile, LargeZipFile, ZipFile

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from avatarify.errors import VideoError
from avatarify.file_names import is_file, is_folder, not_found, part_beside
from avatarify.media.output_errors import output_error

SUFFIX = ".npz"
"""How the file's name ends."""

LANDMARK_COUNT, BLENDSHAPE_COUNT = 478, 52

MOST_FRAMES = 108_000
"""An hour at 30 frames per second, 620 MB."""

_LARGEST_SIDE = 16_384
_LONGEST_S = 86_400.0
_ASSUMED_FPS = 25.0

_FARTHEST = 20.0
"""Landmarks may lie outside of the picture, by so many of its larger sides at most."""

_SLACK = 0.01
"""Of blendshapes beyond 0 and 1."""

_NAMES = ("landmarks", "blendshapes", "times_s", "size")
_HEADERS: dict[tuple[int, int], Callable[[IO[bytes]], tuple[tuple[int, ...], bool, np.dtype]]] = {
    (1, 0): npy.read_array_header_1_0,
    (2, 0): npy.read_array_header_2_0,
}
# What zip files and array headers answer when they are broken, or want a password.
_BROKEN = (
    BadZipFile, LargeZipFile, OSError, ValueError, TypeError, KeyError, EOFError, RuntimeError,
    OverflowError, MemoryError, SyntaxError, TokenError, struct.error, zlib.error,
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Motion:
    """What a face did."""

    landmarks: NDArray[np.float32]
    """(N, 478, 3) x, y, depth in pixels of the driver's picture, (0, 0) being its upper left
    corner; NaN in all of a frame in which no face is seen."""

    blendshapes: NDArray[np.float32]
    """(N, 52) strength of each expression, 0 to 1; NaN where no face is seen."""

    times_s: NDArray[np.float64]
    """(N,) of the frames, rising."""

    size: tuple[int, int]
    """(height, width) of the driver's picture in pixels."""

    def __post_init__(self) -> None:
        problem = _problem(self)
        if problem is not None:
            raise ValueError(problem)

    @property
    def frame_count(self) -> int:
        """How many frames there are."""
        return len(self.times_s)

    @property
    def has_face(self) -> NDArray[np.bool_]:
        """(N,) whether a face is seen."""
        return np.isfinite(self.landmarks[:, 0, 0])

    @property
    def fps(self) -> float:
        """Frames per second, averaged; 25 for a single frame."""
        if self.frame_count < 2:
            return _ASSUMED_FPS
        return float((self.frame_count - 1) / (self.times_s[-1] - self.times_s[0]))


def read_motion(path: Path) -> Motion:
    """Read saved motion.

    Args:
        path: As `write_motion` or `avatarify track` leave it.

    Raises:
        VideoError: The file is missing, unreadable, damaged, or holds something else.
    """
    if is_folder(path):
        raise VideoError(f"{path} is a folder. Give one file of saved motion.")
    if not is_file(path):
        raise VideoError(not_found("saved motion", path))
    try:
        with path.open("rb") as file, ZipFile(file) as archive:
            return _motion(archive)
    except FileNotFoundError as error:
        raise VideoError(not_found("saved motion", path)) from error
    except PermissionError as error:
        raise VideoError(
            f"There is no permission to read the saved motion {path}. Give yourself the "
            "permission, or use a copy elsewhere."
        ) from error
    except _BROKEN as error:
        why = " ".join(str(error).split()).rstrip(".") or type(error).__name__
        raise VideoError(
            f"{path} is no saved motion, or it is damaged: {why}. Make it again with `avatarify "
            "track`."
        ) from error


def write_motion(path: Path, motion: Motion) -> None:
    """Write saved motion under its final name only once it is complete.

    Args:
        path: Ends in .npz; replaced if it exists.
        motion: What the face did.

    Raises:
        OutputError: The file could not be written.
        ValueError: The file name has another ending.
    """
    if path.suffix.lower() != SUFFIX:
        raise ValueError(f"a motion file ends in .npz, not {path.suffix!r}")
    encoded = BytesIO()
    np.savez_compressed(
        encoded,
        landmarks=motion.landmarks,
        blendshapes=motion.blendshapes,
        times_s=motion.times_s,
        size=np.array(motion.size, np.int64),
    )
    part = part_beside(path)
    try:
        part.write_bytes(encoded.getbuffer())
        part.replace(path)
    except (OSError, ValueError) as error:
        raise output_error(path, error) from error
    finally:
        with suppress(OSError, ValueError):  # the reason is already told
            part.unlink(missing_ok=True)


def _motion(archive: ZipFile) -> Motion:
    arrays = {name: _array(archive, name) for name in _NAMES}
    height, width = (int(side) for side in arrays["size"])
    landmarks = arrays["landmarks"].astype(np.float32)
    if len({len(arrays[name]) for name in _NAMES if name != "size"}) > 1:
        raise ValueError("its arrays are not equally long")
    # What stands beside a face that is not seen has no meaning.
    seen = np.isfinite(landmarks[:, :1, 0])
    shapes = np.where(seen, arrays["blendshapes"].astype(np.float32), np.float32(np.nan))
    return Motion(landmarks, shapes, arrays["times_s"].astype(np.float64), (height, width))


def _array(archive: ZipFile, name: str) -> NDArray[np.generic]:
    """Read one array, having compared what its header claims with what the file holds."""
    try:
        member = archive.getinfo(f"{name}.npy")
    except KeyError as error:
        raise ValueError(f"it holds no {name}") from error
    with archive.open(member) as file:
        version = npy.read_magic(file)
        if version not in _HEADERS:
            raise ValueError(f"{name} has an unknown header")
        shape, _, kind = _HEADERS[version](file)
        _check_claim(name, shape, kind)
        if member.file_size - file.tell() != kind.itemsize * int(np.prod(shape, dtype=np.int64)):
            raise ValueError(f"{name} is cut off")
    with archive.open(member) as file:
        found: NDArray[np.generic] = npy.read_array(file, allow_pickle=False)
    return found


def _check_claim(name: str, shape: tuple[int, ...], kind: np.dtype) -> None:
    """Refuse an array by what its header says, before any of it is read."""
    expected, kinds = {
        "landmarks": ((LANDMARK_COUNT, 3), "f"),
        "blendshapes": ((BLENDSHAPE_COUNT,), "f"),
        "times_s": ((), "fiu"),
        "size": ((), "iu"),
    }[name]
    fewest, most = (2, 2) if name == "size" else (1, MOST_FRAMES)
    if not shape or shape[1:] != expected:
        raise ValueError(f"{name} has the shape {shape}")
    if not fewest <= shape[0] <= most:
        raise ValueError(f"{name} holds {shape[0]} entries, not {fewest} to {most}")
    if kind.kind not in kinds or (name == "landmarks" and kind != np.float32):
        raise ValueError(f"{name} holds {kind}")


def _problem(motion: Motion) -> str | None:
    """Return what is wrong with a motion, or None."""
    count = len(motion.times_s)
    if not 1 <= count <= MOST_FRAMES:
        return f"it has {count} frames, not 1 to {MOST_FRAMES}"
    if motion.landmarks.shape != (count, LANDMARK_COUNT, 3):
        return f"landmarks have the shape {motion.landmarks.shape}"
    if motion.blendshapes.shape != (count, BLENDSHAPE_COUNT):
        return f"blendshapes have the shape {motion.blendshapes.shape}"
    if not all(1 <= side <= _LARGEST_SIDE for side in motion.size):
        return f"its picture is {motion.size[1]}x{motion.size[0]} pixels large"
    return _problem_of_times(motion.times_s) or _problem_of_values(motion)


def _problem_of_times(times_s: NDArray[np.float64]) -> str | None:
    if not np.isfinite(times_s).all() or (np.diff(times_s) <= 0).any():
        return "its times do not rise"
    if times_s[-1] - times_s[0] > _LONGEST_S or abs(times_s[0]) > _LONGEST_S:
        return "its times span more than a day"
    return None


def _problem_of_values(motion: Motion) -> str | None:
    flat = motion.landmarks.reshape(len(motion.landmarks), -1)
    is_lost, is_whole = np.isnan(flat).all(axis=1), np.isfinite(flat).all(axis=1)
    if not (is_lost | is_whole).all():
        return "some frames hold a part of a face"
    if not is_whole.any():
        return "it shows no face"
    if np.abs(flat[is_whole]).max() > _FARTHEST * max(motion.size):
        return "landmarks lie far outside of the picture"
    shapes = motion.blendshapes[is_whole]
    if not ((shapes > -_SLACK) & (shapes < 1 + _SLACK)).all():
        return "blendshapes lie outside of 0 to 1"
    return None

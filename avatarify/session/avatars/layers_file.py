"""What was found in a portrait, kept beside it: landmarks and matte.

`NAME.npz` lies beside `NAME.png`. It is made once, when a picture becomes an avatar; where it is
missing or does not fit, it is made again. Portraits that were rendered have their room in it, too,
as a JPEG.
"""

import io
import logging
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from avatarify.file_names import is_file, part_beside
from avatarify.frames import Image
from avatarify.geometry.face_mesh import LANDMARK_COUNT
from avatarify.media.output_errors import output_error

logger = logging.getLogger(__name__)

SUFFIX = ".npz"

_LARGEST = 64_000_000
"""Bytes of a file above which it is not read."""

_QUALITY = 92
"""Of the room's JPEG: what nobody sees until the person moves aside."""


class PortraitLayers(NamedTuple):
    """What the face engine needs to know of a picture."""

    landmarks: NDArray[np.float32]
    """(478, 3) x, y, depth in pixels of the picture, 0 its upper left corner."""
    matte: NDArray[np.uint8]
    """(H, W), 255 where the person is, 0 where the room is."""
    room: Image | None = None
    """RGB (H, W, 3), what is behind the person, where that is known."""


def read_layers(path: Path, size: tuple[int, int]) -> PortraitLayers | None:
    """Read what is kept for a picture.

    Args:
        path: The file.
        size: (height, width) of the picture that it belongs to.

    Returns:
        None where there is no file, or none that fits the picture.
    """
    try:
        if not is_file(path) or path.stat().st_size > _LARGEST:
            return None
        with np.load(path, allow_pickle=False) as arrays:
            layers = _checked(arrays["landmarks"], arrays["matte"], size)
            room = _room(arrays["room"], size) if "room" in arrays else None
            return layers._replace(room=room)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        logger.warning("%s is not used: %s", path, error)
        return None


def write_layers(path: Path, layers: PortraitLayers) -> None:
    """Keep what was found in a picture; the file is whole or not there.

    Raises:
        OutputError: The file could not be written.
    """
    packed = io.BytesIO()
    landmarks = layers.landmarks.astype(np.float32)
    if layers.room is None:
        np.savez_compressed(packed, landmarks=landmarks, matte=layers.matte)
    else:
        room = _packed(layers.room)
        np.savez_compressed(packed, landmarks=landmarks, matte=layers.matte, room=room)
    part = part_beside(path)
    try:
        part.write_bytes(packed.getvalue())
        part.replace(path)
    except (OSError, ValueError) as error:
        with suppress(OSError, ValueError):  # the reason is told
            part.unlink(missing_ok=True)
        raise output_error(path, error) from error


def _checked(
    landmarks: NDArray[np.generic], matte: NDArray[np.generic], size: tuple[int, int]
) -> PortraitLayers:
    if landmarks.shape != (LANDMARK_COUNT, 3) or landmarks.dtype.kind != "f":
        raise ValueError(f"the landmarks are {landmarks.shape} {landmarks.dtype}")
    if not np.isfinite(landmarks).all():
        raise ValueError("a landmark is not finite")
    if matte.shape != size or matte.dtype != np.uint8:
        raise ValueError(f"the matte is {matte.shape} {matte.dtype}, the picture {size}")
    return PortraitLayers(landmarks.astype(np.float32), matte.astype(np.uint8, copy=False))


def _packed(room: Image) -> NDArray[np.uint8]:
    packed = io.BytesIO()
    Pillow.fromarray(room).save(packed, "JPEG", quality=_QUALITY)
    return np.frombuffer(packed.getvalue(), np.uint8)


def _room(packed: NDArray[np.generic], size: tuple[int, int]) -> Image:
    if packed.ndim != 1 or packed.dtype != np.uint8:
        raise ValueError(f"the room is {packed.shape} {packed.dtype}")
    with Pillow.open(io.BytesIO(packed.tobytes()), formats=["JPEG"]) as picture:
        if picture.size != size[::-1]:  # known before anything is decoded
            raise ValueError(f"the room is {picture.size}, the picture {size[::-1]}")
        return np.array(picture.convert("RGB"), np.uint8)

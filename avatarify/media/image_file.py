"""Pictures on disk: any common kind in, 8-bit RGB out, and files that are whole or not there.

Pillow reads them, because it knows a picture's size before decoding it, its EXIF rotation and its
16-bit kinds, and because it refuses a truncated file where OpenCV fills the rest with grey.
"""

import os
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image as Pillow
from PIL import ImageOps, UnidentifiedImageError, features

from avatarify.errors import ImageError
from avatarify.file_names import is_file, is_folder, not_found, part_beside
from avatarify.frames import Image
from avatarify.media.colour_profile import to_srgb
from avatarify.media.output_errors import output_error
from avatarify.media.picture_kind import HEIC, picture_kind
from avatarify.shipped import how_to_install

try:
    from pillow_heif import register_heif_opener
except (ImportError, OSError):  # not installed, or a library that it needs is missing
    _HAS_HEIC = False
else:
    register_heif_opener()
    _HAS_HEIC = True

_HEIC_SUFFIXES = frozenset({".heic", ".heif"} if _HAS_HEIC else ())
_AVIF_SUFFIXES = frozenset({".avif"} if features.check("avif") else ())

IMAGE_SUFFIXES = (
    frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".gif"})
    | _AVIF_SUFFIXES
    | _HEIC_SUFFIXES
)
"""File name endings, in lower case, that count as pictures in a folder."""

_FOOTER_BYTES = 26
"""Some kinds say at their end what they are."""

MAX_PIXELS = 80_000_000
"""A larger picture is refused before it is decoded: 80 megapixels take 240 MB of memory."""

_FORMATS = (
    *("PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF", "PPM"),
    *(["AVIF"] if _AVIF_SUFFIXES else []),
    *(["HEIF"] if _HAS_HEIC else []),
)
_BEHIND_TRANSPARENCY = (127, 127, 127)
# Pillow's decoders report broken files in all these ways.
_BROKEN = (
    OSError, SyntaxError, ValueError, EOFError, struct.error, IndexError, OverflowError, KeyError,
    TypeError, AttributeError, RuntimeError, AssertionError, MemoryError, ZeroDivisionError,
)  # fmt: skip


def read_image(path: Path) -> Image:
    """Read a picture as people see it: upright, 8-bit, in colour, on grey where transparent.

    Args:
        path: A PNG, JPEG, WebP, AVIF, BMP, TIFF, GIF (its first picture) or PPM file; HEIC where
            the extra `heic` is installed. The file's content counts, not its ending.

    Returns:
        RGB, uint8, (H, W, 3), contiguous.

    Raises:
        ImageError: The file is missing, unreadable, broken, no picture, or above `MAX_PIXELS`.
    """
    with opened_picture(path) as picture:
        return to_image(picture)


@contextmanager
def opened_picture(path: Path) -> Iterator[Pillow.Image]:
    """Open a picture that may hold several; the file stays open as long as the context lasts.

    Args:
        path: As `read_image` takes it.

    Raises:
        ImageError: At the opening, or in place of what Pillow raises inside of the context.
    """
    _check_is_file(path)
    _load_decoders()
    try:
        with path.open("rb") as stream:
            yield _open(path, stream)
    except (Pillow.DecompressionBombWarning, Pillow.DecompressionBombError) as error:
        raise ImageError(_too_large(path)) from error
    except PermissionError as error:
        raise ImageError(
            f"There is no permission to read the image {path}. Give yourself the permission, or "
            "use a copy elsewhere."
        ) from error
    except UnidentifiedImageError as error:
        raise ImageError(_unknown(path)) from error
    except _BROKEN as error:
        raise ImageError(
            f"The image {path} is damaged or cut off ({error}). Copy or download it again."
        ) from error


def write_image(path: Path, image: Image) -> None:
    """Write a picture under its final name only once it is complete.

    Args:
        path: Ends in .png (lossless) or .jpg, .jpeg; replaced if it exists.
        image: RGB, uint8, (H, W, 3).

    Raises:
        OutputError: The file could not be written.
        ValueError: The file name has another ending.
    """
    encoded = _encode(path.suffix.lower(), image)
    part = part_beside(path)
    try:
        part.write_bytes(encoded)
        part.replace(path)
    except (OSError, ValueError) as error:
        raise output_error(path, error) from error
    finally:
        _remove_leftover(part)


def _load_decoders() -> None:
    Pillow.init()  # a list of formats alone does not make Pillow load their decoders


def _open(path: Path, stream: BinaryIO) -> Pillow.Image:
    with warnings.catch_warnings():
        warnings.simplefilter("error", Pillow.DecompressionBombWarning)
        picture = Pillow.open(stream, formats=_FORMATS)
        _check_size(path, picture.size)
        if picture.format == "PNG":
            picture.verify()  # only this compares the checksums; it leaves the file unusable
            stream.seek(0)
            picture = Pillow.open(stream, formats=_FORMATS)
        return picture


def _check_is_file(path: Path) -> None:
    if is_folder(path):
        raise ImageError(f"{path} is a folder. Give one image file.")
    if not is_file(path):
        raise ImageError(not_found("image", path))
    if path.stat().st_size == 0:
        raise ImageError(f"The image {path} is empty (0 bytes). Copy or download it again.")


def _unknown(path: Path) -> str:
    """Name a picture that nothing here reads, by its content."""
    with suppress(OSError), path.open("rb") as file:
        kind = picture_kind(file.read(512), _end_of(file))
        if kind == HEIC and not _HAS_HEIC:
            advice = how_to_install("pillow-heif")
            return f"{path} is {kind}, which nothing here reads. Save it as JPEG or PNG. {advice}"
        if kind is not None:
            return f"{path} is {kind}, not an image that can be read here. Save it as JPEG or PNG."
    return f"{path} is not an image that can be read here. Use a PNG, JPEG or WebP file."


def _end_of(file: BinaryIO) -> bytes:
    file.seek(-min(_FOOTER_BYTES, file.seek(0, os.SEEK_END)), os.SEEK_END)
    return file.read()


def _check_size(path: Path, size: tuple[int, int]) -> None:
    width, height = size
    if width * height > MAX_PIXELS:
        raise ImageError(_too_large(path, f" ({width}x{height} pixels)"))


def _too_large(path: Path, size: str = "") -> str:
    limit = MAX_PIXELS // 1_000_000
    return f"The image {path} is too large{size}. Scale it below {limit} megapixels."


def to_image(picture: Pillow.Image) -> Image:
    """Return the picture at which Pillow stands as people see it; see `read_image`."""
    return _to_rgb(to_srgb(ImageOps.exif_transpose(picture)))


def _to_rgb(picture: Pillow.Image) -> Image:
    if picture.mode.startswith("I"):
        return _from_16_bit(picture)
    if picture.mode == "F":
        raise ValueError("its pixels are floating-point numbers")
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        behind = Pillow.new("RGBA", picture.size, (*_BEHIND_TRANSPARENCY, 255))
        picture = Pillow.alpha_composite(behind, picture)
    return np.array(picture.convert("RGB"))  # a copy: Pillow lends its own memory read-only


def _from_16_bit(picture: Pillow.Image) -> Image:
    # Pillow's own conversion to 8 bits clips at 255 instead of scaling.
    grey = np.clip(np.asarray(picture, dtype=np.int64), 0, 65535)
    rounded = ((grey + 128) // 257).astype(np.uint8)
    return np.repeat(rounded[:, :, None], 3, axis=2)


def _encode(suffix: str, image: Image) -> bytes:
    # In memory first: Pillow loses the reason when it writes to a full disk by itself.
    encoded = BytesIO()
    match suffix:
        case ".png":
            Pillow.fromarray(image).save(encoded, "PNG", compress_level=1)
        case ".jpg" | ".jpeg":
            Pillow.fromarray(image).save(encoded, "JPEG", quality=95)
        case other:
            raise ValueError(f"an image file ends in .png or .jpg, not {other!r}")
    return encoded.getvalue()


def _remove_leftover(part: Path) -> None:
    try:
        part.unlink(missing_ok=True)
    except (OSError, ValueError):
        # The folder went away or forbids it: the error about the picture itself is already told.
        return

"""Small pictures of the avatars, made once and kept, so that a folder of hundreds opens at once."""

import hashlib
import logging
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from platformdirs import user_cache_path

from avatarify.errors import ImageError, OutputError
from avatarify.file_names import is_file
from avatarify.frames import Image
from avatarify.media.image_file import read_image, write_image
from avatarify.tracking.crop import Crop, cut

logger = logging.getLogger(__name__)

MOST_KEPT = 2000
"""Thumbnails on disk; the ones that were not written for longest go first."""


@dataclass(frozen=True, slots=True, eq=False)
class Thumbnail:
    """A small square picture, or the reason why there is none."""

    image: Image | None
    """RGB (side, side, 3), or None for a file that is no usable picture."""

    problem: str = ""
    """What is wrong with the file and what to do, or empty."""


class ThumbnailStore:
    """Makes thumbnails and keeps them; may be used from several threads."""

    def __init__(self, folder: Path | None = None, side: int = 192) -> None:
        """Use a folder, made when it is first needed.

        Args:
            folder: By default the user's cache folder.
            side: Side of the thumbnails in pixels.
        """
        self._folder = folder or user_cache_path("avatarify", appauthor=False) / "thumbnails"
        self._side = side

    def get(self, path: Path) -> Thumbnail:
        """The thumbnail of a picture file; never raises for what is in the file."""
        kept = self._kept_path(path)
        if kept is not None and is_file(kept):
            try:
                return Thumbnail(read_image(kept))
            except ImageError:
                logger.debug("The thumbnail %s is made again.", kept)
        try:
            image = centred_square(read_image(path), self._side)
        except ImageError as error:
            return Thumbnail(None, str(error))
        if kept is not None:
            self._keep(kept, image)
        return Thumbnail(image)

    def prune(self) -> None:
        """Delete the oldest thumbnails above `MOST_KEPT`."""
        try:
            kept = sorted(self._folder.glob("*.png"), key=lambda path: path.stat().st_mtime)
            for path in kept[:-MOST_KEPT]:
                path.unlink(missing_ok=True)
        except OSError as error:
            logger.debug("Thumbnails cannot be tidied up: %s", error)

    def _kept_path(self, path: Path) -> Path | None:
        try:
            status = path.stat()
        except (OSError, ValueError):
            return None
        state = f"{path.resolve()}|{status.st_mtime_ns}|{status.st_size}|{self._side}"
        return self._folder / f"{hashlib.sha256(os.fsencode(state)).hexdigest()[:32]}.png"

    def _keep(self, kept: Path, image: Image) -> None:
        try:
            kept.parent.mkdir(parents=True, exist_ok=True)
            write_image(kept, image)
        except (OSError, OutputError) as error:
            logger.debug("The thumbnail cannot be kept: %s", error)


def centred_square(image: Image, side: int | None = None) -> Image:
    """Cut the largest centred square.

    Args:
        image: RGB (H, W, 3).
        side: Scale the square to this side; by default it keeps its size.

    Returns:
        RGB (side, side, 3).
    """
    height, width = image.shape[:2]
    smaller = min(height, width)
    if height == width and side in (None, smaller):
        return np.ascontiguousarray(image)
    return cut(image, Crop(width / 2, height / 2, smaller), side or smaller)

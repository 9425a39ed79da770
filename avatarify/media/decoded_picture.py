"""A decoded frame as people should see it: upright, not mirrored, in square pixels and sRGB.

The converter behind PyAV turns YUV into RGB. What it does not do is here: it takes every untagged
picture for standard definition, leaves HDR as it is, refuses rare matrices, and turns nothing.
"""

import logging
from collections.abc import Iterable
from enum import IntEnum
from functools import cache
from typing import cast

import numpy as np
from av.sidedata.sidedata import SideData
from av.sidedata.sidedata import Type as Note
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from avatarify.frames import Image
from avatarify.media.high_dynamic_range import Transfer, to_standard_range

_LOG = logging.getLogger(__name__)

_BT2020_PRIMARIES = 9
_WIDEST_PIXEL = 8.0
"""Width over height; the claim of a broken file must not cost gigabytes."""


class Matrix(IntEnum):
    """How YUV was made of RGB, as files number it (ITU-T H.273, table 4)."""

    BT709 = 1
    UNSPECIFIED = 2
    FCC = 4
    BT601_PAL = 5
    BT601 = 6
    SMPTE240M = 7
    BT2020 = 9


_DIRECT = {*Matrix, 0}
_NEAREST = {10: Matrix.BT2020, 13: Matrix.BT2020, 14: Matrix.BT2020, 11: Matrix.BT709}
"""Matrices that the converter lacks, with what comes nearest."""

_DERIVED_FROM_PRIMARIES = 12
_FOREIGN = {8, 11, 14}
"""Of these the nearest one is far off."""


class PictureReader:
    """Reads the frames of one stream; what it cannot show rightly it says once."""

    def __init__(self, name: str, context: VideoCodecContext) -> None:
        """Take the frames that `context` decodes.

        Args:
            name: What the user calls the stream.
            context: Knows how the colours are meant.
        """
        self._name = name
        self._context = context
        self._reformatter = VideoReformatter()

    def read(self, picture: VideoFrame, pixel_aspect: float = 1.0) -> Image:
        """Return what is to be seen.

        Args:
            picture: A decoded frame.
            pixel_aspect: Width over height of its pixels.
        """
        if not 1 / _WIDEST_PIXEL <= pixel_aspect <= _WIDEST_PIXEL:
            pixel_aspect = 1.0
        width = max(1, round(picture.width * pixel_aspect))
        picture.colorspace = self._matrix(picture)
        transfer = _transfer(self._context)
        wanted = "rgb24" if transfer is None else "rgb48le"
        converted = self._reformatter.reformat(picture, format=wanted, width=width).to_ndarray()
        if transfer is None:
            image = converted.astype(np.uint8, copy=False)
        else:
            is_wide = self._context.color_primaries == _BT2020_PRIMARIES
            image = to_standard_range(converted.astype(np.uint16, copy=False), transfer, is_wide)
        return np.ascontiguousarray(_turned(image, _display_matrix(picture)))

    def _matrix(self, picture: VideoFrame) -> int:
        """Return the matrix to convert by."""
        tagged = int(picture.colorspace)
        if tagged in _DIRECT and tagged != Matrix.UNSPECIFIED:
            return tagged
        if tagged in _FOREIGN:
            _tell(self._name, tagged)
        if tagged == _DERIVED_FROM_PRIMARIES:
            is_wide = self._context.color_primaries == _BT2020_PRIMARIES
            return Matrix.BT2020 if is_wide else Matrix.BT709
        return _NEAREST.get(tagged, _usual_matrix(picture))


@cache
def _tell(name: str, matrix: int) -> None:
    """Say it once for each stream: a run reads a clip several times."""
    _LOG.warning(
        "The colours of %s may look wrong: they are written in a way that is not known here "
        "(matrix %d). Convert the video to BT.709.",
        name,
        matrix,
    )


def _usual_matrix(picture: VideoFrame) -> Matrix:
    """Return what is meant where nothing is said: high definition is BT.709."""
    is_high = max(picture.width, picture.height) >= 1280 or min(picture.width, picture.height) > 576
    return Matrix.BT709 if is_high else Matrix.BT601


def _transfer(context: VideoCodecContext) -> Transfer | None:
    """Return how HDR is encoded, or None where the picture is an ordinary one."""
    known = int(context.color_trc or 0)
    return next((transfer for transfer in Transfer if transfer == known), None)


def _display_matrix(picture: VideoFrame) -> NDArray[np.float64]:
    """Return (2, 2): where the picture's x and y run when it is shown."""
    try:
        notes = cast("Iterable[SideData]", picture.side_data)
        for note in notes:
            if note.type is Note.DISPLAYMATRIX and note.buffer_size >= 36:
                matrix = np.frombuffer(bytes(note), dtype=np.int32)[:9].reshape(3, 3)
                return matrix[:2, :2].astype(np.float64)
    except ValueError:  # beside it stands a note of a kind that PyAV does not know
        angle = -np.deg2rad(picture.rotation)
        return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return np.eye(2)


def _turned(image: Image, matrix: NDArray[np.float64]) -> Image:
    """Turn and mirror by the nearest of the eight ways that keep pixels whole."""
    (x_to_x, x_to_y), (y_to_x, y_to_y) = matrix.tolist()
    if abs(x_to_y) + abs(y_to_x) > abs(x_to_x) + abs(y_to_y):
        image = image.transpose(1, 0, 2)
        runs_left, runs_up = y_to_x < 0, x_to_y < 0
    else:
        runs_left, runs_up = x_to_x < 0, y_to_y < 0
    return image[:: -1 if runs_up else 1, :: -1 if runs_left else 1]

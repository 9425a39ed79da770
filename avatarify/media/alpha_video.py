"""Videos that let through what is not the person: VP9 with alpha in a WebM file."""

from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import cv2
import numpy as np
from av.container import OutputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from avatarify.errors import OutputError
from avatarify.frames import Frame, Image
from avatarify.media.output_errors import output_error
from avatarify.media.unfinished_film import UnfinishedFilm

SUFFIX = ".webm"
"""How the file's name ends."""

_ENCODER = "libvpx-vp9"
_OPTIONS = {"deadline": "realtime", "cpu-used": "6", "crf": "24", "b": "0", "auto-alt-ref": "0"}
_TICKS_PER_S = 1000


class AlphaVideoWriter:
    """A WebM file whose frames are RGBA; it takes its size from the first one."""

    keeps_times = True
    """Where frames are missing, the one before is seen."""

    def __init__(self, path: Path, fps: float) -> None:
        """Open the file; one that exists is replaced once this one plays.

        Args:
            path: The .webm file.
            fps: Nominal frames per second, above 0.

        Raises:
            OutputError: The file cannot be written, or PyAV has no VP9.
        """
        if not fps > 0:
            raise ValueError(f"fps must be above 0, not {fps}")
        try:
            av.Codec(_ENCODER, "w")
        except ValueError as error:
            raise OutputError(
                f"PyAV was built without VP9, which {path} needs. Choose a folder for PNGs instead."
            ) from error
        self._path, self._fps = path, fps
        self._size: tuple[int, int] | None = None
        self._start_s, self._last_tick = 0.0, -1
        self._has_failed = False
        self._is_open = True
        try:
            self._file = UnfinishedFilm(path)
        except (OSError, ValueError) as error:
            raise output_error(path, error) from error

    @property
    def path(self) -> Path:
        """The file."""
        return self._path

    def write(self, frame: Frame) -> None:
        """Encode one frame.

        Args:
            frame: Its image is RGBA, uint8, (H, W, 4), or RGB, which lets nothing through.

        Raises:
            OutputError: The disk is full or the file is lost.
            ValueError: The frame has another size, or the writer is closed.
        """
        if not self._is_open:
            raise ValueError(f"the video writer of {self._path} is closed")
        image = _with_alpha(frame.image)
        size = image.shape[0], image.shape[1]
        if self._size is None:
            self._begin(size, frame.time_s)
        elif self._size != size:
            raise ValueError(f"a frame of {size} in a video of {self._size}")
        tick = round((frame.time_s - self._start_s) * _TICKS_PER_S)
        self._last_tick = max(tick, self._last_tick + 1)
        picture = VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgba")
        picture = picture.reformat(format="yuva420p")
        picture.pts, picture.time_base = self._last_tick, Fraction(1, _TICKS_PER_S)
        self._mux(picture)
        self._file.publish_in_time(self._last_tick / _TICKS_PER_S)

    def close(self) -> None:
        """Finish the file; a second call does nothing.

        Raises:
            OutputError: The disk is full.
        """
        if not self._is_open:
            return
        self._is_open = False
        try:
            if self._size is not None:
                self._mux(None)
                self._container.close()
        except (OSError, ValueError, av.FFmpegError) as error:
            self._has_failed = True
            raise self._problem(error) from error
        finally:
            self._file.settle(has_failed=self._has_failed)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._has_failed = self._has_failed or kind is not None
        self.close()

    def _begin(self, size: tuple[int, int], time_s: float) -> None:
        self._container: OutputContainer = av.open(self._file, "w", format="webm")
        rate = Fraction(self._fps).limit_denominator(1001)
        stream = self._container.add_stream(_ENCODER, rate=rate, options=_OPTIONS)
        assert isinstance(stream, VideoStream)
        stream.height, stream.width = size
        stream.pix_fmt = "yuva420p"
        stream.codec_context.time_base = Fraction(1, _TICKS_PER_S)
        self._stream, self._size, self._start_s = stream, size, time_s

    def _mux(self, picture: VideoFrame | None) -> None:
        try:
            self._container.mux(self._stream.encode(picture))
        except (OSError, av.FFmpegError) as error:
            self._is_open = False
            self._has_failed = True
            with suppress(OSError, av.FFmpegError):  # the first error is told
                self._container.close()
            with suppress(OutputError):
                self._file.settle(has_failed=True)
            raise self._problem(error) from error

    def _problem(self, error: Exception) -> OutputError:
        if self._file.error is not None:
            return output_error(self._path, self._file.error)
        return OutputError(f"Cannot encode {self._path}: {error}.")


def _with_alpha(image: Image) -> Image:
    """Make a picture opaque that has no alpha, and its sides even: chroma has half the size."""
    height, width = image.shape[:2]
    if image.shape[2] == 3:
        image = cv2.cvtColor(image, cv2.COLOR_RGB2RGBA).astype(np.uint8, copy=False)
    if height % 2 or width % 2:
        padded = cv2.copyMakeBorder(image, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE)
        image = padded.astype(np.uint8, copy=False)
    return image

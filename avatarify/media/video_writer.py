"""Mp4 files as a frame sink: every frame at its own time, playable however the writing ends.

The file is written in fragments of about a second, each complete in itself, and becomes an ordinary
mp4 when it is closed. A killed program or a full disk so leaves all but the last second, and what
stood under its name before stays there until this film plays.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import av
from av.container import OutputContainer

from avatarify.errors import OutputError
from avatarify.file_names import is_there
from avatarify.frames import Frame
from avatarify.media.output_errors import output_error
from avatarify.media.soundtrack import Soundtrack, open_soundtrack
from avatarify.media.unfinished_film import UnfinishedFilm
from avatarify.media.video_encoder import ENCODERS, VideoEncoder, first_available

_LOG = logging.getLogger(__name__)

_OPTIONS = {
    "movflags": "hybrid_fragmented+frag_keyframe",
    "fflags": "flush_packets",
    "max_interleave_delta": "1000000",  # microseconds; do not wait longer for sound that has ended
}


class VideoWriter:
    """An H.264 mp4 file that takes its size from the first frame."""

    keeps_times = True
    """Where frames are missing, the one before is seen."""

    def __init__(
        self,
        path: Path,
        fps: float,
        *,
        audio_from: Path | None = None,
        encoders: tuple[str, ...] = ENCODERS,
    ) -> None:
        """Open the file; one that exists is replaced once this one plays.

        Args:
            path: The mp4 file.
            fps: Nominal frames per second, above 0: how long the last frame is shown.
            audio_from: A file whose sound is carried over, as far as the pictures reach; sound
                that cannot be carried is left out, which is logged.
            encoders: Names of video encoders; the first that exists is used.

        Raises:
            OutputError: The file cannot be written.
            VideoError: The file with the sound cannot be read.
        """
        if not fps > 0:
            raise ValueError(f"fps must be above 0, not {fps}")
        self._path = path
        if audio_from is not None and is_there(path) and path.samefile(audio_from):
            raise OutputError(f"{path} is also what is read. Choose another output file.")
        self._fps = fps
        self._encoder_name = first_available(encoders)
        self._size: tuple[int, int] | None = None
        self._start_s = 0.0
        self._error: OutputError | None = None
        self._has_failed = False
        self._is_open = True
        try:
            self._file = UnfinishedFilm(path)
        except (OSError, ValueError) as error:
            raise output_error(path, error) from error
        self._sound: Soundtrack | None = None
        if audio_from is not None:
            self._sound = open_soundtrack(audio_from, _OPTIONS)

    @property
    def path(self) -> Path:
        """The file."""
        return self._path

    def write(self, frame: Frame) -> None:
        """Encode one frame.

        Args:
            frame: As large as the first one; its time is counted from the first one's.

        Raises:
            OutputError: The disk is full or the file is lost; what was written stays playable.
            ValueError: The frame has another size, or the writer is closed.
        """
        if self._error is not None:
            raise self._error
        if not self._is_open:
            raise ValueError(f"the video writer of {self._path} is closed")
        if self._size is None:
            with self._telling_errors():
                self._start(frame)
        if self._size != frame.image.shape[:2]:
            raise ValueError(f"a frame of {frame.image.shape[:2]} in a video of {self._size}")
        with self._telling_errors():
            self._write(frame)

    def close(self) -> None:
        """Finish the file; a second call does nothing.

        Raises:
            OutputError: The disk is full; what was written stays playable. Or the film cannot be
                moved to its place; the message says where it is.
        """
        if not self._is_open:
            return
        self._is_open = False
        try:
            if self._size is not None and self._error is None:
                with self._telling_errors():
                    self._finish()
        finally:
            self._release()

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

    def _start(self, frame: Frame) -> None:
        self._container: OutputContainer = av.open(self._file, "w", format="mp4", options=_OPTIONS)
        size = frame.image.shape[0], frame.image.shape[1]
        self._size = size
        self._encoder = VideoEncoder(self._container, size, self._fps, self._encoder_name)
        if self._sound is not None:
            self._sound.add_to(self._container)
        self._start_s = frame.time_s

    def _write(self, frame: Frame) -> None:
        packets = self._encoder.encode(frame.image, frame.time_s - self._start_s)
        self._mux_sound_until(self._encoder.time_s)
        self._container.mux(packets)
        self._file.publish_in_time(self._encoder.time_s)

    def _finish(self) -> None:
        self._container.mux(self._encoder.finish())
        self._mux_sound_until(self._encoder.end_s)
        self._container.close()

    def _mux_sound_until(self, time_s: float) -> None:
        if self._sound is None:
            return
        try:
            for packet in self._sound.until(time_s):
                self._container.mux(packet)
        except (ValueError, av.FFmpegError) as error:
            if self._file.error is not None:
                raise
            _LOG.warning("The sound breaks off at %.1f s: %s.", time_s, error)
            self._sound.close()
            self._sound = None

    @contextmanager
    def _telling_errors(self) -> Iterator[None]:
        try:
            yield
        except (OSError, ValueError, av.FFmpegError) as error:
            cause = self._file.error
            if cause is not None:
                self._error = output_error(self._path, cause)
            else:
                self._error = OutputError(f"Cannot encode {self._path}: {error}.")
            self._is_open = False
            self._has_failed = True
            with suppress(OutputError):  # the first error is told
                self._release()
            raise self._error from error

    def _release(self) -> None:
        if self._size is not None:
            with suppress(OSError, ValueError, av.FFmpegError):  # the first error is already told
                self._container.close()
        if self._sound is not None:
            self._sound.close()
        self._file.settle(has_failed=self._has_failed)

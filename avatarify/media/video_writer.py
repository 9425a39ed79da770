"""Mp4 files as a frame sink: every frame at its own time, playable however the writing ends.

The file is written in fragments of about a second, each complete in itself, and becomes an ordinary
mp4 when it is closed. A killed program or a full disk so leaves all but the last second.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import av
from av.container import OutputContainer

from avatarify.errors import OutputError
from avatarify.frames import Frame
from avatarify.media.file_latch import FileLatch
from avatarify.media.output_errors import output_error
from avatarify.media.soundtrack import Soundtrack
from avatarify.media.video_encoder import ENCODERS, VideoEncoder, first_available

_OPTIONS = {
    "movflags": "hybrid_fragmented+frag_keyframe",
    "fflags": "flush_packets",
    "max_interleave_delta": "1000000",  # microseconds; do not wait longer for sound that has ended
}


class VideoWriter:
    """An H.264 mp4 file that takes its size from the first frame."""

    def __init__(
        self,
        path: Path,
        fps: float,
        *,
        audio_from: Path | None = None,
        encoders: tuple[str, ...] = ENCODERS,
    ) -> None:
        """Open the file; one that exists keeps its content until the first frame arrives.

        Args:
            path: The mp4 file.
            fps: Nominal frames per second, above 0: how long the last frame is shown.
            audio_from: A file whose sound is carried over, as far as the pictures reach.
            encoders: Names of video encoders; the first that exists is used.

        Raises:
            OutputError: The file cannot be written.
        """
        if not fps > 0:
            raise ValueError(f"fps must be above 0, not {fps}")
        self._path = path
        if audio_from is not None and path.exists() and path.samefile(audio_from):
            raise OutputError(f"{path} is also what is read. Choose another output file.")
        self._fps = fps
        self._audio_from = audio_from
        self._encoder_name = first_available(encoders)
        self._size: tuple[int, int] | None = None
        self._start_s = 0.0
        self._sound: Soundtrack | None = None
        self._error: OutputError | None = None
        self._is_open = True
        try:
            self._file = FileLatch(path)
        except OSError as error:
            raise output_error(path, error) from error

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
            VideoError: The file with the sound cannot be read.
            ValueError: The frame has another size, or the writer is closed.
        """
        if self._error is not None:
            raise self._error
        if not self._is_open:
            raise ValueError(f"the video writer of {self._path} is closed")
        if self._size is None:
            self._start(frame)
        if self._size != frame.image.shape[:2]:
            raise ValueError(f"a frame of {frame.image.shape[:2]} in a video of {self._size}")
        with self._telling_errors():
            self._write(frame)

    def close(self) -> None:
        """Finish the file; a second call does nothing.

        Raises:
            OutputError: The disk is full; what was written stays playable.
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
        self.close()

    def _start(self, frame: Frame) -> None:
        self._container: OutputContainer = av.open(self._file, "w", format="mp4", options=_OPTIONS)
        size = frame.image.shape[0], frame.image.shape[1]
        self._encoder = VideoEncoder(self._container, size, self._fps, self._encoder_name)
        if self._audio_from is not None:
            self._sound = Soundtrack(self._audio_from, self._container)
        self._size = size
        self._start_s = frame.time_s

    def _write(self, frame: Frame) -> None:
        packets = self._encoder.encode(frame.image, frame.time_s - self._start_s)
        self._mux_sound_until(self._encoder.time_s)
        self._container.mux(packets)

    def _finish(self) -> None:
        self._container.mux(self._encoder.finish())
        self._mux_sound_until(self._encoder.end_s)
        self._container.close()

    def _mux_sound_until(self, time_s: float) -> None:
        if self._sound is not None:
            for packet in self._sound.until(time_s):
                self._container.mux(packet)

    @contextmanager
    def _telling_errors(self) -> Iterator[None]:
        try:
            yield
        except (OSError, av.FFmpegError) as error:
            cause = self._file.error
            if cause is not None:
                self._error = output_error(self._path, cause)
            else:
                self._error = OutputError(f"Cannot encode {self._path}: {error}.")
            self._is_open = False
            self._release()
            raise self._error from error

    def _release(self) -> None:
        if self._size is not None:
            with suppress(OSError, av.FFmpegError):  # the first error is already told
                self._container.close()
        if self._sound is not None:
            self._sound.close()
        self._file.close()

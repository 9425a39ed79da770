"""Video files as a frame source, decoded one frame at a time with their own presentation times."""

import logging
from collections.abc import Iterator
from itertools import chain, islice
from math import isclose, isfinite
from pathlib import Path

import av
import cv2
import numpy as np
from av.packet import Packet
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from avatarify.errors import VideoError
from avatarify.file_names import is_file
from avatarify.frames import ClosedAfterUse, Frame, Image
from avatarify.media.clip_container import ClipContainer, first_choice
from avatarify.media.decoded_picture import PictureReader

_LOG = logging.getLogger(__name__)

_ASSUMED_FPS = 25.0
_LOWEST_FPS, _HIGHEST_FPS = 0.01, 121.0
_MEASURED_PACKETS = 100
_LONGEST_GAP_S = 3600.0
_ALIKE = 0.03
"""Shapes of pictures that differ less count as one: encoders round sizes."""


class VideoFile(ClosedAfterUse):
    """A video file (mp4, mpg, webm, avi, gif, ...), from its first frame to its last whole one.

    The first frame is decoded at once, so that a file without any is refused here.
    """

    def __init__(self, path: Path) -> None:
        """Open the file.

        Args:
            path: The video file.

        Raises:
            VideoError: The file is missing, unreadable, broken, or holds no video frames.
        """
        self._path = path
        self._start_s = 0.0
        self._size: tuple[int, int] | None = None  # until the first frame
        self._clip = ClipContainer(path)
        self._container = self._clip.container
        try:
            self._stream = self._video_stream()
            self._stream.thread_type = "AUTO"
            self._fps = self._rate()
            frames = self._decode()
            first = next(frames, None)
            if first is None:
                raise VideoError(f"The video {path} holds no whole frame. Choose another file.")
        except BaseException:
            self._clip.close()
            raise
        self._size = first.image.shape[0], first.image.shape[1]
        self._frames: Iterator[Frame] = chain([first], frames)
        self._is_open = True

    @property
    def name(self) -> str:
        """The file's name without its folder."""
        return self._path.name

    @property
    def path(self) -> Path:
        """The file."""
        return self._path

    @property
    def fps(self) -> float:
        """Frames per second, averaged over the file where the rate varies."""
        return self._fps

    @property
    def frame_count(self) -> int | None:
        """An estimate for progress displays; None where the file says nothing."""
        declared = self._stream.frames  # 0 where unknown; too low in an unfinished recording
        duration = self._container.duration
        implied = 0 if duration is None else round(duration / av.time_base * self.fps)
        return max(declared, implied) or None

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) of the first frame, and of all others of its shape."""
        assert self._size is not None
        return self._size

    @property
    def start_s(self) -> float:
        """When the first frame is shown by the file's own clock, which also times its sound."""
        return self._start_s

    @property
    def has_sound(self) -> bool:
        """Whether the file holds an audio stream."""
        return bool(self._container.streams.audio)

    def read(self) -> Frame | None:
        """Decode the next frame.

        Returns:
            The frame, its time counted from the first one, upright even where the camera was not;
            None at the end, which is also where a cut-off file stops.
        """
        return next(self._frames, None) if self._is_open else None

    def close(self) -> None:
        """Release the file; a second call does nothing."""
        if self._is_open:
            self._is_open = False
            self._frames = iter(())
            self._clip.close()

    def _video_stream(self) -> VideoStream:
        pictures = Disposition.attached_pic  # a song's cover
        streams = [s for s in self._container.streams.video if not s.disposition & pictures]
        stream = first_choice([s for s in streams if s.codec_context is not None])
        if stream is not None:
            return stream
        if streams:
            raise VideoError(
                f"{self._path} is compressed in a way that is not known here. Convert it to mp4."
            )
        raise VideoError(f"{self._path} holds no video, only sound or text. Choose another file.")

    def _rate(self) -> float:
        """Return the declared rate, or a measured one where that is none of a camera.

        Browsers declare the ticks of their clock, 1000 a second.
        """
        declared = float(self._stream.average_rate or self._stream.guessed_rate or 0)
        if _LOWEST_FPS <= declared <= _HIGHEST_FPS or not is_file(self._path):
            return declared or _ASSUMED_FPS
        return _measured_rate(self._path, self._stream.index) or _ASSUMED_FPS

    def _decode(self) -> Iterator[Frame]:
        previous_s = 0.0
        pixel_aspect = float(self._stream.sample_aspect_ratio or 1)
        reader = PictureReader(str(self._path), self._stream.codec_context)
        for index, picture in enumerate(self._pictures()):
            time_s = picture.time
            if time_s is None or not isfinite(time_s):
                time_s = previous_s + 1 / self.fps
            if index == 0:
                self._start_s = time_s
            elif not 0 < time_s - previous_s < _LONGEST_GAP_S:  # a broken or restarted clock
                time_s = previous_s + 1 / self.fps
            previous_s = time_s
            image = self._as_large_as_the_first(reader.read(picture, pixel_aspect))
            yield Frame(image, time_s - self._start_s, index)

    def _as_large_as_the_first(self, image: Image) -> Image:
        """Scale what has become larger or smaller midway; what has got another shape stays."""
        height, width = image.shape[:2]
        first_height, first_width = self._size or (height, width)
        is_alike = isclose(width * first_height, height * first_width, rel_tol=_ALIKE)
        if (height, width) == (first_height, first_width) or not is_alike:
            return image
        interpolation = cv2.INTER_AREA if height > first_height else cv2.INTER_LINEAR
        scaled = cv2.resize(image, (first_width, first_height), interpolation=interpolation)
        return scaled.astype(np.uint8, copy=False)

    def _pictures(self) -> Iterator[VideoFrame]:
        try:
            for packet in self._container.demux(self._stream):
                yield from self._whole_pictures(packet)
        except av.FFmpegError as error:
            _LOG.warning("%s breaks off: %s", self._path, error)
            yield from self._whole_pictures(None)

    def _whole_pictures(self, packet: "Packet[VideoStream] | None") -> list[VideoFrame]:
        try:
            pictures = self._stream.decode(packet)
        except av.FFmpegError as error:
            _LOG.debug("%s: a packet could not be decoded: %s", self._path, error)
            return []
        return [picture for picture in pictures if not picture.is_corrupt]


def _measured_rate(path: Path, index: int) -> float | None:
    """Return how many frames a second the beginning of a stream really has; None if it is short."""
    clip = ClipContainer(path)
    try:
        stream = clip.container.streams[index]
        packets = islice(clip.container.demux(stream), _MEASURED_PACKETS)
        times_s = sorted(float(p.pts * p.time_base) for p in packets if p.pts is not None)
    except (av.FFmpegError, IndexError):  # the stream turns up only later in the file
        return None
    finally:
        clip.close()
    span_s = times_s[-1] - times_s[0] if times_s else 0.0
    return (len(times_s) - 1) / span_s if span_s > 0 else None

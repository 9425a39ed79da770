"""Pictures in, compressed packets out: the encoder settings behind every video that is written."""

from __future__ import annotations  # PyAV's Packet takes its parameter only in annotations

import logging
from fractions import Fraction

import av
import cv2
import numpy as np
from av.container import OutputContainer
from av.packet import Packet
from av.video.frame import PictureType, VideoFrame
from av.video.stream import VideoStream

from avatarify.errors import OutputError
from avatarify.frames import Image
from avatarify.shipped import how_to_install

_LOG = logging.getLogger(__name__)

ENCODERS = ("libx264", "mpeg4")
"""Video encoders in order of preference."""

_X264_OPTIONS = {"preset": "veryfast", "crf": "18"}
_MPEG4_BITS_PER_PIXEL = 0.4
_MAX_TICKS_PER_S = 65535  # of MPEG-4 part 2
_MOST_FRAMES_PER_FRAGMENT = 600
_BT709 = 1
_LIMITED_RANGE = 1
_LOWEST_RATE = Fraction(1, 1001)


class VideoEncoder:
    """The video stream of one output file."""

    def __init__(
        self, output: OutputContainer, size: tuple[int, int], fps: float, encoder: str
    ) -> None:
        """Add the stream to `output`.

        Args:
            output: The file to be.
            size: (height, width) of every picture; odd ones are padded to even.
            fps: Nominal frames per second.
            encoder: What `first_available` returned.
        """
        self._rate = max(Fraction(fps).limit_denominator(1001), _LOWEST_RATE)
        self._ticks_per_s = _ticks_per_s(self._rate)
        self._last_tick = -1
        self._key_tick = 0
        options = _X264_OPTIONS if encoder == "libx264" else {}
        stream = output.add_stream(encoder, rate=self._rate, options=options)
        assert isinstance(stream, VideoStream)
        self._stream = stream
        stream.height, stream.width = size[0] + size[0] % 2, size[1] + size[1] % 2
        stream.pix_fmt = "yuv420p"
        context = stream.codec_context
        context.time_base = Fraction(1, self._ticks_per_s)
        # A fragment begins at each key frame: those are made by the clock, whatever the rate is.
        context.gop_size = _MOST_FRAMES_PER_FRAGMENT
        context.max_b_frames = 0
        context.colorspace = context.color_primaries = context.color_trc = _BT709
        context.color_range = _LIMITED_RANGE
        if encoder != "libx264":
            pixels = stream.height * stream.width
            context.bit_rate = round(pixels * self._rate * _MPEG4_BITS_PER_PIXEL)

    @property
    def time_s(self) -> float:
        """When the last picture is shown."""
        return self._last_tick / self._ticks_per_s

    @property
    def end_s(self) -> float:
        """When the last picture has been shown for one nominal frame."""
        return self.time_s + float(1 / self._rate)

    def encode(self, image: Image, time_s: float) -> list[Packet[VideoStream]]:
        """Encode one picture.

        Args:
            image: RGB, uint8, (H, W, 3).
            time_s: When it is shown; moved behind the picture before it where it is not.

        Returns:
            What the encoder gives out now, possibly nothing.
        """
        self._last_tick = max(round(time_s * self._ticks_per_s), self._last_tick + 1)
        picture = _to_yuv(image)
        picture.pts = self._last_tick
        picture.time_base = Fraction(1, self._ticks_per_s)
        if self._last_tick >= self._key_tick:
            picture.pict_type = PictureType.I
            self._key_tick = self._last_tick + self._ticks_per_s
        return self._timed(self._stream.encode(picture))

    def finish(self) -> list[Packet[VideoStream]]:
        """Return what the encoder still holds."""
        return self._timed(self._stream.encode(None))

    def _timed(self, packets: list[Packet[VideoStream]]) -> list[Packet[VideoStream]]:
        for packet in packets:
            packet.duration = round(self._ticks_per_s / self._rate)
        return packets


def first_available(encoders: tuple[str, ...]) -> str:
    """Return the first of `encoders` that this build of PyAV has.

    Raises:
        OutputError: It has none of them.
    """
    for name in encoders:
        try:
            av.Codec(name, "w")
        except ValueError:
            _LOG.info("The video encoder %s is missing here.", name)
        else:
            return name
    advice = how_to_install("--force-reinstall av")
    raise OutputError(f"PyAV was built without a video encoder. {advice}")


def _ticks_per_s(rate: Fraction) -> int:
    """Choose a clock in which frames of a constant rate have whole times."""
    if rate.numerator > _MAX_TICKS_PER_S:
        return _MAX_TICKS_PER_S
    return _MAX_TICKS_PER_S // rate.numerator * rate.numerator


def _to_yuv(image: Image) -> VideoFrame:
    height, width = image.shape[:2]
    if height % 2 or width % 2:  # chroma is stored at half size
        padded = cv2.copyMakeBorder(image, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE)
        image = padded.astype(np.uint8, copy=False)
    picture = VideoFrame.from_ndarray(image, format="rgb24")
    return picture.reformat(format="yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG")

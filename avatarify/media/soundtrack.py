"""The sound of one file, carried over into another as its pictures are written.

Sound that an mp4 can hold is copied untouched; anything else becomes AAC.
"""

from __future__ import annotations  # PyAV's Packet takes its parameter only in annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import av
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.packet import Packet

from avatarify.media.clip_container import ClipContainer, first_choice

_LOG = logging.getLogger(__name__)

_COPYABLE = {"aac", "mp3", "ac3", "eac3", "alac", "opus"}


class Soundtrack:
    """Sound packets in order of time, counted from the first picture of the file they come from."""

    def __init__(self, path: Path, output: OutputContainer) -> None:
        """Open the sound of `path` and give `output` a stream for it, if there is any.

        Raises:
            VideoError: `path` cannot be read.
        """
        self._path = path
        self._clip = ClipContainer(path)
        self._input = self._clip.container
        self._start_s = _first_picture_s(self._input)
        self._pending: Packet[AudioStream] | None = None
        self._packets = self._open_packets(output)

    def until(self, time_s: float) -> Iterator[Packet[AudioStream]]:
        """Yield the packets that begin before `time_s` and were not yielded before."""
        while True:
            packet = self._pending or next(self._packets, None)
            self._pending = packet
            if packet is None or _begin_s(packet) >= time_s:
                return
            self._pending = None
            yield packet

    def close(self) -> None:
        """Release the file; a second call does nothing."""
        self._pending = None
        self._packets = iter(())
        self._clip.close()

    def _open_packets(self, output: OutputContainer) -> Iterator[Packet[AudioStream]]:
        source = first_choice(self._input.streams.audio)
        if source is None or source.codec_context is None:
            return iter(())
        if source.codec_context.codec.canonical_name in _COPYABLE:
            target = output.add_stream_from_template(source)
            packets = self._copied(source)
        else:
            target = output.add_stream("aac", rate=source.rate)
            target.layout = "mono" if source.channels == 1 else "stereo"
            packets = self._encoded(source, target)
        return self._moved_to_start(packets, target)

    def _moved_to_start(
        self, packets: Iterator[Packet[AudioStream]], target: AudioStream
    ) -> Iterator[Packet[AudioStream]]:
        """Count time from the first picture, drop what was heard before it, and bear cut files."""
        try:
            for packet in packets:
                if packet.pts is None:
                    continue
                packet.pts -= round(self._start_s / packet.time_base)
                packet.dts = packet.pts
                packet.stream = target
                if packet.pts >= 0:
                    yield packet
        except av.FFmpegError as error:
            _LOG.warning("The sound of %s breaks off: %s", self._path, error)

    def _copied(self, source: AudioStream) -> Iterator[Packet[AudioStream]]:
        for packet in self._input.demux(source):
            if packet.size:
                yield packet

    def _encoded(self, source: AudioStream, target: AudioStream) -> Iterator[Packet[AudioStream]]:
        resampler = AudioResampler("fltp", target.layout, source.rate)
        for sound in self._input.decode(source):
            for piece in resampler.resample(sound):
                yield from target.encode(piece)
        yield from target.encode(None)


def _first_picture_s(container: InputContainer) -> float:
    for stream in container.streams.video:
        if stream.start_time is not None and stream.time_base is not None:
            return float(stream.start_time * stream.time_base)
    return 0.0


def _begin_s(packet: Packet[AudioStream]) -> float:
    assert packet.pts is not None
    return float(packet.pts * packet.time_base)

"""The sound of one file, carried over into another as its pictures are written.

Sound that an mp4 can hold, and that begins with the pictures, is copied untouched; anything else
becomes AAC, with silence where there is none. What a file holds is tried before it is promised.
"""

from __future__ import annotations  # PyAV's Packet takes its parameter only in annotations

import logging
from collections.abc import Callable, Iterator
from io import BytesIO
from itertools import islice
from pathlib import Path

import av
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.packet import Packet

from avatarify.media.clip_container import ClipContainer, first_choice
from avatarify.media.sound_encoder import SoundEncoder
from avatarify.media.video_file import VideoFile

_LOG = logging.getLogger(__name__)

_COPYABLE = {"aac", "mp3", "ac3", "eac3", "alac", "opus"}

_TRIED = 24
"""Packets of which each way is tried."""

_MISPLACED_S = 0.02
"""Farther than this from where it belongs no copied sound may begin."""

Way = Callable[[OutputContainer, AudioStream, float], "Iterator[Packet[AudioStream]]"]
"""Adds a stream to a file and yields what it holds: of a source, counted from a time in seconds."""


class Soundtrack:
    """Sound packets in order of time, counted from the first picture of the file they come from."""

    def __init__(self, path: Path, way: Way, start_s: float) -> None:
        """Open the sound of `path`; `open_soundtrack` knows how.

        Args:
            path: The file.
            way: How its sound is carried.
            start_s: When the file's first picture is shown, by the file's own clock.
        """
        self._path, self._way, self._start_s = path, way, start_s
        self._clip = ClipContainer(path)
        self._pending: Packet[AudioStream] | None = None
        self._packets: Iterator[Packet[AudioStream]] = iter(())

    def add_to(self, output: OutputContainer) -> None:
        """Give `output` a stream for the sound."""
        source = first_choice(self._clip.container.streams.audio)
        assert source is not None
        self._packets = self._way(output, source, self._start_s)

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


def open_soundtrack(path: Path, options: dict[str, str]) -> Soundtrack | None:
    """Open the sound of a clip in the first way in which an mp4 can hold it.

    Args:
        path: The clip.
        options: With which the mp4 will be opened.

    Returns:
        The sound; None where the clip has none, or none that can be carried, which is logged.

    Raises:
        VideoError: `path` cannot be read, or holds no pictures.
    """
    with VideoFile(path) as video:
        if not video.has_sound:
            return None
        start_s = video.start_s
    problem: Exception | None = None
    for way in (_copied, _encoded):
        try:
            if _works(path, way, start_s, options):
                return Soundtrack(path, way, start_s)
        except (av.FFmpegError, ValueError, OSError) as error:
            problem = error
            _LOG.debug("%s: %s does not carry its sound: %s", path, way.__name__, error)
    _LOG.warning(
        "The sound of %s is left out: it cannot be read here (%s).", path, problem or "no sound"
    )
    return None


def _works(path: Path, way: Way, start_s: float, options: dict[str, str]) -> bool:
    """Carry the first packets into a file that is thrown away, and see where they land."""
    soundtrack = Soundtrack(path, way, start_s)
    written = BytesIO()
    try:
        with av.open(written, "w", format="mp4", options=options) as output:
            soundtrack.add_to(output)
            packets = list(islice(soundtrack.until(float("inf")), _TRIED))
            if not packets or _begin_s(packets[0]) > _MISPLACED_S:
                return False
            output.mux(packets)
    finally:
        soundtrack.close()
    written.seek(0)
    with av.open(written, "r") as trial:
        sounds = trial.streams.audio
        return bool(sounds) and any(True for _ in trial.decode(sounds[0]))


def _copied(
    output: OutputContainer, source: AudioStream, start_s: float
) -> Iterator[Packet[AudioStream]]:
    if source.codec_context is None or source.codec_context.codec.canonical_name not in _COPYABLE:
        raise ValueError("an mp4 does not hold this kind of sound")
    target = output.add_stream_from_template(source)
    return _moved(_packets(source), target, start_s)


def _moved(
    packets: Iterator[Packet[AudioStream]], target: AudioStream, start_s: float
) -> Iterator[Packet[AudioStream]]:
    """Count time from the first picture, and drop what was heard before it."""
    for packet in packets:
        if packet.pts is None or not packet.size:
            continue
        packet.pts -= round(start_s / packet.time_base)
        if packet.pts < -(packet.duration or 0) / 2:
            continue
        packet.pts = packet.dts = max(0, packet.pts)
        packet.stream = target
        yield packet


def _encoded(
    output: OutputContainer, source: AudioStream, start_s: float
) -> Iterator[Packet[AudioStream]]:
    if source.codec_context is None:
        raise ValueError("nothing here reads this kind of sound")
    encoder = SoundEncoder(output, source.rate, source.channels)
    return _heard(_encoded_pieces(encoder, source, start_s))


def _encoded_pieces(
    encoder: SoundEncoder, source: AudioStream, start_s: float
) -> Iterator[Packet[AudioStream]]:
    for packet in _packets(source):
        try:
            sounds = source.decode(packet)
        except av.FFmpegError as error:
            _LOG.debug("A packet of sound could not be decoded: %s", error)
            continue
        for sound in sounds:
            yield from encoder.encode(sound, None if sound.time is None else sound.time - start_s)
    yield from encoder.finish()


def _heard(packets: Iterator[Packet[AudioStream]]) -> Iterator[Packet[AudioStream]]:
    """Drop what the encoder puts before the sound."""
    for packet in packets:
        if packet.pts is not None and packet.pts >= 0:
            yield packet


def _packets(source: AudioStream) -> Iterator[Packet[AudioStream]]:
    assert isinstance(source.container, InputContainer)
    try:
        yield from source.container.demux(source)
    except av.FFmpegError as error:
        _LOG.warning("The sound breaks off: %s", error)


def _begin_s(packet: Packet[AudioStream]) -> float:
    assert packet.pts is not None
    return float(packet.pts * packet.time_base)

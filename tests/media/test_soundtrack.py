"""Sound is carried into an mp4 in its place, whatever it was before."""

from __future__ import annotations  # PyAV's Packet takes its parameter only in annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.audio.stream import AudioStream
from av.packet import Packet
from av.stream import Disposition
from av.video.stream import VideoStream
from numpy.typing import NDArray

from avatarify.media.video_file import VideoFile
from avatarify.media.video_writer import VideoWriter

SECONDS = 2.0
CLICK_S = 1.0
"""When the tone begins, by the clock of the pictures."""


def _tone(rate: int, begin_s: float, pitch: float = 440.0) -> NDArray[np.int16]:
    """Sound from `begin_s` on: silence, and a tone at `CLICK_S`, (1, N)."""
    times_s = begin_s + np.arange(round((SECONDS - begin_s) * rate)) / rate
    is_heard = (times_s >= CLICK_S) & (times_s < CLICK_S + 0.5)
    return (20000 * np.sin(2 * np.pi * pitch * times_s) * is_heard).astype(np.int16)[None]


def _encode(
    stream: AudioStream, samples: NDArray[np.int16], begin_s: float
) -> list[Packet[AudioStream]]:
    rate = stream.rate
    packets: list[Packet[AudioStream]] = []
    for start in range(0, samples.shape[1], 1024):
        piece = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(samples[:, start : start + 1024]), format="s16", layout="mono"
        )
        piece.sample_rate, piece.time_base = rate, Fraction(1, rate)
        piece.pts = round(begin_s * rate) + start
        packets += stream.encode(piece)
    return packets + stream.encode(None)


def _make(
    path: Path,
    codec: str,
    *,
    rate: int = 44100,
    begin_s: float = 0.0,
    gap_s: tuple[float, float] = (0.0, 0.0),
    video: str = "mpeg4",
) -> None:
    """A grey video with one sound track."""
    with av.open(str(path), "w") as container:
        pictures = container.add_stream(video, rate=25)
        assert isinstance(pictures, VideoStream)
        pictures.width = pictures.height = 32
        pictures.pix_fmt = "yuv420p"
        sounds = container.add_stream(codec, rate=rate)
        assert isinstance(sounds, AudioStream)
        sounds.layout = "mono"
        seen: list[Packet[VideoStream]] = []
        for index in range(round(25 * SECONDS)):
            grey = np.full((32, 32, 3), 127, np.uint8)
            picture = av.VideoFrame.from_ndarray(grey, format="rgb24")
            picture.pts = index
            seen += pictures.encode(picture)
        seen += pictures.encode(None)
        heard = [
            packet
            for packet in _encode(sounds, _tone(rate, begin_s), begin_s)
            if not gap_s[0] <= _decoded_s(packet) < gap_s[1]
        ]
        packets: list[Packet[Any]] = [*seen, *heard]
        for packet in sorted(packets, key=_decoded_s):
            container.mux(packet)


def _decoded_s(packet: Packet[Any]) -> float:
    assert packet.dts is not None
    return float(packet.dts * packet.time_base)


def _carry(source: Path, target: Path) -> None:
    with VideoFile(source) as video, VideoWriter(target, 25, audio_from=source) as writer:
        for frame in iter(video.read, None):
            writer.write(frame)


def _click_s(path: Path, *, by_clock: bool) -> float:
    """When the tone begins: by the clock of the file, or counted from the first sample on."""
    options = {} if by_clock else {"ignore_editlist": "1"}
    with av.open(str(path), options=options) as container:
        heard = list(container.decode(container.streams.audio[0]))
    rate = heard[0].sample_rate
    begin_s = float(heard[0].time or 0) if by_clock else 0.0
    samples = np.concatenate([piece.to_ndarray()[0] for piece in heard])
    return begin_s + int(np.argmax(np.abs(samples) > 0.3 * np.abs(samples).max())) / rate


@pytest.mark.parametrize("begin_s", [0.0, 0.3, 0.9])
@pytest.mark.parametrize(
    "source",
    [
        ("a.mp4", "aac", 44100, "mpeg4"),
        ("a.mkv", "aac", 44100, "mpeg4"),
        ("a.mkv", "libopus", 48000, "mpeg4"),
        ("a.mkv", "pcm_s16le", 44100, "mpeg4"),
        ("a.mkv", "flac", 44100, "mpeg4"),
        ("a.mkv", "libmp3lame", 44100, "mpeg4"),
        ("a.mkv", "ac3", 48000, "mpeg4"),
        ("a.mov", "alac", 44100, "mpeg4"),
        ("a.flv", "aac", 44100, "flv"),
        ("a.ts", "aac", 44100, "mpeg2video"),
    ],
)
def test_sound_keeps_its_place(
    tmp_path: Path, source: tuple[str, str, int, str], begin_s: float
) -> None:
    name, codec, rate, video = source
    _make(tmp_path / name, codec, rate=rate, begin_s=begin_s, video=video)
    _carry(tmp_path / name, tmp_path / "out.mp4")
    assert _click_s(tmp_path / "out.mp4", by_clock=True) == pytest.approx(CLICK_S, abs=0.03)
    assert _click_s(tmp_path / "out.mp4", by_clock=False) == pytest.approx(CLICK_S, abs=0.03)


@pytest.mark.parametrize("rate", [4000, 11127, 22254, 37800, 50000, 176400, 192000])
def test_a_rate_that_aac_lacks_is_resampled(tmp_path: Path, rate: int) -> None:
    _make(tmp_path / "a.mkv", "pcm_s16le", rate=rate)
    _carry(tmp_path / "a.mkv", tmp_path / "out.mp4")
    assert _click_s(tmp_path / "out.mp4", by_clock=True) == pytest.approx(CLICK_S, abs=0.03)
    with av.open(str(tmp_path / "out.mp4")) as container:
        rate = container.streams.audio[0].rate
        sound = np.concatenate([piece.to_ndarray()[0] for piece in container.decode(audio=0)])
    spectrum = np.abs(np.fft.rfft(sound[rate : rate + rate // 2]))
    assert int(spectrum.argmax()) * 2 == pytest.approx(440, abs=2)


@pytest.mark.parametrize("rate", [8000, 11025, 12000])
def test_slow_mp3_which_an_mp4_refuses_becomes_aac(tmp_path: Path, rate: int) -> None:
    _make(tmp_path / "a.mkv", "libmp3lame", rate=rate)
    _carry(tmp_path / "a.mkv", tmp_path / "out.mp4")
    assert _click_s(tmp_path / "out.mp4", by_clock=True) == pytest.approx(CLICK_S, abs=0.03)


def test_a_gap_stays_a_gap(tmp_path: Path) -> None:
    _make(tmp_path / "a.mkv", "pcm_s16le", gap_s=(0.2, 0.8))
    _carry(tmp_path / "a.mkv", tmp_path / "out.mp4")
    assert _click_s(tmp_path / "out.mp4", by_clock=False) == pytest.approx(CLICK_S, abs=0.03)


def test_the_default_track_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "a.mkv"
    with av.open(str(path), "w") as container:
        pictures = container.add_stream("mpeg4", rate=25)
        pictures.width = pictures.height = 32
        pictures.pix_fmt = "yuv420p"
        tracks = [container.add_stream("flac", rate=44100) for _ in range(3)]
        for track, pitch in zip(tracks, (330.0, 440.0, 550.0), strict=True):
            track.layout = "mono"
            track.disposition = Disposition.default if pitch == 440 else Disposition(0)
        for index in range(round(25 * SECONDS)):
            grey = np.full((32, 32, 3), 127, np.uint8)
            picture = av.VideoFrame.from_ndarray(grey, format="rgb24")
            picture.pts = index
            container.mux(pictures.encode(picture))
        for track, pitch in zip(tracks, (330.0, 440.0, 550.0), strict=True):
            for packet in _encode(track, _tone(44100, 0.0, pitch), 0.0):
                container.mux(packet)
        container.mux(pictures.encode(None))
    _carry(path, tmp_path / "out.mp4")
    with av.open(str(tmp_path / "out.mp4")) as container:
        sound = np.concatenate([piece.to_ndarray()[0] for piece in container.decode(audio=0)])
    spectrum = np.abs(np.fft.rfft(sound[44100 : 44100 + 22050]))
    assert int(spectrum.argmax()) * 2 == 440


def test_sound_that_cannot_be_read_is_left_out_with_a_sentence(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "a.avi"
    _make(path, "pcm_s16le")
    content = path.read_bytes()
    at = content.index(b"auds")
    at = content.index(b"strf", at) + 8
    path.write_bytes(content[:at] + b"\xee\xee" + content[at + 2 :])  # no known kind of sound
    _carry(path, tmp_path / "out.mp4")
    with VideoFile(tmp_path / "out.mp4") as video:
        assert not video.has_sound
        assert sum(1 for _ in iter(video.read, None)) == 50
    assert "The sound of" in caplog.text
    assert "is left out" in caplog.text


def test_a_claimed_gap_of_years_costs_neither_time_nor_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.mkv"
    _make(path, "pcm_s16le", gap_s=(0.5, 2.0))
    with av.open(str(path)) as source, av.open(str(tmp_path / "b.mkv"), "w") as target:
        streams = {s.index: target.add_stream_from_template(s) for s in source.streams}
        for packet in source.demux():
            if packet.size and packet.pts is not None and packet.stream_index == 1:
                late_s = 0 if packet.pts * packet.time_base < 0.3 else 10**8
                packet.pts = packet.dts = packet.pts + round(late_s / packet.time_base)
            if packet.size:
                packet.stream = streams[packet.stream_index]
                target.mux(packet)
    _carry(tmp_path / "b.mkv", tmp_path / "out.mp4")
    with VideoFile(tmp_path / "out.mp4") as video:
        assert sum(1 for _ in iter(video.read, None)) == 50

"""Any sound in, AAC out: at a rate that AAC has, each piece in its place, silence in the gaps."""

from __future__ import annotations  # PyAV's Packet takes its parameter only in annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.packet import Packet
from numpy.typing import NDArray

_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
"""Of AAC, in samples per second, as far as every player knows them."""

_SLACK_S = 0.03
"""Clocks in files are coarse: sound that is said to be this far from where it would follow is not
moved."""

_SILENCE_STEP = 16_384
"""Samples of silence made at once: a file may claim a gap of years."""


class SoundEncoder:
    """The sound stream of one output file."""

    def __init__(self, output: OutputContainer, rate: int, channels: int) -> None:
        """Add the stream to `output`.

        Args:
            output: The file to be.
            rate: Of the sound that will come, in samples per second; it may change.
            channels: How many it has; more than two are mixed down.
        """
        self._rate = next((known for known in _RATES if known >= rate), _RATES[-1])
        self._layout = "mono" if channels == 1 else "stereo"
        self._stream: AudioStream = output.add_stream("aac", rate=self._rate)
        self._stream.layout = self._layout
        self._resampler: AudioResampler | None = None
        self._kind: tuple[str, str, int] | None = None
        self._position = 0  # samples given to the encoder
        self._due = 0.0  # where the next sample that comes in will land
        self._surplus = 0  # samples that came twice and are left out

    def encode(self, sound: AudioFrame, begin_s: float | None) -> Iterator[Packet[AudioStream]]:
        """Encode a piece of sound.

        Args:
            sound: Of any rate, layout and format.
            begin_s: Where it belongs; what lies before 0 is left out. None puts it behind the
                piece before it.
        """
        kind = (sound.format.name, sound.layout.name, sound.sample_rate)
        if kind != self._kind:
            yield from self._drain()
            self._kind = kind
        if begin_s is not None:
            yield from self._move_to(begin_s)
        sound.pts = None  # the resampler would mind a jump
        self._due += sound.samples * self._rate / sound.sample_rate
        if self._resampler is None:
            self._resampler = AudioResampler("fltp", self._layout, self._rate)
        for piece in self._resampler.resample(sound):
            yield from self._take(piece.to_ndarray())

    def finish(self) -> Iterator[Packet[AudioStream]]:
        """Encode what is still held."""
        yield from self._drain()
        yield from self._stream.encode(None)

    def _move_to(self, begin_s: float) -> Iterator[Packet[AudioStream]]:
        """Make place for what belongs elsewhere than behind what came before."""
        ahead = begin_s * self._rate - self._due
        if ahead > _SLACK_S * self._rate:
            yield from self._drain()
            self._due = begin_s * self._rate
            silence = np.zeros((1 if self._layout == "mono" else 2, _SILENCE_STEP), np.float32)
            while (missing := round(self._due) - self._position) > 0:
                yield from self._take(silence[:, :missing])
        elif ahead < -_SLACK_S * self._rate:
            self._surplus += round(-ahead)
            self._due += ahead

    def _drain(self) -> Iterator[Packet[AudioStream]]:
        if self._resampler is not None:
            for piece in self._resampler.resample(None):
                yield from self._take(piece.to_ndarray())
            self._resampler = None

    def _take(self, samples: NDArray[np.generic]) -> Iterator[Packet[AudioStream]]:
        left_out = min(self._surplus, samples.shape[1])
        self._surplus -= left_out
        if left_out == samples.shape[1]:
            return
        kept = np.ascontiguousarray(samples[:, left_out:], dtype=np.float32)
        piece = AudioFrame.from_ndarray(kept, format="fltp", layout=self._layout)
        piece.sample_rate = self._rate
        piece.pts, piece.time_base = self._position, Fraction(1, self._rate)
        self._position += kept.shape[1]
        yield from self._stream.encode(piece)

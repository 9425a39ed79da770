"""Sound that comes out later than it went in: a ring of samples, and nothing kept beyond it."""

import numpy as np
from numpy.typing import NDArray

_LONGEST_S = 2.0
_SLIP_S = 0.03
"""How far blocks may arrive early or late before the delay is set anew."""


class DelayLine:
    """One channel. Written and read by one thread, in blocks of any size."""

    def __init__(self, rate: int, delay_ms: float) -> None:
        """Start silent.

        Args:
            rate: Samples a second.
            delay_ms: How much later sound comes out, 0 to 1500.
        """
        self._rate = rate
        self._ring = np.zeros(int(_LONGEST_S * rate), np.float32)
        self._written = 0
        self._read: int | None = None
        self._delay = 0
        self._is_aligned = False
        self.set_delay(delay_ms)

    def set_delay(self, delay_ms: float) -> None:
        """Change the delay; what is under way is skipped or preceded by silence.

        Raises:
            ValueError: It lies outside 0 to 1500 ms.
        """
        if not 0 <= delay_ms <= 1500:
            raise ValueError(f"A microphone is delayed by 0 to 1500 ms, not {delay_ms:g}.")
        self._delay = round(delay_ms / 1000 * self._rate)
        self._is_aligned = False

    def write(self, samples: NDArray[np.float32]) -> None:
        """Take what was heard, (N,), -1 to 1."""
        samples = samples[-len(self._ring) :]
        places = (self._written + np.arange(len(samples))) % len(self._ring)
        self._ring[places] = samples
        self._written += len(samples)

    def read(self, count: int) -> NDArray[np.float32]:
        """Give what was heard the delay ago, (count,); silence where nothing was heard.

        When nothing more is written there is silence too: nothing is ever said twice.
        """
        wanted = self._written - self._delay - count
        read = wanted if self._read is None else self._read
        if abs(read - wanted) > _SLIP_S * self._rate + count:
            self._is_aligned = False
        early = 0
        if not self._is_aligned:
            read, early = max(read, wanted), min(count, max(0, read - wanted))
            self._is_aligned = early < count
        self._read = read + count - early
        return np.concatenate((np.zeros(early, np.float32), self._known(read, count - early)))

    def _known(self, start: int, count: int) -> NDArray[np.float32]:
        places = start + np.arange(count)
        oldest = max(0, self._written - len(self._ring))
        is_known = (places >= oldest) & (places < self._written)
        return np.where(is_known, self._ring[places % len(self._ring)], np.float32(0.0))

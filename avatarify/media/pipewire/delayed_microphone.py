"""Starts and steers the process that offers the delayed microphone, see `delayed_source`."""

import subprocess
import sys
from contextlib import suppress
from threading import Thread

from avatarify.errors import VirtualCameraError

SILENCE_DB = -90.0
_LONGEST_MS = 1500


class DelayedMicrophone:
    """The source "Avatarify microphone", from now until `close`. Nothing of it is recorded."""

    def __init__(self, delay_ms: int, microphone: str = "") -> None:
        """Start; the source appears within a second.

        Args:
            delay_ms: From the microphone to whoever listens; at most 1500.
            microphone: Name of the node to listen to; empty takes the system's default.

        Raises:
            VirtualCameraError: The process cannot be started.
        """
        self.delay_ms = min(max(0, delay_ms), _LONGEST_MS)
        self.level_db = SILENCE_DB
        """How loud it is, in dB below full scale."""
        self.is_ready = False
        """The source is there for other programs."""
        self.is_muted = False
        self.problem = ""
        """Why it ended by itself, or empty."""
        module = "avatarify.media.pipewire.delayed_source"
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", module, str(self.delay_ms), microphone],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
        except OSError as error:
            raise VirtualCameraError(f"The delayed microphone does not start: {error}.") from error
        self._reader = Thread(target=self._listen, name="avatarify-microphone", daemon=True)
        self._reader.start()

    def set_delay(self, delay_ms: int) -> None:
        """Change the delay; the source stays."""
        delay_ms = min(max(0, delay_ms), _LONGEST_MS)
        if delay_ms != self.delay_ms:
            self.delay_ms = delay_ms
            self._tell(f"delay {delay_ms}")

    def set_muted(self, is_muted: bool) -> None:
        """Give silence, or sound again; the source stays."""
        self.is_muted = is_muted
        self._tell(f"mute {int(is_muted)}")

    def close(self) -> None:
        """Withdraw the source; a second call does nothing."""
        with suppress(OSError, ValueError):
            if self._process.stdin is not None:
                self._process.stdin.close()
        try:
            self._process.wait(timeout=3.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join(timeout=3.0)
        if self._process.stdout is not None:
            self._process.stdout.close()
        self.is_ready = False

    def _tell(self, line: str) -> None:
        with suppress(OSError, ValueError):  # it has ended: `problem` says so
            if self._process.stdin is not None:
                self._process.stdin.write(line + "\n")
                self._process.stdin.flush()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            word, _, value = line.strip().partition(" ")
            if word == "ready":
                self.is_ready = True
            elif word == "level":
                self.level_db = float(value)
            elif word == "error":
                self.problem = value
        if self._process.wait() != 0 and not self.problem:
            self.problem = "The delayed microphone ended. Switch it on again."
        self.is_ready = False

"""The source "Avatarify microphone" in PipeWire: the microphone, later, for programs in a call.

It runs in a process of its own (`python -m avatarify.media.pipewire.delayed_source`): beside the
animation, which needs every core, sound would stutter. Commands come as lines on stdin, levels go
as lines to stdout, and with stdin it ends. Sound is never written anywhere.
"""

import ctypes
import sys
import threading

import numpy as np
from numpy.typing import NDArray

from avatarify.errors import VirtualCameraError
from avatarify.media.pipewire import library as pw
from avatarify.media.pipewire.delay_line import DelayLine
from avatarify.media.pipewire.parameters import sound_format

RATE = 48_000
LABEL = "Avatarify microphone"
NODE = "avatarify-microphone"

_GROUP = f"node.group={NODE} node.link-group={NODE} node.latency=1024/{RATE}"
"""One clock for both ends, and no link from one to the other: it would hear itself."""

_HEARING = (
    "media.type=Audio media.category=Capture media.role=Communication "
    f'node.name={NODE}-input node.description="{LABEL} (input)" {_GROUP}'
)
_OFFERING = (
    "media.type=Audio media.category=Playback media.class=Audio/Source media.role=Communication "
    f'node.name={NODE} node.description="{LABEL}" priority.session=1 {_GROUP}'
)

_OWN_DELAY_MS = 1.5 * 1000 * 1024 / RATE
"""What the two streams take by themselves: one to two blocks, as measured."""

_CONNECT_TIMEOUT_S = 5.0
_LEVEL_EVERY_S = 0.1
_SILENCE_DB = -90.0


class DelayedSource:
    """Two streams of PipeWire with a delay between them."""

    def __init__(self, delay_ms: float, microphone: str = "") -> None:
        """Publish the source.

        Args:
            delay_ms: From the microphone to whoever listens, 0 to 1500; below 32 it is 32.
            microphone: Name of the node to listen to; empty takes the system's default.

        Raises:
            VirtualCameraError: PipeWire is missing or does not answer.
        """
        self._line = DelayLine(RATE, max(0.0, delay_ms - _OWN_DELAY_MS))
        self._is_muted = False
        self._power, self._heard = 0.0, 0
        self._library = pw.load_library()
        self._loop = self._library.pw_thread_loop_new(b"avatarify-microphone", None)
        target = f' target.object="{microphone}"' if microphone else ""
        self._states: dict[str, int] = {}
        self._settled = threading.Event()
        self._input = self._stream(_HEARING + target, self._on_heard, "input")
        self._output = self._stream(_OFFERING, self._on_wanted, "output")
        directions = ((self._input, 0), (self._output, pw.DIRECTION_OUTPUT))
        is_there = all(self._connect(stream[0], direction) for stream, direction in directions)
        if not is_there or not self._is_answered():
            self.close()
            raise VirtualCameraError(
                "PipeWire does not answer. Start it: systemctl --user start pipewire wireplumber"
            )

    def set_delay(self, delay_ms: float) -> None:
        """Change the delay; the source stays."""
        with self._locked():
            self._line.set_delay(max(0.0, delay_ms - _OWN_DELAY_MS))

    def set_muted(self, is_muted: bool) -> None:
        """Give silence, or sound again; the source stays."""
        with self._locked():
            self._is_muted = is_muted

    def level_db(self) -> float:
        """How loud it was since the last call, in dB below full scale; muted, silence."""
        with self._locked():
            power, count, is_muted = self._power, self._heard, self._is_muted
            self._power, self._heard = 0.0, 0
        if not count or is_muted:
            return _SILENCE_DB
        return max(_SILENCE_DB, float(10 * np.log10(max(power / count, 1e-12))))

    def close(self) -> None:
        """Withdraw the source."""
        self._library.pw_thread_loop_stop(self._loop)
        for stream, _events in (self._input, self._output):
            self._library.pw_stream_destroy(stream)
        self._library.pw_thread_loop_destroy(self._loop)

    def _locked(self) -> "_Locked":
        return _Locked(self._library, self._loop)

    def _stream(
        self, properties: str, process: "pw.Process", name: str
    ) -> tuple[int, pw.StreamEvents]:
        def note_state(_: object, old: int, new: int, error: bytes | None) -> None:
            self._states[name] = new
            is_known = len(self._states) == 2
            if is_known and pw.StreamState.CONNECTING not in self._states.values():
                self._settled.set()

        events = pw.StreamEvents(
            version=2,
            state_changed=pw.StateChanged(note_state),
            process=pw.FillBuffer(process),
        )
        stream = self._library.pw_stream_new_simple(
            self._library.pw_thread_loop_get_loop(self._loop),
            LABEL.encode(),
            self._library.pw_properties_new_string(f"{{ {properties} }}".encode()),
            ctypes.byref(events),
            None,
        )
        return stream, events

    def _connect(self, stream: int, direction: int) -> bool:
        """Return whether there is a PipeWire to connect to."""
        formats, _memory = pw.pod_addresses(sound_format(RATE))
        result: int = self._library.pw_stream_connect(
            stream, direction, pw.ANY_TARGET, pw.FLAG_AUTOCONNECT | pw.FLAG_MAP_BUFFERS, formats, 1
        )
        return result >= 0

    def _is_answered(self) -> bool:
        """Start, and return whether PipeWire takes both streams."""
        self._library.pw_thread_loop_start(self._loop)
        has_settled = self._settled.wait(_CONNECT_TIMEOUT_S)
        return has_settled and min(self._states.values()) >= pw.StreamState.CONNECTING

    # The callbacks run in PipeWire's thread, with its lock held.

    def _on_heard(self, _: object) -> None:
        loan = self._library.pw_stream_dequeue_buffer(self._input[0])
        if not loan:
            return
        block = loan.contents.buffer.contents.blocks[0]
        if block.data:
            chunk = block.chunk.contents
            samples = _samples(block.data + chunk.offset, chunk.size // 4).copy()
            self._line.write(samples)
            self._power += float(np.square(samples, dtype=np.float64).sum())
            self._heard += len(samples)
        self._library.pw_stream_queue_buffer(self._input[0], loan)

    def _on_wanted(self, _: object) -> None:
        loan = self._library.pw_stream_dequeue_buffer(self._output[0])
        if not loan:
            return
        block = loan.contents.buffer.contents.blocks[0]
        if block.data:
            room = block.max_size // 4
            count = min(room, int(loan.contents.requested) or 1024)
            heard = self._line.read(count)
            _samples(block.data, count)[:] = 0.0 if self._is_muted else heard
            chunk = block.chunk.contents
            chunk.offset, chunk.size, chunk.stride = 0, 4 * count, 4
        self._library.pw_stream_queue_buffer(self._output[0], loan)


class _Locked:
    """PipeWire's lock, for a `with`."""

    def __init__(self, library: ctypes.CDLL, loop: int) -> None:
        self._library, self._loop = library, loop

    def __enter__(self) -> None:
        self._library.pw_thread_loop_lock(self._loop)

    def __exit__(self, *_: object) -> None:
        self._library.pw_thread_loop_unlock(self._loop)


def _samples(address: int, count: int) -> NDArray[np.float32]:
    pointer = ctypes.cast(address, ctypes.POINTER(ctypes.c_float))
    return np.ctypeslib.as_array(pointer, shape=(count,))


def main() -> int:
    """Serve until stdin ends: `delay MS`, `mute 0` and `mute 1` come, `level DB` goes."""
    delay_ms, microphone = float(sys.argv[1]), sys.argv[2]
    try:
        source = DelayedSource(delay_ms, microphone)
    except VirtualCameraError as error:
        _say(f"error {error}")
        return 1
    has_ended = threading.Event()

    def tell_levels() -> None:
        while not has_ended.wait(_LEVEL_EVERY_S):
            _say(f"level {source.level_db():.1f}")

    _say("ready")
    teller = threading.Thread(target=tell_levels, daemon=True)
    teller.start()
    for line in sys.stdin:
        command, _, value = line.strip().partition(" ")
        if command == "delay":
            source.set_delay(float(value))
        elif command == "mute":
            source.set_muted(value == "1")
    has_ended.set()
    teller.join()
    source.close()
    return 0


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

"""A camera that other programs see in PipeWire, fed by us frame by frame."""

import ctypes
import logging
import threading
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.errors import VirtualCameraError
from avatarify.frames import Image
from avatarify.media.pipewire import library as pw
from avatarify.media.pipewire.loans import BufferLoans
from avatarify.media.pipewire.parameters import (
    BYTES_PER_PIXEL,
    PARAMETER_FORMAT,
    camera_buffers,
    camera_format,
)

logger = logging.getLogger(__name__)

_CONNECT_TIMEOUT_S = 5.0
_REPEAT_S = 0.1
"""Without a new frame the last one is sent again this often: programs that start to read while the
picture stands still would otherwise show nothing."""

_MISSED_UNTIL_TAKEN_BACK = 10
"""A reader that holds every buffer for this many frames has ended or hangs."""


@dataclass(frozen=True, slots=True)
class CameraDescription:
    """What is published; fixed for as long as the camera lives."""

    width: int = 1280
    """Pixels, even (YUY2 stores pixels in pairs)."""

    height: int = 720
    """Pixels."""

    fps: float = 30.0
    """Nominal frames per second."""

    label: str = "Avatarify"
    """The name that people pick in their call app."""

    def __post_init__(self) -> None:
        if self.width <= 0 or self.width % 2 or self.height <= 0 or self.fps <= 0:
            raise ValueError(f"A camera needs an even width, a height and a rate, not {self}")

    @property
    def properties(self) -> str:
        """The node's properties in PipeWire's own notation."""
        label = self.label.replace("\\", "").replace('"', "")
        node_name = "".join(letter if letter.isalnum() else "-" for letter in label.lower())
        return (
            "{ media.type=Video media.category=Capture media.role=Camera media.class=Video/Source "
            f'node.name="{node_name}" node.description="{label}" }}'
        )


class PipeWireCamera:
    """A `Video/Source` node. Readers may come and go; the camera stays.

    PipeWire's own thread fills a reader's buffer from the latest frame whenever one is triggered:
    by `send`, or every 100 ms by a small thread while nothing is sent.
    """

    def __init__(self, description: CameraDescription) -> None:
        """Publish the camera; it shows black until the first `send`.

        Raises:
            VirtualCameraError: PipeWire is not installed, not running, or refuses the camera.
        """
        self.description = description
        self._latest = _black(description)
        self._state = pw.StreamState.UNCONNECTED
        self._failure = ""
        self._loans = BufferLoans()
        self._missed_in_a_row = 0
        self._settled = threading.Event()
        self._new_frame = threading.Event()
        self._closing = threading.Event()
        self._library = pw.load_library()
        self._loop = self._library.pw_thread_loop_new(b"avatarify-camera", None)
        # ctypes callbacks die with their Python object: the table lives as long as the stream.
        self._events = pw.StreamEvents(
            version=2,
            state_changed=pw.StateChanged(self._on_state_changed),
            param_changed=pw.ParameterChanged(self._on_parameter_changed),
            add_buffer=pw.BufferChanged(lambda _, address: self._loans.add(address)),
            remove_buffer=pw.BufferChanged(lambda _, address: self._loans.remove(address)),
            process=pw.FillBuffer(self._on_fill_buffer),
        )
        self._stream = self._library.pw_stream_new_simple(
            self._library.pw_thread_loop_get_loop(self._loop),
            description.label.encode(),
            self._library.pw_properties_new_string(description.properties.encode()),
            ctypes.byref(self._events),
            None,
        )
        self._repeater = threading.Thread(
            target=self._repeat_last_frame, name="pipewire-camera", daemon=True
        )
        self._publish()
        self._repeater.start()

    @property
    def is_watched(self) -> bool:
        """Whether a program reads the camera at this moment."""
        return self._state is pw.StreamState.STREAMING

    def send(self, image: Image) -> None:
        """Show one frame.

        Args:
            image: RGB, uint8, of the size published.

        Raises:
            ValueError: The size is another.
            VirtualCameraError: PipeWire has stopped, or the camera was closed.
        """
        expected = (self.description.height, self.description.width, 3)
        if image.shape != expected:
            raise ValueError(f"The camera shows {expected} pixels, not {image.shape}")
        if self._closing.is_set():
            raise VirtualCameraError("The PipeWire camera is closed. Open it again.")
        if self._state < pw.StreamState.PAUSED:
            raise VirtualCameraError(
                f"PipeWire dropped the camera ({self._failure or 'the daemon stopped'}). "
                "Open the virtual camera again once PipeWire runs."
            )
        self._latest = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2YUV_YUY2), np.uint8)
        self._new_frame.set()
        self._trigger()

    def close(self) -> None:
        """Withdraw the camera; a second call does nothing."""
        if self._closing.is_set():
            return
        self._closing.set()
        self._new_frame.set()
        if self._repeater.is_alive():
            self._repeater.join()
        self._library.pw_thread_loop_stop(self._loop)
        if self._stream:
            self._library.pw_stream_destroy(self._stream)
        self._library.pw_thread_loop_destroy(self._loop)

    def _publish(self) -> None:
        size = self.description
        formats, _memory = pw.pod_addresses(camera_format(size.width, size.height, size.fps))
        result = -1
        if self._stream:
            result = self._library.pw_stream_connect(
                self._stream,
                pw.DIRECTION_OUTPUT,
                pw.ANY_TARGET,
                pw.FLAG_DRIVER | pw.FLAG_MAP_BUFFERS,
                formats,
                1,
            )
        if result >= 0:
            self._library.pw_thread_loop_start(self._loop)
            self._settled.wait(_CONNECT_TIMEOUT_S)
        if self._state < pw.StreamState.PAUSED:
            reason = f" ({self._failure})" if self._failure else ""
            self.close()
            raise VirtualCameraError(
                f"PipeWire does not answer{reason}. Start it for this user "
                "(systemctl --user start pipewire wireplumber), or use v4l2loopback."
            )

    def _trigger(self) -> None:
        self._library.pw_thread_loop_lock(self._loop)
        if self.is_watched:
            self._library.pw_stream_trigger_process(self._stream)
        self._library.pw_thread_loop_unlock(self._loop)

    def _repeat_last_frame(self) -> None:
        while not self._closing.is_set():
            if not self._new_frame.wait(_REPEAT_S):
                self._trigger()
            self._new_frame.clear()

    # The callbacks run in PipeWire's thread, with its lock held.

    def _on_state_changed(self, _: object, old: int, new: int, error: bytes | None) -> None:
        self._state = pw.StreamState(new)
        if error:
            self._failure = error.decode(errors="replace")
        logger.debug("PipeWire camera: state %d to %d %s", old, new, self._failure)
        if new not in (pw.StreamState.UNCONNECTED, pw.StreamState.CONNECTING):
            self._settled.set()
        if new == pw.StreamState.PAUSED:
            self._loans.take_back()

    def _on_parameter_changed(self, _: object, parameter: int, value: int | None) -> None:
        if parameter != PARAMETER_FORMAT or not value:
            return
        buffers, _memory = pw.pod_addresses(
            camera_buffers(self.description.width, self.description.height)
        )
        self._library.pw_stream_update_params(self._stream, buffers, 1)

    def _on_fill_buffer(self, _: object) -> None:
        loan = self._library.pw_stream_dequeue_buffer(self._stream)
        if not loan:
            self._miss_frame()
            return
        self._missed_in_a_row = 0
        block = loan.contents.buffer.contents.blocks[0]
        latest = self._latest
        if block.data and block.max_size >= latest.nbytes:
            ctypes.memmove(block.data, latest.ctypes.data, latest.nbytes)
            chunk = block.chunk.contents
            chunk.offset = 0
            chunk.size = latest.nbytes
            chunk.stride = self.description.width * BYTES_PER_PIXEL
            chunk.flags = 0
        self._library.pw_stream_queue_buffer(self._stream, loan)

    def _miss_frame(self) -> None:
        """Count a frame for which no buffer was free, because the readers hold them all."""
        self._missed_in_a_row += 1
        if self._missed_in_a_row >= _MISSED_UNTIL_TAKEN_BACK:
            logger.debug("PipeWire camera: a reader left without returning its buffers")
            self._loans.take_back()


def _black(description: CameraDescription) -> NDArray[np.uint8]:
    """Return a black YUY2 frame: luma 16, chroma 128."""
    frame = np.full((description.height, description.width, BYTES_PER_PIXEL), 128, np.uint8)
    frame[..., 0] = 16
    return frame

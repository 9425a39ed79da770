"""The part of libpipewire-0.3 that a camera needs, as ctypes declarations.

The structures mirror `pipewire/stream.h` and `spa/buffer/buffer.h` field by field. Their layouts
are PipeWire's stable ABI (the table of events since its version 2, of 0.3.40); fields that are
never read here are declared too, because they place the ones that are.
"""

import ctypes
from collections.abc import Callable
from ctypes import POINTER, c_char_p, c_int, c_int32, c_int64, c_uint32, c_uint64, c_void_p
from enum import IntEnum
from typing import Any

from avatarify.errors import VirtualCameraError

LIBRARY_FILE = "libpipewire-0.3.so.0"
DIRECTION_OUTPUT = 1
ANY_TARGET = 0xFFFFFFFF
FLAG_AUTOCONNECT = 1 << 0
FLAG_MAP_BUFFERS = 1 << 2
FLAG_DRIVER = 1 << 3
"""We set the pace: a reader gets a frame when we trigger one, not by a clock of its own."""


class StreamState(IntEnum):
    """What `state_changed` reports."""

    ERROR = -1
    UNCONNECTED = 0
    CONNECTING = 1
    PAUSED = 2
    """Published; nobody reads."""
    STREAMING = 3
    """At least one program reads."""


class Chunk(ctypes.Structure):
    """`spa_chunk`: which part of a block is filled."""

    _fields_ = (("offset", c_uint32), ("size", c_uint32), ("stride", c_int32), ("flags", c_int32))


class Block(ctypes.Structure):
    """`spa_data`: one block of shared memory; `data` is its address once mapped."""

    _fields_ = (
        ("type", c_uint32),
        ("flags", c_uint32),
        ("fd", c_int64),
        ("map_offset", c_uint32),
        ("max_size", c_uint32),
        ("data", c_void_p),
        ("chunk", POINTER(Chunk)),
    )


class Metadata(ctypes.Structure):
    """`spa_meta`: one note attached to a buffer; `data` is its address in shared memory."""

    _fields_ = (("type", c_uint32), ("size", c_uint32), ("data", c_void_p))


class BusyCount(ctypes.Structure):
    """`spa_meta_busy`: how many readers hold the buffer."""

    _fields_ = (("flags", c_uint32), ("count", c_uint32))


class Buffer(ctypes.Structure):
    """`spa_buffer`: the blocks of one frame (we ask for one)."""

    _fields_ = (
        ("metadata_count", c_uint32),
        ("block_count", c_uint32),
        ("metadata", POINTER(Metadata)),
        ("blocks", POINTER(Block)),
    )


class StreamBuffer(ctypes.Structure):
    """`pw_buffer`: a buffer on loan from the stream.

    Newer releases append fields; buffers are only ever handled by address, so that is harmless.
    """

    _fields_ = (
        ("buffer", POINTER(Buffer)),
        ("user_data", c_void_p),
        ("size", c_uint64),
        ("requested", c_uint64),
    )


StateChanged = ctypes.CFUNCTYPE(None, c_void_p, c_int, c_int, c_char_p)
ParameterChanged = ctypes.CFUNCTYPE(None, c_void_p, c_uint32, c_void_p)
BufferChanged = ctypes.CFUNCTYPE(None, c_void_p, c_void_p)
FillBuffer = ctypes.CFUNCTYPE(None, c_void_p)
Process = Callable[[object], None]


class StreamEvents(ctypes.Structure):
    """`pw_stream_events`, version 2: the callbacks; those left null are not called."""

    _fields_ = (
        ("version", c_uint32),
        ("destroy", c_void_p),
        ("state_changed", StateChanged),
        ("control_info", c_void_p),
        ("io_changed", c_void_p),
        ("param_changed", ParameterChanged),
        ("add_buffer", BufferChanged),
        ("remove_buffer", BufferChanged),
        ("process", FillBuffer),
        ("drained", c_void_p),
        ("command", c_void_p),
        ("trigger_done", c_void_p),
    )


_PODS = POINTER(c_void_p)

# Every address is declared c_void_p: ctypes' default, a 32-bit int, would cut it in half.
_SIGNATURES: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "pw_init": (None, (c_void_p, c_void_p)),
    "pw_thread_loop_new": (c_void_p, (c_char_p, c_void_p)),
    "pw_thread_loop_get_loop": (c_void_p, (c_void_p,)),
    "pw_thread_loop_start": (c_int, (c_void_p,)),
    "pw_thread_loop_lock": (None, (c_void_p,)),
    "pw_thread_loop_unlock": (None, (c_void_p,)),
    "pw_thread_loop_stop": (None, (c_void_p,)),
    "pw_thread_loop_destroy": (None, (c_void_p,)),
    "pw_properties_new_string": (c_void_p, (c_char_p,)),
    "pw_stream_new_simple": (
        c_void_p,
        (c_void_p, c_char_p, c_void_p, POINTER(StreamEvents), c_void_p),
    ),
    "pw_stream_connect": (c_int, (c_void_p, c_int, c_uint32, c_int, _PODS, c_uint32)),
    "pw_stream_update_params": (c_int, (c_void_p, _PODS, c_uint32)),
    "pw_stream_dequeue_buffer": (POINTER(StreamBuffer), (c_void_p,)),
    "pw_stream_queue_buffer": (c_int, (c_void_p, POINTER(StreamBuffer))),
    "pw_stream_trigger_process": (c_int, (c_void_p,)),
    "pw_stream_destroy": (None, (c_void_p,)),
}


def load_library() -> ctypes.CDLL:
    """Load and initialise libpipewire; loading it again is cheap.

    Raises:
        VirtualCameraError: It is not installed, or older than 0.3.40.
    """
    try:
        library = ctypes.CDLL(LIBRARY_FILE)
        for name, (result, arguments) in _SIGNATURES.items():
            function = getattr(library, name)
            function.restype = result
            function.argtypes = arguments
    except (OSError, AttributeError) as error:
        raise VirtualCameraError(
            f"PipeWire's library {LIBRARY_FILE} is missing or too old. Install PipeWire 0.3.40 or "
            "newer (Debian, Ubuntu: sudo apt install pipewire wireplumber), or use v4l2loopback."
        ) from error
    library.pw_init(None, None)
    return library


def pod_addresses(pod: bytes) -> tuple[ctypes.Array[c_void_p], ctypes.Array[ctypes.c_char]]:
    """Return an array of one POD's address, and the memory that must live as long as it is used."""
    memory = ctypes.create_string_buffer(pod, len(pod))
    return (c_void_p * 1)(ctypes.cast(memory, c_void_p)), memory

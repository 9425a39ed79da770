"""The buffers on loan to readers, and taking them back from readers that left.

Each buffer carries a counter of the readers that hold it, and a stream gives us only buffers that
nobody holds. A reader that ends without returning its buffers leaves them counted for ever: after a
few of those no buffer is free and the camera would stand still for everybody. So we remember all
buffers and reset their counters when no reader can hold one.
"""

import ctypes
from ctypes import POINTER
from typing import TYPE_CHECKING

from avatarify.media.pipewire.library import BusyCount, Metadata, StreamBuffer

if TYPE_CHECKING:
    from ctypes import _Pointer

_METADATA_BUSY = 7


class BufferLoans:
    """All buffers of one stream. Used only from PipeWire's thread."""

    def __init__(self) -> None:
        self._buffers: dict[int, _Pointer[StreamBuffer]] = {}

    def add(self, address: int) -> None:
        """Remember a buffer that the stream has just got."""
        self._buffers[address] = ctypes.cast(address, POINTER(StreamBuffer))

    def remove(self, address: int) -> None:
        """Forget a buffer that the stream is about to lose."""
        self._buffers.pop(address, None)

    def take_back(self) -> None:
        """Declare that no reader holds any buffer."""
        for buffer in self._buffers.values():
            description = buffer.contents.buffer.contents
            for number in range(description.metadata_count):
                metadata: Metadata = description.metadata[number]
                if metadata.type == _METADATA_BUSY and metadata.data:
                    ctypes.cast(metadata.data, POINTER(BusyCount)).contents.count = 0

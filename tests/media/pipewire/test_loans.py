import ctypes

from avatarify.media.pipewire.library import Buffer, BusyCount, Metadata, StreamBuffer
from avatarify.media.pipewire.loans import BufferLoans


def test_taking_back_clears_the_count_of_readers_and_nothing_else() -> None:
    busy = BusyCount(flags=7, count=3)
    header = BusyCount(flags=5, count=9)
    notes = (Metadata * 2)(
        Metadata(1, 8, ctypes.addressof(header)), Metadata(7, 8, ctypes.addressof(busy))
    )
    described = Buffer(metadata_count=2, block_count=0, metadata=notes)
    buffer = StreamBuffer(buffer=ctypes.pointer(described))
    loans = BufferLoans()
    loans.add(ctypes.addressof(buffer))
    loans.take_back()
    assert (busy.flags, busy.count, header.count) == (7, 0, 9)


def test_a_removed_buffer_is_not_touched() -> None:
    busy = BusyCount(count=3)
    notes = (Metadata * 1)(Metadata(7, 8, ctypes.addressof(busy)))
    described = Buffer(metadata_count=1, metadata=notes)
    buffer = StreamBuffer(buffer=ctypes.pointer(described))
    loans = BufferLoans()
    loans.add(ctypes.addressof(buffer))
    loans.remove(ctypes.addressof(buffer))
    loans.take_back()
    assert busy.count == 3

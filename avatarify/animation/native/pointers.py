"""Where arrays lie, for compiled functions."""

import ctypes
from typing import Any

from numpy.typing import NDArray


class _Pointer(ctypes.c_void_p):
    """Keeps its array alive; made in half the time of `array.ctypes.data_as`."""

    def __init__(self, array: NDArray[Any]) -> None:
        super().__init__(array.ctypes.data)
        self._array = array


def at(array: NDArray[Any]) -> ctypes.c_void_p:
    """Return where a contiguous array lies; it stays alive as long as what is returned."""
    assert array.flags.c_contiguous
    return _Pointer(array)

"""Where arrays lie, for compiled functions."""

import ctypes
from typing import Any

from numpy.typing import NDArray


def at(array: NDArray[Any]) -> ctypes.c_void_p:
    """Return where a contiguous array lies; it stays alive as long as what is returned."""
    assert array.flags.c_contiguous
    return array.ctypes.data_as(ctypes.c_void_p)

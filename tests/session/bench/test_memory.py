"""The most memory that a process held is its own, not that of whoever started it."""

import subprocess
import sys

import numpy as np
import pytest

from avatarify.session.bench.memory import _high_water_mark_mb, peak_memory_mb

_CHILD = """
from avatarify.session.bench.memory import peak_memory_mb
block = b"x" * {size}
print(peak_memory_mb())
"""


def _peak_of_child_mb(size: int) -> float:
    done = subprocess.run(
        [sys.executable, "-c", _CHILD.format(size=size)], capture_output=True, text=True, check=True
    )
    return float(done.stdout)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not say")
def test_what_a_process_takes_is_seen() -> None:
    assert _peak_of_child_mb(200 * 2**20) - _peak_of_child_mb(1) == pytest.approx(200, abs=30)


@pytest.mark.skipif(sys.platform != "linux", reason="reads Linux's own account")
def test_a_large_parent_does_not_count() -> None:
    parent = np.ones(400 * 2**20, np.uint8)
    mine = peak_memory_mb()
    assert mine is not None
    assert mine > 400
    assert _peak_of_child_mb(1) < 200
    assert parent[0] == 1


def test_the_line_of_the_account() -> None:
    assert _high_water_mark_mb("Name:\tpython\nVmHWM:\t    2048 kB\nVmRSS:\t 1 kB\n") == 2.0
    assert _high_water_mark_mb("Name:\tpython\n") is None

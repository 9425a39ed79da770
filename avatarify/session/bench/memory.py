"""How much memory this process has held; imports nothing that would add to it."""

import sys
from pathlib import Path

_STATUS = Path("/proc/self/status")


def peak_memory_mb() -> float | None:
    """Return the most memory that this process has held; None where the system does not say.

    Linux passes `ru_maxrss` on from the process that started this one, so there the process's own
    high-water mark is read.
    """
    if sys.platform == "win32":
        return None
    if sys.platform == "linux" and _STATUS.is_file():
        return _high_water_mark_mb(_STATUS.read_text("utf-8", errors="replace"))
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


def _high_water_mark_mb(status: str) -> float | None:
    """Find the line `VmHWM: 123456 kB`."""
    for line in status.splitlines():
        name, _, value = line.partition(":")
        if name == "VmHWM":
            return float(value.split()[0]) / 2**10
    return None

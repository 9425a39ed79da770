"""Keeping a native library's chatter off the user's terminal.

mediapipe writes to file descriptor 2 directly; no log setting reaches it. The descriptor belongs
to the whole process, so what other threads write meanwhile is kept and written out afterwards.
"""

import logging
import os
import re
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

logger = logging.getLogger(__name__)

_STDERR = 2
_NOISE = re.compile(
    rb"[IWE]\d{4} |INFO: Created TensorFlow|WARNING: All log messages before absl::InitializeLog"
)
# File descriptor 2 is one per process: two overlapping redirections would restore the wrong one.
_one_redirection = threading.Lock()


@contextmanager
def quiet_stderr() -> Iterator[None]:
    """Hold back what is written to file descriptor 2 and drop the lines of a native logger.

    Everything else, as of another thread, is written out at the end, which is reached also when
    the body raises. Dropped lines are logged at DEBUG. Without a file descriptor 2, as in a
    windowed program on Windows, nothing is done.
    """
    with _one_redirection, tempfile.TemporaryFile() as held:
        try:
            original = os.dup(_STDERR)
        except OSError:
            yield
            return
        try:
            os.dup2(held.fileno(), _STDERR)
            yield
        finally:
            os.dup2(original, _STDERR)
            os.close(original)
            _write_out(held)


def _write_out(held: IO[bytes]) -> None:
    held.seek(0)
    for line in held.read().splitlines(keepends=True):
        if _NOISE.match(line):
            logger.debug("native: %s", line.decode(errors="replace").rstrip())
        else:
            os.write(_STDERR, line)

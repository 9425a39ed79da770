"""A full disk that needs no root, for the tests of everything that writes files."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest


@contextmanager
def file_size_limit(size: int) -> Iterator[None]:
    """Make writing beyond `size` bytes of any file fail, as on a full disk.

    Python ignores SIGXFSZ, so that the write answers EFBIG instead of ending the process. Keep the
    block short: pytest's own log may be a file.
    """
    if sys.platform == "win32":
        pytest.skip("this system has no file size limits")
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

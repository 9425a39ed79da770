"""Fixtures of the media tests: a full disk that needs no root."""

import sys
from collections.abc import Callable, Iterator

import pytest


@pytest.fixture
def file_size_limit() -> Iterator[Callable[[int], None]]:
    """Set how many bytes a file of this process may have: beyond them, writing fails as when full.

    Python ignores SIGXFSZ, so that the write answers EFBIG instead of ending the process.
    """
    if sys.platform == "win32":
        pytest.skip("this system has no file size limits")
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

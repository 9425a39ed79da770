"""Fixtures of the media tests: a full disk that needs no root, and a PipeWire of their own."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.linux_session import LinuxSession, missing_packages

_NEEDED = {
    "dbus-daemon": "dbus",
    "pipewire": "pipewire",
    "wireplumber": "wireplumber",
    "pw-v4l2": "pipewire-v4l2",
}


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


@pytest.fixture
def pipewire_session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LinuxSession]:
    """Run PipeWire in a session that this process joins."""
    if missing := missing_packages(_NEEDED):
        pytest.skip(f"needs the packages {missing}")
    session = LinuxSession(tmp_path)
    try:
        session.start_bus()
        session.start_pipewire()
        for name in ("XDG_RUNTIME_DIR", "PIPEWIRE_RUNTIME_DIR"):
            monkeypatch.setenv(name, session.environment[name])
        yield session
    finally:
        session.close()

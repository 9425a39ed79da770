"""A PipeWire of its own, as a fixture for the tests of cameras."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.linux_session import LinuxSession, missing_packages

PIPEWIRE_PACKAGES = {
    "dbus-daemon": "dbus",
    "pipewire": "pipewire",
    "wireplumber": "wireplumber",
    "pw-v4l2": "pipewire-v4l2",
}


@pytest.fixture
def pipewire_session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LinuxSession]:
    """Run PipeWire in a session that this process joins."""
    if missing := missing_packages(PIPEWIRE_PACKAGES):
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

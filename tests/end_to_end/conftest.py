"""A desktop session of its own, in which a webcam, the app and a browser meet through PipeWire."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.linux_session import LinuxSession, missing_packages

_NEEDED = {
    "dbus-daemon": "dbus",
    "gdbus": "libglib2.0-bin",
    "pipewire": "pipewire",
    "wireplumber": "wireplumber",
    "pw-v4l2": "pipewire-v4l2",
    "Xvfb": "xvfb",
    "chromium": "chromium",
    "/usr/libexec/xdg-permission-store": "xdg-desktop-portal",
    "/usr/libexec/xdg-desktop-portal": "xdg-desktop-portal",
    "/usr/libexec/xdg-desktop-portal-gtk": "xdg-desktop-portal-gtk",
}


@pytest.fixture
def desktop(tmp_path: Path) -> Iterator[LinuxSession]:
    """Run an X server, a message bus, PipeWire and the camera portal; end them afterwards."""
    if missing := missing_packages(_NEEDED):
        pytest.skip(f"needs the packages {missing}")
    session = LinuxSession(tmp_path)
    try:
        session.start_display()
        session.start_bus()
        session.start_pipewire()
        session.start_portal()
        yield session
    finally:
        session.close()

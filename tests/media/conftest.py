"""Fixtures of this folder's tests."""

from tests.media.v4l2_cameras import made_cameras
from tests.pipewire_session import pipewire_session

__all__ = ["made_cameras", "pipewire_session"]

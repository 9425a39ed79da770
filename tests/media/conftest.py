"""Fixtures of this folder's tests."""

from tests.full_disk import file_size_limit
from tests.pipewire_session import pipewire_session

__all__ = ["file_size_limit", "pipewire_session"]

"""Fixtures of this folder's tests."""

from tests.pipewire_session import pipewire_session

__all__ = ["pipewire_session"]

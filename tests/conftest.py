"""Fixtures that every test may use."""

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of clips, portraits and parity vectors beside the project."""
    if not SHARED.is_dir():
        pytest.skip("needs ../shared (clips, portraits, parity vectors), which users do not have")
    return SHARED

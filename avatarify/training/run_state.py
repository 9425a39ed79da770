"""Everything a killed run needs to go on as if nothing had happened, in one file."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch

from avatarify.errors import OutputError, SettingsError


def write_state(path: Path, state: dict[str, Any]) -> None:
    """Write a checkpoint that is never seen half-written.

    Raises:
        OutputError: The folder is not writable or the disk is full.
    """
    partial = path.with_suffix(".partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("wb") as file:
            torch.save(state, file)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except (OSError, RuntimeError) as error:
        with suppress(OSError):  # the reason is told
            partial.unlink(missing_ok=True)
        raise OutputError(f"{path} could not be written: {error}. Is the disk full?") from error


def read_state(path: Path) -> dict[str, Any]:
    """Read what `write_state` wrote.

    Raises:
        SettingsError: The file is broken or foreign.
    """
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        raise SettingsError(f"{path} is no training checkpoint: {error}") from error
    if not isinstance(state, dict) or "step" not in state:
        raise SettingsError(f"{path} is no training checkpoint.")
    return state

"""PipeWire's service of the user: whether it runs, and starting it."""

import os
import shlex
import subprocess
from pathlib import Path

from avatarify.errors import VirtualCameraError
from avatarify.media.output_remedy import OutputRemedy, RemedyKind

START = OutputRemedy(
    RemedyKind.START, "Start PipeWire", "systemctl --user start pipewire wireplumber"
)
"""Starts the service and what hands cameras to programs; needs no root."""

_PATIENCE_S = 20.0


def service_socket() -> Path:
    """Where programs meet the service; there while it runs."""
    folder = os.environ.get("PIPEWIRE_RUNTIME_DIR") or os.environ.get("XDG_RUNTIME_DIR") or "/run"
    return Path(folder) / os.environ.get("PIPEWIRE_REMOTE", "pipewire-0")


def start_service() -> None:
    """Start PipeWire for this user and wait until systemd says that it runs.

    Raises:
        VirtualCameraError: It did not start; the message says why.
    """
    try:
        finished = subprocess.run(
            shlex.split(START.value),
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_PATIENCE_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise VirtualCameraError(f"PipeWire did not start: {error}.") from error
    if finished.returncode or not service_socket().exists():
        reason = " ".join(finished.stderr.split()) or "its service is not there afterwards"
        raise VirtualCameraError(f"PipeWire did not start: {reason.rstrip('.')}.")

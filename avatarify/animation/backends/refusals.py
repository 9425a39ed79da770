"""Ways that were tried and refused, remembered: the next start does not try them again.

Only what was computed wrongly is remembered. What is missing may be installed, and what failed for
want of memory may run tomorrow.
"""

import hashlib
import json
import logging
import os
import platform
import time
from contextlib import suppress
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import torch
from platformdirs import user_cache_path

from avatarify.animation.backends.kept_graphs import fingerprint, source_stamps
from avatarify.networks.motion_model import MotionModel

_LOG = logging.getLogger(__name__)

LIFETIME_S = 30 * 24 * 3600.0
"""Then a way is tried once more: drivers get better."""

_SUFFIX = ".json"


class Refusals:
    """What was refused of one model, by this program on this machine."""

    def __init__(
        self, model: MotionModel, device: torch.device, folder: Path | None = None
    ) -> None:
        """Name the file; nothing is read yet.

        Args:
            model: Its weights and its configuration count.
            device: What was asked for.
            folder: Where the files are; the user's cache when left out.
        """
        self._model = model
        self._device = device
        self._folder = folder or default_folder()

    def why(self, way: str) -> str | None:
        """Return what was wrong with a way, or None if that is not known.

        Args:
            way: Its name.
        """
        return self._read().get(way) if self._folder.is_dir() else None

    def remember(self, way: str, why: str) -> None:
        """Keep the refusal of a way. A failure is only logged.

        Args:
            way: Its name.
            why: The end of a sentence.
        """
        part = self._path.with_name(f".{self._path.name}.{os.getpid()}.part")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            part.write_text(json.dumps({**self._read(), way: why}), encoding="utf-8")
            part.replace(self._path)
            self._prune()
        except OSError as error:
            _LOG.info("Refusals cannot be kept in %s: %s", self._folder, error)
            with suppress(OSError):
                part.unlink()

    @cached_property
    def _path(self) -> Path:
        config = json.dumps(self._model.config.to_dict(), sort_keys=True)
        key = (fingerprint(self._model), config, *source_stamps(), *_machine(self._device))
        digest = hashlib.sha256("\n".join(key).encode()).hexdigest()[:32]
        return self._folder / f"{digest}{_SUFFIX}"

    def _read(self) -> dict[str, str]:
        try:
            if time.time() - self._path.stat().st_mtime > LIFETIME_S:
                return {}
            content = json.loads(self._path.read_text(encoding="utf-8"))
            return {str(way): str(why) for way, why in content.items()}
        except (OSError, ValueError, AttributeError):  # there is none, or it is damaged
            return {}

    def _prune(self) -> None:
        for path in self._folder.iterdir():
            if time.time() - path.stat().st_mtime > LIFETIME_S:
                path.unlink(missing_ok=True)


def default_folder() -> Path:
    """Return the folder in the user's cache."""
    return user_cache_path("avatarify", appauthor=False) / "refused"


def _machine(device: torch.device) -> tuple[str, ...]:
    """Say what computes here: the libraries, the processor and the card."""
    try:
        openvino = version("openvino")
    except PackageNotFoundError:
        openvino = ""
    processor = (platform.machine(), platform.processor(), torch.backends.cpu.get_cpu_capability())
    card = torch.cuda.get_device_name(device) if device.type == "cuda" else device.type
    return (torch.__version__, openvino, *processor, card)

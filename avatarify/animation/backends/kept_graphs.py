"""Compiled graphs on the disk: a model's second start neither traces nor compiles nor checks again.

An entry is one file. It is written once its engine has passed the check against the readable
networks, and found again only by the same program with the same model on the same processor.
"""

import hashlib
import json
import logging
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_cache_path

from avatarify.networks.silent_openvino import openvino

if TYPE_CHECKING:
    from torch import nn

    from avatarify.networks.motion_model import MotionModel

_LOG = logging.getLogger(__name__)

MOST_BYTES = 256 * 2**20
"""On the disk; the entries that were not used for longest go first. A compact model has 18 MB for
each number of lanes; a vox-256 does not fit."""

_SUFFIX = ".graphs"
_ABANDONED_S = 3600.0
"""Age at which a file that is being written is taken for one whose writer was killed."""

_PACKAGE = Path(__file__).resolve().parents[2]
_SHAPING = ("animation", "networks", "geometry")
"""Folders of the package that what is compiled follows from."""


class KeptGraphs:
    """One entry: the graphs of one model, compiled in one way."""

    def __init__(self, key: Iterable[str], folder: Path | None = None) -> None:
        """Name the entry; nothing is read yet.

        Args:
            key: All that the graphs depend on.
            folder: Where entries are; the user's cache when left out.
        """
        digest = hashlib.sha256("\n".join(key).encode()).hexdigest()[:32]
        self._path = (folder or default_folder()) / f"{digest}{_SUFFIX}"

    def read(self) -> list[bytes] | None:
        """Return the graphs in the order in which they were written, None where there are none.

        A damaged entry is none; the log says so.
        """
        try:
            graphs = _read(self._path)
            os.utime(self._path)  # used last
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            self.distrust(error)
            return None
        return graphs

    def write(self, graphs: Sequence[bytes]) -> None:
        """Keep these graphs; the entry appears whole or not at all. A failure is only logged."""
        if sum(map(len, graphs)) > MOST_BYTES:
            return
        part = self._path.with_name(f".{self._path.name}.{os.getpid()}.part")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as file:
                file.writelines((_header(graphs), *graphs))
            part.replace(self._path)
            _prune(self._path.parent)
        except OSError as error:
            _LOG.info("Compiled graphs cannot be kept in %s: %s", self._path.parent, error)
            with suppress(OSError):
                part.unlink()

    def distrust(self, why: Exception) -> None:
        """Delete the entry, and say in the log that it is made again."""
        reason = (str(why).strip() or type(why).__name__).splitlines()[0]
        _LOG.warning("The compiled graphs in %s are made again: %s", self._path, reason)
        with suppress(OSError):
            self._path.unlink()


def kept_for(model: "MotionModel", *settings: object) -> KeptGraphs | None:
    """Return the entry of a model, or None where it is too large to be kept.

    Args:
        model: Its weights and its configuration count.
        settings: How it is compiled.

    Raises:
        ImportError: OpenVINO is not installed.
    """
    if sum(tensor.nbytes for tensor in model.state_dict().values()) > MOST_BYTES // 2:
        return None
    config = json.dumps(model.config.to_dict(), sort_keys=True)
    return KeptGraphs((fingerprint(model), config, *_program(), *_processor(), *map(str, settings)))


def fingerprint(module: "nn.Module", salt: bytes = b"") -> str:
    """Return a hash of all weights, in hexadecimal."""
    digest = hashlib.sha256(salt)
    for name, tensor in module.state_dict().items():
        digest.update(name.encode())
        digest.update(tensor.contiguous().numpy().data)
    return digest.hexdigest()[:32]


def source_stamps() -> Iterator[str]:
    """Yield size and time of every source file that shapes what is computed."""
    for folder in _SHAPING:
        for path in sorted((_PACKAGE / folder).rglob("*.py")):
            status = path.stat()
            yield f"{path.name} {status.st_size} {status.st_mtime_ns}"


def default_folder() -> Path:
    """Return the folder in the user's cache."""
    return user_cache_path("avatarify", appauthor=False) / "graphs"


def _program() -> Iterator[str]:
    """Yield what tells this state of the program from all others; its version rarely changes."""
    import torch

    yield from (torch.__version__, openvino().__version__)
    yield from source_stamps()


def _processor() -> Iterator[str]:
    core = openvino().Core()
    for name in ("FULL_DEVICE_NAME", "OPTIMIZATION_CAPABILITIES"):
        yield str(core.get_property("CPU", name))


def _header(graphs: Sequence[bytes]) -> bytes:
    sizes = [len(graph) for graph in graphs]
    return json.dumps({"sizes": sizes, "sha256": _sha256(graphs)}).encode() + b"\n"


def _read(path: Path) -> list[bytes]:
    with path.open("rb") as file:
        header = json.loads(file.readline(4096))
        sizes: list[int] = header["sizes"]
        if file.tell() + sum(sizes) != os.fstat(file.fileno()).st_size or min(sizes) < 0:
            raise ValueError("the file has another size than it should")
        graphs = [file.read(size) for size in sizes]
    if _sha256(graphs) != header["sha256"]:
        raise ValueError("the file is damaged")
    return graphs


def _sha256(graphs: Sequence[bytes]) -> str:
    digest = hashlib.sha256()
    for graph in graphs:
        digest.update(graph)
    return digest.hexdigest()


def _prune(folder: Path) -> None:
    """Delete what was not used for longest, and what killed writers left."""
    for path in folder.glob(f".*{_SUFFIX}.*.part"):
        if time.time() - path.stat().st_mtime > _ABANDONED_S:
            path.unlink(missing_ok=True)
    total = 0
    for path in sorted(folder.glob(f"*{_SUFFIX}"), key=_used_s, reverse=True):
        total += path.stat().st_size
        if total > MOST_BYTES:
            path.unlink(missing_ok=True)


def _used_s(path: Path) -> float:
    return path.stat().st_mtime

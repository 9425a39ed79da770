"""What the libraries of a folder need of one another, as binutils read it."""

import re
import subprocess
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

_NEEDED = re.compile(r"\(NEEDED\).*\[(.+)\]")


def libraries(folder: Path) -> list[Path]:
    """All libraries of a folder, each once: links are left out."""
    return [
        path
        for path in sorted(folder.rglob("*"))
        if ".so" in path.suffixes and path.is_file() and not path.is_symlink()
    ]


def needed(paths: Iterable[Path]) -> dict[str, set[Path]]:
    """Who needs which library, by the name under which it is looked for."""
    found: dict[str, set[Path]] = defaultdict(set)
    for path in paths:
        for line in _said("readelf", "--dynamic", str(path)).splitlines():
            match = _NEEDED.search(line)
            if match:
                found[match[1]].add(path)
    return found


def exported(library: Path) -> dict[str, tuple[str, int]]:
    """What a library offers: kind (`T` for a function, others for values) and size by name.

    Where a library has versions, `NAME@VERSION`.
    """
    found = {}
    for line in _said("nm", "--dynamic", "--defined-only", "-P", str(library)).splitlines():
        name, kind, _, *size = line.split()
        found[name.replace("@@", "@")] = (kind.upper(), int(size[0], 16) if size else 0)
    return found


def imported(library: Path) -> set[str]:
    """What a library must find in others; where a version is asked for, `NAME@VERSION`."""
    lines = _said("nm", "--dynamic", "--undefined-only", "-P", str(library)).splitlines()
    return {line.split()[0] for line in lines}


def remove(path: Path, folder: Path) -> None:
    """Take a library out of a folder, and all links to it."""
    for link in folder.rglob(path.name):
        if link.is_symlink():
            link.unlink()
    path.unlink()


def remove_orphans(folder: Path, before: dict[str, set[Path]]) -> None:
    """Take out what was needed `before` and is no longer, and then what only that needed."""
    while True:
        paths = libraries(folder)
        now = needed(paths)
        orphans = [path for path in paths if path.name in before and path.name not in now]
        if not orphans:
            return
        for path in orphans:
            remove(path, folder)


def _said(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout

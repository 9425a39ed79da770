"""Puts what comes with the program into wheels, and writes down which commit was built.

Where there is a C compiler it also compiles what is written in C, into the wheel, or beside its
source for an editable install. Without one the program runs all the same, slower.

`models/` and `assets/` lie at the top of the repository and in `avatarify/shipped/` of a wheel;
`avatarify/shipped.py` finds them in both. An editable install needs neither.
"""

import json
import runpy
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SHIPPED = ("models", "assets", "LICENSE")
BUILD_FILE = "build.json"
NATIVE = Path("avatarify", "animation", "native")


class ShippedFiles(BuildHookInterface[Any]):
    """The hook that hatchling calls for each wheel and each sdist."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the files to what is built.

        Args:
            version: `standard` or `editable`.
            build_data: What hatchling builds from; changed in place.
        """
        root = Path(self.root)
        if version == "editable":
            compiled(root)
            return
        self._folder = tempfile.TemporaryDirectory(prefix="avatarify-build-")
        build_file = root / BUILD_FILE  # in an unpacked sdist, which has no history to ask
        if not build_file.is_file():
            build_file = Path(self._folder.name) / BUILD_FILE
            build_file.write_text(json.dumps(commit_of(root)) + "\n", encoding="utf-8")
        if self.target_name == "sdist":
            build_data["force_include"][str(build_file)] = BUILD_FILE
            return
        library = compiled(root, Path(self._folder.name))
        if library is not None:
            build_data["force_include"][str(library)] = (NATIVE / library.name).as_posix()
            system = sysconfig.get_platform().replace("-", "_").replace(".", "_")
            build_data |= {"pure_python": False, "tag": f"py3-none-{system}"}
        build_data["force_include"][str(build_file)] = f"avatarify/shipped/{BUILD_FILE}"
        for name in SHIPPED:
            build_data["force_include"][str(root / name)] = f"avatarify/shipped/{name}"


def compiled(root: Path, folder: Path | None = None) -> Path | None:
    """Compile what is written in C; return the library, None where that did not work.

    Args:
        root: The repository.
        folder: Where to put it; None for beside its sources.
    """
    how = runpy.run_path(str(root / NATIVE / "build.py"))
    library: Path = how["LIBRARY"]
    if folder is not None:
        library = folder / library.name
    fault = how["build"](library)
    if fault:
        sys.stderr.write(f"Painting is slower than it could be: {fault}\n")
        return None
    return library


def commit_of(root: Path) -> dict[str, str]:
    """Return the commit that lies in a folder, `+` behind it where files were changed since.

    Args:
        root: The repository.
    """
    if not (root / ".git").exists():
        return {"commit": "unknown", "date": "unknown"}
    command = ["git", "-C", str(root), "log", "-1", "--format=%h %cs"]
    changed = ["git", "-C", str(root), "status", "--porcelain", "--untracked-files=no"]
    try:
        commit, date = _said(command).split()
        commit += "+" if _said(changed) else ""
    except (OSError, ValueError, subprocess.CalledProcessError):
        return {"commit": "unknown", "date": "unknown"}
    return {"commit": commit, "date": date}


def _said(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

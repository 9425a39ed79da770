"""Puts what comes with the program into wheels, and writes down which commit was built.

`models/` and `assets/` lie at the top of the repository and in `avatarify/shipped/` of a wheel;
`avatarify/shipped.py` finds them in both. An editable install needs neither.
"""

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SHIPPED = ("models", "assets", "LICENSE")
BUILD_FILE = "build.json"


class ShippedFiles(BuildHookInterface[Any]):
    """The hook that hatchling calls for each wheel and each sdist."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the files to what is built.

        Args:
            version: `standard` or `editable`.
            build_data: What hatchling builds from; changed in place.
        """
        if version == "editable":
            return
        root = Path(self.root)
        build_file = root / BUILD_FILE  # in an unpacked sdist, which has no history to ask
        if not build_file.is_file():
            self._folder = tempfile.TemporaryDirectory(prefix="avatarify-build-")
            build_file = Path(self._folder.name) / BUILD_FILE
            build_file.write_text(json.dumps(commit_of(root)) + "\n", encoding="utf-8")
        if self.target_name == "sdist":
            build_data["force_include"][str(build_file)] = BUILD_FILE
            return
        build_data["force_include"][str(build_file)] = f"avatarify/shipped/{BUILD_FILE}"
        for name in SHIPPED:
            build_data["force_include"][str(root / name)] = f"avatarify/shipped/{name}"


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

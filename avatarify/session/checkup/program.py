"""What is running here: version, build, models by their hashes, and what can run them."""

import hashlib
import platform
import subprocess
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from avatarify.shipped import build, is_bundle, repository
from avatarify.zoo import store
from avatarify.zoo.registry import MODELS, PARTS

_BACK_ENDS = ("torch", "openvino")
_LIBRARIES = (
    "mediapipe",
    "opencv-contrib-python",
    "opencv-contrib-python-headless",  # in bundles
    "av",
    "PySide6-Essentials",
    "pyvirtualcam",
)


def program_lines() -> Iterator[str]:
    """Yield what `avatarify --version` prints: the first line names version and build."""
    yield f"avatarify {program_version()}, {_build()}"
    yield f"Python {platform.python_version()} on {platform.platform()}"
    yield f"back ends: {_versions(_BACK_ENDS)}"
    yield f"libraries: {_versions(tuple(filter(_is_installed, _LIBRARIES)))}"
    for model in (*MODELS, *PARTS):
        path = store.find(model.installed_name)
        if path is not None:
            yield f"model {model.name}: sha256 {_sha256(path)}"
    # What a user imported is theirs, its name too.
    hashes = sorted(_sha256(path) for path in store.imported())
    yield from (f"model of the user's: sha256 {digest}" for digest in hashes)


def program_version() -> str:
    """The program's version, such as 0.1.0."""
    root = repository()
    if root is not None:
        project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
        return str(project["version"])
    try:
        return version("avatarify")
    except PackageNotFoundError:
        return "of an unknown version"


def _build() -> str:
    kind = "bundle" if is_bundle() else "wheel"
    written = build()
    if written is not None:
        return f"build {written.get('commit')} of {written.get('date')} ({kind})"
    root = repository()
    command = ["git", "-C", str(root), "describe", "--always", "--dirty=+", "--abbrev=7"]
    try:
        said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=10)
    except (OSError, subprocess.SubprocessError):
        return "run from its source"
    return f"build {said.stdout.strip()} (run from its source)"


def _versions(names: tuple[str, ...]) -> str:
    return ", ".join(f"{name} {_version(name)}" for name in names)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _is_installed(name: str) -> bool:
    try:
        version(name)
    except PackageNotFoundError:
        return False
    return True


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        return f"unreadable ({error.strerror})"

"""What comes with the program and is no code: models, avatars, the demo's motion, licences.

In the repository these lie at its top, in `models/` and `assets/`. `hatch_build.py` puts them into
a wheel, as `avatarify/shipped/`, so that an installed program needs no repository.
"""

import json
import sys
from importlib.resources import files
from pathlib import Path

_INSTALLED = Path(str(files("avatarify"))) / "shipped"
_REPOSITORY = Path(str(files("avatarify"))).parent


def shipped(path: str) -> Path:
    """Return where a shipped file or folder lies; it is never written to.

    Args:
        path: As seen from the top of the repository, such as `assets/avatars`.
    """
    installed = _INSTALLED / path
    return installed if installed.exists() else _REPOSITORY / path


def build() -> dict[str, str] | None:
    """Return what the build wrote down about itself: `commit` and `date`.

    Returns:
        None in a repository, where nothing was built.
    """
    try:
        written = json.loads((_INSTALLED / "build.json").read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return {key: str(value) for key, value in written.items()}


def repository() -> Path | None:
    """Return the repository that the program runs from, None where it is installed whole."""
    is_repository = not _INSTALLED.is_dir() and (_REPOSITORY / "pyproject.toml").is_file()
    return _REPOSITORY if is_repository else None


def is_bundle() -> bool:
    """Whether this is the bundle, which brings its own Python and whose parts nobody installs."""
    return bool(getattr(sys, "frozen", False))


def how_to_install(words: str) -> str:
    """The advice to install packages, which fits only where there is a pip.

    Args:
        words: For `pip install`.
    """
    if is_bundle():
        return (
            "This bundle brings its own packages. If one is broken, install the bundle anew; if "
            "you need other ones, install Avatarify with pip instead."
        )
    return f"Run: {sys.executable} -m pip install {words}"

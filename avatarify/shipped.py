"""What comes with the program and is no code: models, avatars, the demo's motion, licences.

In the repository these lie at its top, in `models/` and `assets/`. `hatch_build.py` puts them into
a wheel, as `avatarify/shipped/`, so that an installed program needs no repository.
"""

import json
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

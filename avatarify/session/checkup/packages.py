"""Python itself and the packages whose versions matter to privacy or to a working program."""

import platform
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

from avatarify.session.checkup.finding import Finding, Level
from avatarify.shipped import how_to_install

NEEDED_PYTHON = (3, 11)
_NEEDED = ("torch", "numpy", "mediapipe", "pyvirtualcam", "av", "PySide6-Essentials", "safetensors")
_FIRST_TALKING_MEDIAPIPE = (0, 10, 35)
"""From here on mediapipe contacts a host at each use."""

_LEAKING_PYSIDE = (6, 12, 0)
"""Every call that returns nothing takes a reference from None; before Python 3.12 that is fatal."""


def check_python() -> Iterator[Finding]:
    """Its version and where it runs."""
    running = f"{platform.python_version()} at {sys.executable}"
    if sys.version_info >= NEEDED_PYTHON:
        yield Finding("Python", Level.OK, running)
    else:
        yield Finding("Python", Level.PROBLEM, running, "Install Python 3.11 or newer.")


def check_packages() -> Iterator[Finding]:
    """The packages that the program needs, and pairs of packages that harm one another."""
    installed = {name: _version(name) for name in _NEEDED}
    missing = [name for name, number in installed.items() if number is None]
    if missing:
        yield Finding(
            "Packages",
            Level.PROBLEM,
            f"missing: {', '.join(missing)}",
            how_to_install(" ".join(missing)),
        )
    else:
        yield Finding("Packages", Level.OK, f"all {len(_NEEDED)} needed ones are installed")
    yield from judge_mediapipe(installed["mediapipe"])
    yield from judge_qt(installed["PySide6-Essentials"], sys.version_info[:2])
    yield from judge_opencv(_version("opencv-python"), _version("opencv-contrib-python"))


def judge_mediapipe(number: str | None) -> Iterator[Finding]:
    """Refuse the releases that contact a host.

    Args:
        number: The installed version, or None.
    """
    if number is not None and _numbers(number) >= _FIRST_TALKING_MEDIAPIPE:
        yield Finding(
            "mediapipe",
            Level.PROBLEM,
            f"release {number} contacts a host of its maker each time a face is looked for",
            how_to_install('"mediapipe>=0.10.30,<0.10.34"'),
        )


def judge_qt(number: str | None, python: tuple[int, int]) -> Iterator[Finding]:
    """Refuse the release that ends the program after a while.

    Args:
        number: The installed version of PySide6, or None.
        python: Major and minor version.
    """
    if number is not None and _numbers(number) == _LEAKING_PYSIDE and python < (3, 12):
        yield Finding(
            "Window toolkit",
            Level.PROBLEM,
            f"PySide6 {number} loses a reference with every call on Python 3.11: the window "
            "crashes after some minutes",
            how_to_install('"PySide6-Essentials>=6.8,<6.12"'),
        )


def judge_opencv(plain: str | None, contrib: str | None) -> Iterator[Finding]:
    """Find two OpenCV packages that share one folder.

    Args:
        plain: Version of opencv-python, or None.
        contrib: Version of opencv-contrib-python, or None.
    """
    if plain is not None and contrib is not None and plain != contrib:
        yield Finding(
            "OpenCV",
            Level.WARNING,
            f"opencv-python {plain} and opencv-contrib-python {contrib} share one folder",
            f"Run: {sys.executable} -m pip uninstall -y opencv-python; {sys.executable} -m pip "
            "install --force-reinstall --no-deps opencv-contrib-python",
        )


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _numbers(number: str) -> tuple[int, ...]:
    parts = number.split(".")[:3]
    return tuple(int(part) if part.isdecimal() else 0 for part in parts)

"""What a window needs on Linux: a display, and libraries that Qt loads without naming them all."""

import ctypes
import os
import sys
from collections.abc import Iterator, Mapping

from avatarify.session.checkup.finding import Finding, Level

_ALWAYS = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libfontconfig.so.1": "libfontconfig1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libdbus-1.so.3": "libdbus-1-3",
}
_FOR_X11 = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-image.so.0": "libxcb-image0",
}


def check_desktop() -> Iterator[Finding]:
    """The display, the libraries and what global hotkeys can do here."""
    if not sys.platform.startswith("linux"):
        yield Finding("Display", Level.OK, "the system's own")
        return
    yield judge_display(os.environ)
    missing = missing_libraries(os.environ)
    if missing:
        yield Finding(
            "Window libraries",
            Level.PROBLEM,
            f"missing: {', '.join(missing)}",
            f"Run: {install_line(missing)}",
        )
    else:
        yield Finding("Window libraries", Level.OK, "all that Qt loads are installed")


def judge_display(environment: Mapping[str, str]) -> Finding:
    """Say whether a window can open and whether hotkeys work in other programs.

    Args:
        environment: The environment variables.
    """
    if environment.get("WAYLAND_DISPLAY"):
        return Finding(
            "Display",
            Level.OK,
            f"Wayland ({environment['WAYLAND_DISPLAY']})",
            "Global hotkeys do not work under Wayland; keys in the window do.",
        )
    if environment.get("DISPLAY"):
        return Finding("Display", Level.OK, f"X11 ({environment['DISPLAY']})")
    return Finding(
        "Display",
        Level.WARNING,
        "none: DISPLAY and WAYLAND_DISPLAY are not set",
        "The window needs a desktop session. `avatarify run` works without one.",
    )


def missing_libraries(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Debian's names of the packages whose libraries do not load.

    Args:
        environment: The environment variables: what X11 needs is looked for only with DISPLAY.
    """
    wanted = dict(_ALWAYS)
    if environment.get("DISPLAY"):
        wanted |= _FOR_X11
    return tuple(package for library, package in wanted.items() if not _loads(library))


def install_line(packages: tuple[str, ...]) -> str:
    """The command that installs them on Debian and its relatives."""
    return f"sudo apt install {' '.join(packages)}"


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True

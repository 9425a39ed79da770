"""The program in the desktop's menu: an entry, its icons, a page for software centres.

The user's own menu is filled by `avatarify desktop install`; the Debian package brings the same
files for all users. Pictures can then be opened with the program, which makes avatars of them.
"""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from xml.sax.saxutils import escape

from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QImageWriter

from avatarify.errors import OutputError
from avatarify.gui.desktop.icon import SIZES, draw_icon
from avatarify.media.output_errors import output_error

ENTRY = "applications/avatarify.desktop"
METAINFO = "metainfo/io.github.avatarify.Avatarify.metainfo.xml"

PICTURES = tuple(
    f"image/{kind}" for kind in ("png", "jpeg", "webp", "bmp", "tiff", "gif", "avif", "heic")
)
"""What can be opened with the program."""

_RESERVED = set(" \t\n\"'\\><~|&;$*?#()`")
"""Characters for which the specification of desktop entries wants an argument in quotes."""


def user_share(environment: Mapping[str, str]) -> Path:
    """Where the user's own menu entries go, as the XDG base directories say.

    Args:
        environment: The environment variables.
    """
    chosen = environment.get("XDG_DATA_HOME", "")
    return Path(chosen) if Path(chosen).is_absolute() else Path.home() / ".local" / "share"


def program_command() -> list[str]:
    """The command that starts this very program, whatever way it was installed."""
    image = os.environ.get("APPIMAGE")
    if image:
        return [image]
    if getattr(sys, "frozen", False):
        return [sys.executable]
    script = Path(sys.executable).with_name("avatarify")
    return [str(script)] if script.is_file() else [sys.executable, "-m", "avatarify"]


def install(share: Path, command: Sequence[str], version: str) -> tuple[Path, ...]:
    """Put the program into a menu.

    Args:
        share: The user's `~/.local/share`, or `usr/share` of a package.
        command: Starts the program.
        version: The program's.

    Returns:
        What was written.

    Raises:
        OutputError: A file cannot be written.
    """
    today = time.strftime("%Y-%m-%d", time.gmtime(_time_of_build()))
    metainfo = _text("avatarify.metainfo.xml").replace("@VERSION@", escape(version))
    entry = _text("avatarify.desktop").replace("@EXEC@", " ".join(map(quoted, command)))
    entry = entry.replace("@PICTURES@", "".join(f"{kind};" for kind in PICTURES))
    contents = {
        ENTRY: entry.encode(),
        METAINFO: metainfo.replace("@DATE@", today).encode(),
        **{icon_name(size): _icon(size) for size in SIZES},
    }
    for name, content in contents.items():
        path = share / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        except OSError as error:
            raise output_error(path, error) from error
    return tuple(share / name for name in contents)


def remove(share: Path) -> tuple[Path, ...]:
    """Take the program out of a menu again.

    Args:
        share: As at `install`.

    Returns:
        What was deleted.

    Raises:
        OutputError: A file cannot be deleted.
    """
    paths = [share / name for name in (ENTRY, METAINFO, *map(icon_name, SIZES))]
    there = [path for path in paths if path.exists()]
    for path in there:
        try:
            path.unlink()
        except OSError as error:
            raise OutputError(
                f"{path} cannot be deleted ({error.strerror}). Check its permissions."
            ) from error
    return tuple(there)


def refresh(share: Path) -> None:
    """Tell the desktop that its menu changed, with what tools there are.

    A picture goes on being opened by the viewer that opened it so far: an entry of the user's own
    counts more than those of the system, so that without this the program would push in front.
    """
    viewers = {kind: _said(["xdg-mime", "query", "default", kind]) for kind in PICTURES}
    _said(["update-desktop-database", "-q", str(share / "applications")])
    _said(["gtk-update-icon-cache", "-q", "-t", "-f", str(share / "icons" / "hicolor")])
    for kind, viewer in viewers.items():
        if viewer and viewer != _said(["xdg-mime", "query", "default", kind]):
            _said(["xdg-mime", "default", viewer, kind])


def quoted(argument: str) -> str:
    """Write one argument as the key `Exec` wants it.

    Args:
        argument: Any text of one line.
    """
    text = argument.replace("%", "%%")
    if not _RESERVED & set(text) and text:
        return text
    for character in '\\"`$':
        text = text.replace(character, f"\\{character}")
    # The file's own rule for strings comes on top: there a backslash is written twice.
    return '"' + text.replace("\\", "\\\\") + '"'


def icon_name(size: int) -> str:
    """Where the icon of a size lies below a share folder."""
    return f"icons/hicolor/{size}x{size}/apps/avatarify.png"


def _said(command: Sequence[str]) -> str:
    """Run a tool of the desktop; a tool that is missing, or fails, says nothing."""
    try:
        finished = subprocess.run(
            command, capture_output=True, text=True, errors="replace", check=False, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return finished.stdout.strip() if finished.returncode == 0 else ""


def _text(name: str) -> str:
    return files("avatarify.gui.desktop").joinpath(name).read_text("utf-8")


def _time_of_build() -> float:
    """Reproducible packages set a time; everything else is as new as it is."""
    return float(os.environ.get("SOURCE_DATE_EPOCH", time.time()))


def _icon(size: int) -> bytes:
    """Return a PNG file."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(draw_icon(size))
    return bytes(buffer.data().data())

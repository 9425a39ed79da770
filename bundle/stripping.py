"""Takes out of a folder's libraries what only those need who debug them."""

import shutil
import struct
import subprocess
import sys
from pathlib import Path

_LOADED = 1  # PT_LOAD: a part of the file that is mapped into memory
_PAGE = 4096


def strip(folder: Path) -> None:
    """Take the symbols out of all libraries of a folder: a twentieth of the bundle.

    Whoever makes wheels moves the parts of a library about to rename what it needs, and `strip` may
    leave such a library so that nothing loads it. Such ones stay as they are.
    """
    tool = shutil.which("strip")
    if tool is None or not sys.platform.startswith("linux"):
        return
    for path in folder.rglob("*"):
        if ".so" not in path.suffixes or path.is_symlink() or not path.is_file():
            continue
        part = path.with_name(f"{path.name}.part")
        command = [tool, "--strip-unneeded", "-o", str(part), str(path)]
        if subprocess.run(command, check=False).returncode == 0 and can_be_mapped(part):
            shutil.copymode(path, part)
            part.replace(path)
        part.unlink(missing_ok=True)


def can_be_mapped(library: Path) -> bool:
    """Whether each part of an ELF file lies in it as far into a page as it shall in memory."""
    content = library.read_bytes()
    if content[:5] != b"\x7fELF\x02":  # of 64 bits
        return False
    (table,) = struct.unpack_from("<Q", content, 32)
    size, count = struct.unpack_from("<HH", content, 54)
    for start in range(table, table + size * count, size):
        kind, _, offset, address = struct.unpack_from("<IIQQ", content, start)
        if kind == _LOADED and (offset - address) % _PAGE:
            return False
    return True

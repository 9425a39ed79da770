"""Puts an empty library in the place of one that must be there and is never called.

FFmpeg and libheif do not load without encoders that the program never asks for, nor OpenCV without
a library for systems of linear equations, of which it solves none. What replaces them offers the
same names: encoders answer that they are not there, and whoever wants to calculate ends at once.
"""

import platform
import subprocess
from pathlib import Path

from bundle.libraries import exported, imported, libraries, needed

ENCODERS = ("libx265-", "libSvtAv1Enc-")
"""The program writes H.264 with x264, and decodes H.265 and AV1 by other libraries."""

ALGEBRA = ("libopenblasp-",)
"""OpenCV's; numpy has one of its own, and torch has. `tests/bundle` sees that nothing calls it."""

_NOTHING = "    xorl %eax, %eax\n    ret\n"
_END = "    pushq %rbp\n    call abort@PLT\n"


def hollow_out(folder: Path, work: Path) -> None:
    """Replace such libraries in a folder.

    Args:
        folder: The bundle.
        work: A folder for what is made on the way.
    """
    if platform.machine() != "x86_64":  # the few instructions below
        return
    paths = libraries(folder)
    users = needed(paths)
    for path in paths:
        if path.name.startswith((*ENCODERS, *ALGEBRA)):
            wanted = {name for user in users[path.name] for name in imported(user)}
            code = _END if path.name.startswith(ALGEBRA) else _NOTHING
            symbols = {name: what for name, what in exported(path).items() if name in wanted}
            assemble(_source(symbols, code), path, work)


def _source(symbols: dict[str, tuple[str, int]], code: str) -> str:
    """Assembler text of a library that offers `symbols`; every function consists of `code`."""
    lines = ['.section .note.GNU-stack,"",@progbits']
    for name, (kind, size) in symbols.items():
        if kind == "T":
            lines += [f".text\n.globl {name}\n.type {name}, @function\n{name}:\n{code}"]
        else:
            lines += [f".data\n.globl {name}\n.type {name}, @object\n.size {name}, {size}"]
            lines += [f".balign 16\n{name}: .zero {size}"]
    return "\n".join(lines) + "\n"


def assemble(source: str, library: Path, work: Path) -> None:
    """Write a library from assembler text, in the place and under the name of another."""
    work.mkdir(parents=True, exist_ok=True)
    text, code, linked = (work / f"hollow.{kind}" for kind in ("s", "o", "so"))
    text.write_text(source, encoding="ascii")
    subprocess.run(["as", "-o", str(code), str(text)], check=True)
    options = ["-shared", "-soname", library.name, "-z", "noexecstack", "--hash-style=gnu"]
    subprocess.run(["ld", *options, "-o", str(linked), str(code)], check=True)
    linked.chmod(library.stat().st_mode)
    library.unlink()
    linked.replace(library)

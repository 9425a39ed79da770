"""Compiles what is written in C, where there is a C compiler; nothing fails where there is none.

`hatch_build.py` loads this file by its path when the program is installed, so it imports nothing of
the program.
"""

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

SOURCES = tuple(
    Path(__file__).with_name(name)
    for name in ("person.c", "eye_place.c", "eyes.c", "mouth.c", "eyes.h", "four.h", "machine.h")
)
"""All that is written in C: one library."""

LIBRARY = Path(__file__).with_name(
    {"win32": "person.dll", "darwin": "person.dylib"}.get(sys.platform, "person.so")
)
"""Where the program looks for it."""

_COMPILERS = ("cc", "gcc", "clang")
_FLAGS = ("-std=c99", "-O3", "-fno-math-errno", "-fvisibility=hidden", "-shared")
_LONGEST_S = 60.0


def compiler() -> list[str] | None:
    """Return the command of a C compiler: `CC`, or the first that is found; None without one."""
    wanted = shlex.split(os.environ.get("CC", ""))
    for command in (wanted, *([name] for name in _COMPILERS)):
        if command and shutil.which(command[0]):
            return command
    return None


def _is_only_an_offer() -> bool:
    """Whether `cc` is macOS's stand-in, which opens a window that offers to install one."""
    if sys.platform != "darwin" or os.environ.get("CC"):
        return False
    asked = subprocess.run(["xcode-select", "-p"], capture_output=True, check=False)
    return asked.returncode != 0


def digest_of(sources: Sequence[Path]) -> int:
    """Return what tells sources from others, 31 bits."""
    written = b"".join(source.read_bytes() for source in sources)
    return int.from_bytes(sha256(written).digest()[:4]) & 0x7FFFFFFF


def build(library: Path = LIBRARY, sources: Sequence[Path] = SOURCES) -> str:
    """Compile sources into a library, which appears whole or not at all.

    Args:
        library: Where to put it.
        sources: The C files, one of which says their digest, and what they include.

    Returns:
        Why there is none, a sentence; empty when it was made.
    """
    command = None if _is_only_an_offer() else compiler()
    if command is None:
        return "There is no C compiler."
    compiled = [str(source) for source in sources if source.suffix == ".c"]
    position = [] if sys.platform == "win32" else ["-fPIC"]
    try:
        with tempfile.TemporaryDirectory(dir=library.parent, prefix=".build-") as folder:
            made = Path(folder) / library.name
            subprocess.run(
                [*command, *_FLAGS, *position, f"-DSOURCE_DIGEST={digest_of(sources)}",
                 *compiled, "-o", str(made), "-lm"],
                check=True, capture_output=True, timeout=_LONGEST_S,
            )  # fmt: skip
            made.replace(library)
    except subprocess.CalledProcessError as error:
        lines = error.stderr.decode(errors="replace").strip().splitlines()
        return f"{command[0]} failed: {lines[-1] if lines else error.returncode}."
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{command[0]} failed: {error}."
    return ""

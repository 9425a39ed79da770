"""Cuts ICU's tables down to those that Qt asks for: how names are sorted in each language.

The rest, nine tenths, is what things are called in all languages, how their dates are written,
where words end, and old encodings: Qt has tables of its own for what of this the window shows.
"""

import re
import struct
from pathlib import Path

from bundle.hollow import assemble
from bundle.libraries import exported

_LEFT_OUT = re.compile(
    r"[^/]+/((brkitr|unit|zone|curr|lang|region|translit|rbnf)/.*|.*\.cnv|unames\.icu|langInfo\.res|"
    r"zoneinfo64\.res|[a-z]{2,3}(_\w+)?\.res)"
)
_MAGIC, _KIND = b"\xda\x27", b"CmnD"


def cut_icu_tables(folder: Path, work: Path) -> None:
    """Replace the library that holds the tables by one with fewer.

    Args:
        folder: The bundle.
        work: A folder for what is made on the way.
    """
    work.mkdir(parents=True, exist_ok=True)
    for library in folder.rglob("libicudata.so.*"):
        if library.is_symlink():
            continue
        ((symbol, (_, size)),) = exported(library).items()
        content = library.read_bytes()
        start = content.index(_MAGIC) - 2
        table = work / "icu.dat"
        table.write_bytes(fewer_tables(content[start : start + size if size else None]))
        lines = [f".section .rodata\n.globl {symbol}\n.type {symbol}, @object\n.balign 16"]
        lines += [f'{symbol}: .incbin "{table}"\n.size {symbol}, .-{symbol}']
        assemble("\n".join([*lines, '.section .note.GNU-stack,"",@progbits', ""]), library, work)


def fewer_tables(content: bytes) -> bytes:
    """Leave out of a package of tables, as ICU describes it in `ucmndata.h`, what is not wanted."""
    (head,) = struct.unpack_from("<H", content)
    if content[2:4] != _MAGIC or content[12:16] != _KIND:
        raise ValueError("These are no tables of ICU.")
    (count,) = struct.unpack_from("<I", content, head)
    places = [struct.unpack_from("<II", content, head + 4 + 8 * each) for each in range(count)]
    ends = [start for _, start in places[1:]] + [len(content) - head]
    kept = []
    for (name, start), end in zip(places, ends, strict=True):
        title = content[head + name : content.index(b"\0", head + name)]
        if not _LEFT_OUT.fullmatch(title.decode("ascii")):
            kept.append((title + b"\0", content[head + start : head + end]))
    names = b"".join(title for title, _ in kept)
    start = _aligned(4 + 8 * len(kept) + len(names))
    name = 4 + 8 * len(kept)
    index, tables = struct.pack("<I", len(kept)), b""
    for title, table in kept:
        index += struct.pack("<II", name, start + len(tables))
        name += len(title)
        tables += table.ljust(_aligned(len(table)), b"\0")
    return content[:head] + (index + names).ljust(start, b"\0") + tables


def _aligned(size: int) -> int:
    return -(-size // 16) * 16

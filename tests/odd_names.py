"""Names of files that people and disks come up with."""

import os
import sys

import pytest

LONG = "a" * 300
"""Longer than a disk allows."""

IMPOSSIBLE = (LONG, "a\0b", "a\ud800b", "/".join(["d" * 100] * 50))
"""No file can be called so."""

NOT_TEXT = os.fsdecode(b"caf\xe9 \xff")
"""Legal on Linux, where names are bytes, and no text in UTF-8."""


def longest(suffix: str, letter: str = "b") -> str:
    """The longest name that a disk takes, with an ending."""
    return letter * ((255 - len(suffix)) // len(letter.encode())) + suffix


def legal(suffix: str) -> tuple[str, ...]:
    """Names that are unusual and legal here, with an ending."""
    unusual = (longest(suffix), longest(suffix, "ü"), f"a\nb{suffix}", f"\x1b[31m😀{suffix}")
    return (*unusual, f"{NOT_TEXT}{suffix}") if sys.platform == "linux" else unusual[:2]


only_where_names_are_bytes = pytest.mark.skipif(
    sys.platform != "linux", reason="names are text on this system's disks"
)

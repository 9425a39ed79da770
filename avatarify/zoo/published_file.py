"""What is known about a published file, and whether a file on disk is that file."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from avatarify.errors import DownloadError


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """One accepted content of a published file."""

    algorithm: Literal["sha256", "md5"]
    """md5 only where its publisher gave nothing better: it tells a wrong file, not a forged one."""

    digest: str
    """Lower-case hexadecimal."""

    size_bytes: int | None = None
    """None where only the digest was published."""

    def __post_init__(self) -> None:
        if len(self.digest) != hashlib.new(self.algorithm).digest_size * 2:
            raise ValueError(f"{self.digest!r} is not a {self.algorithm} digest")

    def __str__(self) -> str:
        return f"{self.algorithm} {self.digest}"

    def matches(self, path: Path) -> bool:
        """Tell whether `path` has this content; reads it only if its size is right."""
        if self.size_bytes not in (None, path.stat().st_size):
            return False
        with path.open("rb") as file:
            return hashlib.file_digest(file, self.algorithm).hexdigest() == self.digest


def check_content(path: Path, name: str, accepted: Sequence[Fingerprint]) -> None:
    """Refuse a file that is not the published one.

    Args:
        path: The file.
        name: What the file should be, for the message.
        accepted: The contents that were published under this name.

    Raises:
        DownloadError: It cannot be read, is a web page, has another size, or has another digest.
    """
    try:
        with path.open("rb") as file:
            is_page = looks_like_html(file.read(512))
        is_accepted = any(fingerprint.matches(path) for fingerprint in accepted)
    except OSError as error:
        raise DownloadError(
            f"{path} cannot be read: {error.strerror}. Check its permissions."
        ) from error
    if is_page:
        raise DownloadError(f"{path} is a web page saved under that name, not {name}.")
    if is_accepted:
        return
    known = " or ".join(map(_describe, accepted))
    raise DownloadError(
        f"{path} ({path.stat().st_size:,} bytes) is not the published {name}: that has {known}."
    )


def looks_like_html(start: bytes) -> bool:
    """Tell whether a file that starts like this is a web page."""
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return text.startswith((b"<!doctype html", b"<html", b"<head", b"<body", b"<script"))


def _describe(fingerprint: Fingerprint) -> str:
    size = fingerprint.size_bytes
    return str(fingerprint) if size is None else f"{size:,} bytes and {fingerprint}"

"""Telling a published file from anything else under its name."""

import hashlib
from pathlib import Path

import pytest

from avatarify.errors import DownloadError
from avatarify.zoo.published_file import Fingerprint, check_content, looks_like_html

CONTENT = b"weights"
SHA256 = Fingerprint("sha256", hashlib.sha256(CONTENT).hexdigest(), len(CONTENT))
OTHER = Fingerprint("md5", hashlib.md5(b"slim").hexdigest())


@pytest.mark.parametrize("content", [CONTENT, b"slim"])
def test_any_accepted_content_passes(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    check_content(path, "model", (SHA256, OTHER))


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"weightS", "is not the published model: that has 7 bytes and sha256"),
        (b"", r"\(0 bytes\) is not the published model"),
        (b"<!doctype html><title>Sign in</title>", "is a web page saved under that name"),
    ],
)
def test_anything_else_is_refused(tmp_path: Path, content: bytes, complaint: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(DownloadError, match=complaint):
        check_content(path, "model", (SHA256, OTHER))


def test_web_pages_are_recognised_by_their_start() -> None:
    assert looks_like_html(b"\xef\xbb\xbf\r\n<HTML><head>")
    assert not looks_like_html(b"PK\x03\x04archive/data.pkl")
    assert not looks_like_html(b"")


def test_a_digest_of_the_wrong_length_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="not a sha256 digest"):
        Fingerprint("sha256", "abc")

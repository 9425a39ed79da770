from pathlib import Path

import pytest

from avatarify.media.file_latch import FileLatch
from tests.full_disk import file_size_limit


def test_the_latch_holds_after_the_first_error(tmp_path: Path) -> None:
    latch = FileLatch(tmp_path / "a")
    latch.write(b"0123456789")
    with file_size_limit(10), pytest.raises(OSError, match="File too large"):
        latch.write(b"more")
    latch.seek(0)
    latch.write(b"XXX")
    latch.close()
    assert (tmp_path / "a").read_bytes() == b"0123456789"
    assert latch.error is not None


def test_an_old_file_is_emptied_by_the_first_byte_only(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"something long")
    latch = FileLatch(tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == b"something long"
    latch.write(b"short")
    latch.close()
    assert (tmp_path / "a").read_bytes() == b"short"


def test_a_new_file_without_content_disappears(tmp_path: Path) -> None:
    FileLatch(tmp_path / "a").close()
    assert not (tmp_path / "a").exists()

"""A model file is whole or not there."""

from pathlib import Path

import pytest

from avatarify.errors import OutputError
from avatarify.zoo.whole_file import whole_model_file


def test_it_appears_at_the_end_and_may_be_read_by_all(tmp_path: Path) -> None:
    path = tmp_path / "new" / "model.safetensors"
    with whole_model_file(path) as part:
        part.write_bytes(b"weights")
        part.chmod(0o600)
        assert not path.exists()
    assert path.read_bytes() == b"weights"
    assert path.stat().st_mode & 0o777 == 0o644
    assert list(path.parent.iterdir()) == [path]


def break_off(path: Path) -> None:
    with whole_model_file(path) as part:
        part.write_bytes(b"ne")
        raise OSError("full")


def test_what_fails_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(b"old")
    with pytest.raises(OutputError, match="could not be written: full"):
        break_off(path)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]

"""A model file is whole or not there."""

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from avatarify.errors import OutputError
from avatarify.zoo.whole_file import whole_model_file
from tests.odd_names import IMPOSSIBLE, NOT_TEXT, legal, only_where_names_are_bytes


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


@pytest.mark.parametrize("name", legal(".safetensors"))
def test_every_legal_name_can_be_written_by_a_library_that_adds_letters(
    tmp_path: Path, name: str
) -> None:
    with whole_model_file(tmp_path / name) as part:
        save_file({"a": np.zeros(3, np.float32)}, part)
    assert [path.name for path in tmp_path.iterdir()] == [name]


@only_where_names_are_bytes
def test_the_folder_may_be_no_text(tmp_path: Path) -> None:
    with whole_model_file(tmp_path / NOT_TEXT / "a.safetensors") as part:
        save_file({"a": np.zeros(3, np.float32)}, part)
    assert [path.name for path in (tmp_path / NOT_TEXT).iterdir()] == ["a.safetensors"]


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_an_impossible_name_is_told(tmp_path: Path, name: str) -> None:
    with (
        pytest.raises(OutputError, match="could not be written"),
        whole_model_file(tmp_path / f"{name}.safetensors") as part,
    ):
        part.write_bytes(b"weights")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("mode", [0o000, 0o500])
def test_a_folder_without_permission_is_named_with_what_to_do(
    tmp_path: Path, request: pytest.FixtureRequest, mode: int
) -> None:
    locked = tmp_path / "locked"
    locked.mkdir()
    locked.chmod(mode)
    request.getfixturevalue("unprivileged")
    with (
        pytest.raises(OutputError, match=f"into the folder {locked}.*AVATARIFY_MODELS"),
        whole_model_file(locked / "a.safetensors") as part,
    ):
        save_file({"a": np.zeros(3, np.float32)}, part)

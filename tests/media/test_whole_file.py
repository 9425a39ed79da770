"""Nothing half-written is ever seen under a file's name."""

from pathlib import Path

import numpy as np
import pytest

from avatarify.errors import OutputError
from avatarify.media.whole_file import whole_file
from tests.full_disk import file_size_limit


def test_the_file_and_its_folders_appear_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "new" / "deep" / "numbers.npy"
    with whole_file(path) as file:
        np.save(file, np.arange(3))
        assert not path.exists()
    assert np.load(path).tolist() == [0, 1, 2]
    assert [entry.name for entry in path.parent.iterdir()] == ["numbers.npy"]


def test_a_full_disk_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "numbers.npy"
    path.write_bytes(b"old")
    with pytest.raises(OutputError), file_size_limit(4096), whole_file(path) as file:
        np.save(file, np.zeros(100_000))
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["numbers.npy"]


def test_a_file_in_the_way_of_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(OutputError, match=r"numbers\.npy"),
        whole_file(tmp_path / "file" / "numbers.npy") as file,
    ):
        file.write(b"")


def test_a_folder_in_the_way_is_told(tmp_path: Path) -> None:
    (tmp_path / "numbers.npy").mkdir()
    with pytest.raises(OutputError), whole_file(tmp_path / "numbers.npy") as file:
        file.write(b"")
    assert [entry.name for entry in tmp_path.iterdir()] == ["numbers.npy"]

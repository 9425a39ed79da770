"""Checkpoints of a run: whole, or not there."""

from pathlib import Path

import pytest
import torch

from avatarify.errors import OutputError, SettingsError
from avatarify.training.run_state import read_state, write_state
from tests.full_disk import file_size_limit


def test_what_was_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "new" / "state.ckpt"
    write_state(path, {"step": 7, "model": {"weight": torch.arange(3)}})
    state = read_state(path)
    assert state["step"] == 7
    assert state["model"]["weight"].tolist() == [0, 1, 2]


def test_a_full_disk_leaves_the_old_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / "state.ckpt"
    write_state(path, {"step": 1})
    with file_size_limit(10_000), pytest.raises(OutputError, match="full"):
        write_state(path, {"step": 2, "model": torch.zeros(100_000)})
    assert read_state(path)["step"] == 1
    assert [entry.name for entry in tmp_path.iterdir()] == ["state.ckpt"]


@pytest.mark.parametrize("content", [b"", b"no checkpoint", b"PK\x03\x04"])
def test_a_broken_file_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "state.ckpt"
    path.write_bytes(content)
    with pytest.raises(SettingsError, match=r"state\.ckpt is no training checkpoint"):
        read_state(path)


def test_another_program_s_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "state.ckpt"
    torch.save({"weights": torch.zeros(1)}, path)
    with pytest.raises(SettingsError, match="no training checkpoint"):
        read_state(path)

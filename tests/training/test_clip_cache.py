"""Prepared clips on disk."""

from pathlib import Path

import numpy as np
import pytest

from avatarify.errors import SettingsError
from avatarify.training.clip_cache import open_cache, open_clip
from tests.training.made_faces import made_face, write_clip


def test_clips_come_in_the_order_of_their_names(cache: Path) -> None:
    clips = open_cache(cache)
    assert [clip.person for clip in clips] == ["ann", "bob", "still"]
    assert [len(clip.frames) for clip in clips] == [6, 6, 1]
    assert clips[0].landmarks.shape == (6, 478, 2)


def test_a_clip_that_was_not_finished_is_not_seen(cache: Path, tmp_path: Path) -> None:
    frames = np.zeros((2, 8, 8, 3), np.uint8)
    write_clip(tmp_path, "whole", "ann", frames, np.stack([made_face(), made_face()]))
    write_clip(tmp_path, "half", "bob", frames, np.stack([made_face(), made_face()]))
    (tmp_path / "half" / "clip.json").unlink()
    assert [clip.name for clip in open_cache(tmp_path)] == ["whole"]


def test_a_broken_clip_is_named(tmp_path: Path) -> None:
    write_clip(tmp_path, "ann", "ann", np.zeros((2, 8, 8, 3), np.uint8), made_face()[None])
    with pytest.raises(SettingsError, match="differ in number"):
        open_clip(tmp_path / "ann")
    (tmp_path / "ann" / "frames.npy").write_bytes(b"broken")
    with pytest.raises(SettingsError, match="ann is no prepared clip"):
        open_clip(tmp_path / "ann")

import os
from pathlib import Path

import numpy as np
import pytest

from avatarify.media.image_file import write_image
from avatarify.session.avatars import thumbnails
from avatarify.session.avatars.thumbnails import ThumbnailStore, centred_square


def test_a_thumbnail_is_made_once_and_again_when_the_file_changes(tmp_path: Path) -> None:
    path, kept = tmp_path / "face.png", tmp_path / "kept"
    write_image(path, np.full((40, 60, 3), 50, np.uint8))
    store = ThumbnailStore(kept, side=8)
    first = store.get(path)
    assert first.image is not None
    assert first.image.shape == (8, 8, 3)
    store.get(path)
    assert len(list(kept.iterdir())) == 1
    write_image(path, np.full((41, 60, 3), 180, np.uint8))
    second = store.get(path)
    assert second.image is not None
    assert second.image[0, 0, 0] == 180


def test_a_broken_picture_has_a_reason_instead(tmp_path: Path) -> None:
    path = tmp_path / "face.png"
    path.write_bytes(b"no picture")
    thumbnail = ThumbnailStore(tmp_path / "kept").get(path)
    assert thumbnail.image is None
    assert str(path) in thumbnail.problem
    assert "no image" in ThumbnailStore(tmp_path / "kept").get(tmp_path / "gone.png").problem


def test_a_broken_cache_is_no_problem(tmp_path: Path) -> None:
    path, kept = tmp_path / "face.png", tmp_path / "kept"
    write_image(path, np.full((40, 40, 3), 50, np.uint8))
    store = ThumbnailStore(kept, side=8)
    store.get(path)
    next(kept.iterdir()).write_bytes(b"broken")
    thumbnail = store.get(path)
    assert thumbnail.image is not None
    unwritable = ThumbnailStore(path / "below a file", side=8)
    assert unwritable.get(path).image is not None
    unwritable.prune()


def test_the_oldest_thumbnails_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thumbnails, "MOST_KEPT", 2)
    for age in range(4):
        kept = tmp_path / f"{age}.png"
        kept.write_bytes(b"")
        os.utime(kept, (1000 - age, 1000 - age))
    ThumbnailStore(tmp_path).prune()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0.png", "1.png"]


def test_the_centred_square_keeps_the_middle() -> None:
    image = np.zeros((10, 30, 3), np.uint8)
    image[:, 10:20] = 255
    assert centred_square(image).min() == 255

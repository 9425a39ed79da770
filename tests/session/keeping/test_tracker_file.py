from pathlib import Path

import pytest

from avatarify.session.keeping.tracker_file import (
    fetch_tracker,
    install_tracker,
    tracker_host,
    tracker_is_missing,
    tracker_megabytes,
)
from avatarify.zoo import store


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(store, "SHIPPED_FOLDER", tmp_path / "none")
    monkeypatch.setenv("AVATARIFY_MODELS", str(tmp_path))
    monkeypatch.setattr(store, "_user_folder", lambda: tmp_path / "none")
    return tmp_path


def test_no_file_and_a_broken_file_are_missing(folder: Path) -> None:
    assert tracker_is_missing()
    (folder / "face_landmarker.task").write_bytes(b"broken")
    assert tracker_is_missing()
    assert 3 < tracker_megabytes() < 5


def test_the_published_file_is_not_fetched_again(folder: Path, shared: Path) -> None:
    content = (shared / "models" / "face_landmarker.task").read_bytes()
    (folder / "face_landmarker.task").write_bytes(content)
    assert not tracker_is_missing()
    assert fetch_tracker() == folder / "face_landmarker.task"


def test_a_file_that_the_user_has_takes_the_place_of_a_broken_one(
    folder: Path, shared: Path
) -> None:
    published = shared / "models" / "face_landmarker.task"
    assert install_tracker(published) == folder / "face_landmarker.task"
    (folder / "face_landmarker.task").write_bytes(b"broken")
    install_tracker(published)
    assert not tracker_is_missing()


def test_the_user_is_told_who_is_asked() -> None:
    assert tracker_host() == "storage.googleapis.com"

"""Which files count, and who is seen in them."""

from pathlib import Path

import pytest

from avatarify.errors import SettingsError
from avatarify.training.footage import list_footage


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def test_videos_and_pictures_are_found_in_sub_folders(tmp_path: Path) -> None:
    touch(tmp_path, "b.MP4", "a.png", "sub/c.mpg", "notes.txt", ".hidden.mp4", "a.npz")
    found = list_footage(tmp_path)
    assert [(entry.name, entry.is_still) for entry in found] == [
        ("a", True), ("b", False), ("c", False)
    ]  # fmt: skip


def test_without_a_manifest_every_file_is_somebody_else(tmp_path: Path) -> None:
    touch(tmp_path, "a.mp4", "b.mp4")
    assert [entry.person for entry in list_footage(tmp_path)] == ["a", "b"]


@pytest.mark.parametrize("place", ["clips/MANIFEST.csv", "MANIFEST.csv"])
def test_the_manifest_lies_in_the_folder_or_beside_it(tmp_path: Path, place: str) -> None:
    touch(tmp_path, "clips/a.mp4", "clips/b.mp4", "clips/c.png")
    (tmp_path / place).write_text("file,person\nclips/a.mp4,p1\nclips/c.png,\n", encoding="utf-8")
    people = [entry.person for entry in list_footage(tmp_path / "clips")]
    assert people == ["p1", "b", "c"]


def test_a_manifest_without_people_is_refused(tmp_path: Path) -> None:
    touch(tmp_path, "a.mp4")
    manifest = tmp_path / "list.csv"
    manifest.write_text("name,who\na.mp4,p1\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"list\.csv.*file and person"):
        list_footage(tmp_path, manifest)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="holds no videos or pictures"):
        list_footage(tmp_path)

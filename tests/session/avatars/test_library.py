from pathlib import Path

import numpy as np
import pytest

from avatarify.errors import ImageError
from avatarify.frames import Image
from avatarify.media.image_file import read_image, write_image
from avatarify.session.avatars.library import AvatarLibrary, user_avatars_folder


def portrait(value: int = 90, height: int = 24, width: int = 24) -> Image:
    return np.full((height, width, 3), value, np.uint8)


@pytest.fixture
def library(tmp_path: Path) -> AvatarLibrary:
    built_in = tmp_path / "built-in"
    built_in.mkdir()
    for name in ("old-sailor", "ada"):
        write_image(built_in / f"{name}.png", portrait())
    return AvatarLibrary(tmp_path / "mine", built_in)


def names(library: AvatarLibrary) -> list[str]:
    return [entry.name for entry in library.entries()]


def test_built_in_avatars_come_first_with_readable_names(library: AvatarLibrary) -> None:
    library.add(portrait(), "Zoe")
    assert names(library) == ["Ada", "Old Sailor", "Zoe"]
    assert [entry.key for entry in library.entries()][:2] == ["ada", "old-sailor"]


def test_a_missing_folder_is_an_empty_one(tmp_path: Path) -> None:
    library = AvatarLibrary(tmp_path / "none", tmp_path / "nothing")
    assert library.entries() == ()
    assert library.find("") is None


def test_added_avatars_get_free_names_that_files_can_have(library: AvatarLibrary) -> None:
    added = [library.add(portrait(), name).name for name in ("Bo", "bo", "../../etc", "  ..  ")]
    assert added == ["Bo", "bo 2", "etc", "avatar"]
    assert {path.parent for path in library.user_folder.iterdir()} == {library.user_folder}


def test_names_are_sorted_as_people_count(library: AvatarLibrary) -> None:
    for name in ("face 10", "face 9", "Face 1"):
        library.add(portrait(), name)
    assert names(library)[2:] == ["Face 1", "face 9", "face 10"]


def test_renaming_moves_the_file(library: AvatarLibrary) -> None:
    renamed = library.rename(library.add(portrait(7), "Bo"), "Cleo")
    assert names(library)[2:] == ["Cleo"]
    assert read_image(renamed.path)[0, 0, 0] == 7


def test_a_taken_or_empty_name_is_refused(library: AvatarLibrary) -> None:
    bo = library.add(portrait(), "Bo")
    library.add(portrait(), "Cleo")
    with pytest.raises(ImageError, match="already"):
        library.rename(bo, "cleo")
    with pytest.raises(ImageError, match="needs a name"):
        library.rename(bo, " / ")
    assert library.rename(bo, "bo").name == "bo"


def test_removing_deletes_only_that_one(library: AvatarLibrary) -> None:
    bo, _ = library.add(portrait(), "Bo"), library.add(portrait(), "Cleo")
    library.remove(bo)
    library.remove(bo)
    assert names(library)[2:] == ["Cleo"]


def test_built_in_avatars_stay(library: AvatarLibrary) -> None:
    ada = library.entries()[0]
    with pytest.raises(ImageError, match="comes with the program"):
        library.remove(ada)
    with pytest.raises(ImageError, match="comes with the program"):
        library.rename(ada, "Eve")
    assert ada.path.exists()


def test_avatars_are_found_by_what_the_settings_remember(
    library: AvatarLibrary, tmp_path: Path
) -> None:
    bo = library.add(portrait(), "Bo")
    elsewhere = tmp_path / "elsewhere.png"
    write_image(elsewhere, portrait())
    for key, name in (
        ("", "Ada"), ("old-sailor", "Old Sailor"), (bo.key, "Bo"), (str(elsewhere), "elsewhere"),
    ):  # fmt: skip
        found = library.find(key)
        assert found is not None
        assert found.name == name
    assert library.find("nobody") is None


def test_a_loaded_avatar_is_the_square_in_the_middle(library: AvatarLibrary) -> None:
    image = portrait(10, height=20, width=40)
    image[:, 10:30] = 200
    avatar = library.load(library.add(image, "wide"))
    assert avatar.image.shape == (20, 20, 3)
    assert avatar.image.min() == 200


def test_500_files_and_broken_ones_are_listed(library: AvatarLibrary) -> None:
    library.user_folder.mkdir()
    for number in range(500):
        (library.user_folder / f"{number}.png").write_bytes(b"broken")
    (library.user_folder / "notes.txt").write_text("no picture")
    (library.user_folder / ".hidden.png").write_bytes(b"")
    mine = library.entries()[2:]
    assert [entry.name for entry in mine] == [str(number) for number in range(500)]
    with pytest.raises(ImageError):
        library.load(mine[0])


def test_the_environment_chooses_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AVATARIFY_AVATARS", str(tmp_path))
    assert user_avatars_folder() == tmp_path
    assert AvatarLibrary().user_folder == tmp_path

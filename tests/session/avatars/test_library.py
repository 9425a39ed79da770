import shutil
from pathlib import Path

import numpy as np
import pytest

from avatarify.errors import FaceNotFoundError, ImageError
from avatarify.frames import Image
from avatarify.geometry.average_face import face_in_the_middle
from avatarify.geometry.face_mesh import EYES
from avatarify.media.image_file import read_image, write_image
from avatarify.session.avatars.avatar import Avatar
from avatarify.session.avatars.further_picture import SHUT_EYES, TEETH, FurtherKind, further_path
from avatarify.session.avatars.layers_file import PortraitLayers, write_layers
from avatarify.session.avatars.library import AvatarLibrary, user_avatars_folder
from tests.drivers import AVATARS


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
    library.add(Avatar("Zoe", portrait()))
    assert names(library) == ["Ada", "Old Sailor", "Zoe"]
    assert [entry.key for entry in library.entries()][:2] == ["ada", "old-sailor"]


def test_a_missing_folder_is_an_empty_one(tmp_path: Path) -> None:
    library = AvatarLibrary(tmp_path / "none", tmp_path / "nothing")
    assert library.entries() == ()
    assert library.find("") is None


def test_added_avatars_get_free_names_that_files_can_have(library: AvatarLibrary) -> None:
    added = [
        library.add(Avatar(name, portrait())).name for name in ("Bo", "bo", "../../etc", "  ..  ")
    ]
    assert added == ["Bo", "bo 2", "etc", "avatar"]
    assert {path.parent for path in library.user_folder.iterdir()} == {library.user_folder}


def test_names_are_sorted_as_people_count(library: AvatarLibrary) -> None:
    for name in ("face 10", "face 9", "Face 1"):
        library.add(Avatar(name, portrait()))
    assert names(library)[2:] == ["Face 1", "face 9", "face 10"]


def test_renaming_moves_the_file(library: AvatarLibrary) -> None:
    renamed = library.rename(library.add(Avatar("Bo", portrait(7))), "Cleo")
    assert names(library)[2:] == ["Cleo"]
    assert read_image(renamed.path)[0, 0, 0] == 7


def test_a_taken_or_empty_name_is_refused(library: AvatarLibrary) -> None:
    bo = library.add(Avatar("Bo", portrait()))
    library.add(Avatar("Cleo", portrait()))
    with pytest.raises(ImageError, match="already"):
        library.rename(bo, "cleo")
    with pytest.raises(ImageError, match="needs a name"):
        library.rename(bo, " / ")
    assert library.rename(bo, "bo").name == "bo"


def test_removing_deletes_only_that_one(library: AvatarLibrary) -> None:
    bo, _ = library.add(Avatar("Bo", portrait())), library.add(Avatar("Cleo", portrait()))
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
    bo = library.add(Avatar("Bo", portrait()))
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
    avatar = library.load(library.add(Avatar("wide", image)))
    assert avatar.image.shape == (20, 20, 3)
    assert avatar.image.min() == 200


def with_a_face(name: str) -> Avatar:
    landmarks = np.random.default_rng(2).uniform(5, 35, (478, 3)).astype(np.float32)
    return Avatar(name, portrait(60, 40, 60), landmarks, np.full((40, 60), 200, np.uint8))


def test_what_is_known_of_a_face_is_kept_with_the_picture(library: AvatarLibrary) -> None:
    bo = with_a_face("Bo")
    loaded = library.load(library.add(bo))
    assert loaded.landmarks is not None
    assert loaded.matte is not None
    np.testing.assert_array_equal(loaded.image, bo.image)
    np.testing.assert_array_equal(loaded.landmarks, bo.landmarks)
    np.testing.assert_array_equal(loaded.matte, bo.matte)


def test_the_knowledge_moves_and_goes_with_the_picture(library: AvatarLibrary) -> None:
    renamed = library.rename(library.add(with_a_face("Bo")), "Cleo")
    assert library.load(renamed).has_face
    library.remove(renamed)
    assert list(library.user_folder.iterdir()) == []


def test_knowledge_of_another_picture_is_not_believed(library: AvatarLibrary) -> None:
    entry = library.add(with_a_face("Bo"))
    write_image(entry.path, portrait(60, 30, 60))
    assert not library.load(entry).has_face


def test_a_corrected_face_is_kept_beside_the_users_picture(library: AvatarLibrary) -> None:
    entry = library.add(Avatar("Bo", portrait(60, 96, 96)))
    points = face_in_the_middle((96, 96))
    assert library.correct(entry, points) == entry
    loaded = library.load(entry)
    assert loaded.landmarks is not None
    np.testing.assert_allclose(loaded.landmarks, points, atol=1e-4)
    image, known = library.points(entry)
    assert image.shape == (96, 96, 3)
    assert known is not None
    np.testing.assert_allclose(known, points, atol=1e-4)


def test_a_corrected_avatar_of_the_program_becomes_the_users(library: AvatarLibrary) -> None:
    built_in = library.entries()[0]
    write_image(built_in.path, portrait(70, 96, 96))
    copy = library.correct(built_in, face_in_the_middle((96, 96)))
    assert copy in library.entries()
    assert not copy.is_built_in
    assert copy.name == f"{built_in.name} corrected"
    assert library.load(copy).has_face
    assert not library.load(built_in).has_face


def test_a_picture_too_large_for_an_avatar_is_cut_into_a_copy(library: AvatarLibrary) -> None:
    entry = library.add(Avatar("Bo", portrait(60, 1000, 400)))
    copy = library.correct(entry, face_in_the_middle((1000, 400)))
    assert copy.name == "Bo corrected"
    assert max(library.load(copy).image.shape) <= 1280
    assert library.points(entry)[0].shape == (1000, 400, 3)


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


def test_a_further_picture_belongs_to_its_avatar(library: AvatarLibrary) -> None:
    entry = library.add(with_a_face("Bo"))
    for suffix in (".png", ".npz"):
        shutil.copy(AVATARS / f"maya{suffix}", further_path(entry.path, TEETH).with_suffix(suffix))
    shut = further_path(entry.path, SHUT_EYES)
    shutil.copy(AVATARS / "maya.png", shut)
    write_layers(shut.with_suffix(".npz"), with_shut_eyes(AVATARS / "maya.npz"))
    assert names(library)[2:] == ["Bo"]
    further = library.load(entry).further
    assert further.teeth is not None
    assert further.teeth.picture.shape == (720, 1280, 3)
    assert further.shut_eyes is not None
    renamed = library.rename(entry, "Cleo")
    assert None not in library.load(renamed).further
    library.remove(renamed)
    assert list(library.user_folder.iterdir()) == []


@pytest.mark.parametrize(
    ("kind", "advice"), [(TEETH, "smiles with teeth"), (SHUT_EYES, "has both eyes shut")]
)
def test_a_further_picture_without_a_face_is_refused(
    library: AvatarLibrary, tmp_path: Path, kind: FurtherKind, advice: str
) -> None:
    entry = library.add(with_a_face("Bo"))
    wall = tmp_path / "wall.png"
    write_image(wall, portrait())
    with pytest.raises(FaceNotFoundError, match=f"No face was found.*{advice}"):
        library.set_further(entry, kind, wall)
    assert library.load(entry).further == (None, None)


def test_open_eyes_are_no_picture_of_shut_ones(library: AvatarLibrary) -> None:
    entry = library.add(with_a_face("Bo"))
    with pytest.raises(FaceNotFoundError, match=r"eyes are open in .*maya\.png"):
        library.set_further(entry, SHUT_EYES, AVATARS / "maya.png")
    assert library.load(entry).further.shut_eyes is None


def with_shut_eyes(path: Path) -> PortraitLayers:
    """An avatar's layers, its upper lids brought down onto the lower ones."""
    with np.load(path) as arrays:
        landmarks, matte = arrays["landmarks"], arrays["matte"]
    for eye in EYES:
        landmarks[list(eye.upper)] = landmarks[list(eye.lower)]
    return PortraitLayers(landmarks, matte)

"""Where models are looked for and written to."""

from pathlib import Path

import pytest

from avatarify.errors import CheckpointError
from avatarify.zoo import store
from avatarify.zoo.registry import LANDMARKS


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path, Path]:
    """The chosen folder, the shipped one and the user's own."""
    chosen, shipped, home = tmp_path / "chosen", tmp_path / "shipped", tmp_path / "home"
    for folder in (chosen, shipped, home / "models"):
        folder.mkdir(parents=True)
    monkeypatch.setenv("AVATARIFY_MODELS", str(chosen))
    monkeypatch.setattr(store, "SHIPPED_FOLDER", shipped)
    monkeypatch.setattr(store, "user_data_path", lambda *_args, **_kwargs: home)
    return chosen, shipped, home / "models"


def test_folders_are_searched_in_order(folders: tuple[Path, Path, Path]) -> None:
    assert store.models_folders() == folders
    assert store.find("vox-256.safetensors") is None
    for folder in reversed(folders):
        (folder / "vox-256.safetensors").touch()
        assert store.find("vox-256.safetensors") == folder / "vox-256.safetensors"


def test_new_models_go_to_the_chosen_folder_else_to_the_users(
    folders: tuple[Path, Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen, shipped, own = folders
    assert store.writable_folder() == chosen
    monkeypatch.delenv("AVATARIFY_MODELS")
    assert store.writable_folder() == own
    assert store.models_folders() == (shipped, own)


def test_a_model_is_named_by_registry_import_or_path(folders: tuple[Path, Path, Path]) -> None:
    chosen, shipped, own = folders
    (shipped / "compact.safetensors").touch()
    (own / "mine.safetensors").touch()
    (chosen / "other.file").touch()
    assert store.locate("compact") == shipped / "compact.safetensors"
    assert store.locate("mine") == own / "mine.safetensors"
    assert store.locate(str(chosen / "other.file")) == chosen / "other.file"
    assert store.imported() == (own / "mine.safetensors",)


def test_the_face_tracker_is_no_imported_model(folders: tuple[Path, Path, Path]) -> None:
    _, shipped, _ = folders
    (shipped / LANDMARKS.installed_name).touch()
    assert store.imported() == ()


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("vox-256", "`avatarify models pull vox-256`"),
        ("compact", "comes with the program"),
        ("dance", "`avatarify models list`"),
    ],
)
@pytest.mark.usefixtures("folders")
def test_a_model_that_is_not_there_says_how_to_get_it(name: str, advice: str) -> None:
    with pytest.raises(CheckpointError, match=advice):
        store.locate(name)

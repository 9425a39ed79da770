"""Where model files lie on this machine."""

import os
from pathlib import Path

from platformdirs import user_data_path

from avatarify.errors import CheckpointError
from avatarify.file_names import is_file, is_folder, not_found, user_path
from avatarify.shipped import shipped
from avatarify.zoo import registry
from avatarify.zoo.registry import PublishedModel

SHIPPED_FOLDER = shipped("models")
"""The models that come with the program."""

MODEL_SUFFIX = ".safetensors"
"""Of every motion model that the program loads; its configuration is inside."""


def models_folders() -> tuple[Path, ...]:
    """Return the folders that are searched for models, in this order.

    `$AVATARIFY_MODELS` if set, the shipped `models/`, then the user's own folder.
    """
    own = (SHIPPED_FOLDER,) if is_folder(SHIPPED_FOLDER) else ()
    return (*_chosen_by_environment(), *own, _user_folder())


def writable_folder() -> Path:
    """Return the folder that new models are written to; it need not exist yet."""
    return (*_chosen_by_environment(), _user_folder())[0]


def find(file_name: str) -> Path | None:
    """Return the first file of this name in `models_folders()`, or None."""
    paths = (folder / file_name for folder in models_folders())
    return next((path for path in paths if is_file(path)), None)


def locate(name_or_path: str) -> Path:
    """Return the file of a motion model that the user named.

    Args:
        name_or_path: A name of the registry, the name of an imported model, or a file.

    Raises:
        CheckpointError: It is not there; the message says how to get it.
    """
    published = next((model for model in registry.MODELS if model.name == name_or_path), None)
    installed_name = published.installed_name if published else name_or_path + MODEL_SUFFIX
    path = find(installed_name) or user_path(name_or_path)
    if is_file(path):
        return path
    raise CheckpointError(_how_to_get(name_or_path, published))


def imported() -> tuple[Path, ...]:
    """Return the motion models in the folders that are not of the registry, by name."""
    known = {
        model.installed_name for model in (*registry.MODELS, registry.LANDMARKS, registry.MATTE)
    }
    found: dict[str, Path] = {}
    for folder in models_folders():
        for path in sorted(folder.glob(f"*{MODEL_SUFFIX}")):
            if path.name not in known:
                found.setdefault(path.name, path)
    return tuple(found[name] for name in sorted(found))


def _how_to_get(name: str, published: PublishedModel | None) -> str:
    if published is None:
        path = user_path(name)
        if path.suffix or path.name != name:
            return f"{not_found('model', path)} `avatarify models list` shows those with a name."
        return (
            f"There is no model named {name}, and no such file. `avatarify models list` shows what "
            "there is."
        )
    if published.works_without_file:
        return f"The model {name} is no file: the program computes it. Name a motion model here."
    if published.is_shipped:
        return (
            f"The model {name} comes with the program, but {published.installed_name} is in none "
            f"of its folders: {', '.join(map(str, models_folders()))}. Install the program anew."
        )
    return f"The model {name} is not installed. Get it with `avatarify models pull {name}`."


def _chosen_by_environment() -> tuple[Path, ...]:
    folder = os.environ.get("AVATARIFY_MODELS")
    return (user_path(folder),) if folder else ()


def _user_folder() -> Path:
    return user_data_path("avatarify", appauthor=False) / "models"

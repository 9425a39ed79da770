"""The settings on disk."""

from pathlib import Path

from avatarify.session.keeping.json_file import (
    configuration_folder,
    from_json,
    keep_copy,
    read_json,
    to_json,
    write_json,
)
from avatarify.session.keeping.settings import Settings


def settings_path() -> Path:
    """Where the settings are kept."""
    return configuration_folder() / "settings.json"


def load_settings(path: Path | None = None) -> Settings:
    """Read the settings; whatever is missing or unusable keeps its default.

    Where a value is ignored, a copy of the file stays beside it, as `NAME.broken`.

    Args:
        path: The file, by default `settings_path()`.
    """
    path = path or settings_path()
    content = read_json(path)
    if content is None:
        return Settings()
    dropped: list[str] = []
    settings = from_json(Settings, content, dropped)
    keep_copy(path, dropped)
    return settings


def save_settings(settings: Settings, path: Path | None = None) -> None:
    """Write the settings, completely or not at all.

    Args:
        settings: What to keep.
        path: The file, by default `settings_path()`.

    Raises:
        SettingsError: The file cannot be written.
    """
    write_json(path or settings_path(), to_json(settings))

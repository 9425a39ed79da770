"""Reading and writing of small JSON files that must never be half written or stop the program."""

import json
import logging
import os
from contextlib import suppress
from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import Path
from types import UnionType
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

import platformdirs

from avatarify.errors import SettingsError

logger = logging.getLogger(__name__)

Value = TypeVar("Value")


def configuration_folder() -> Path:
    """Where settings and profiles live: $AVATARIFY_CONFIG, or the system's place for them."""
    chosen = os.environ.get("AVATARIFY_CONFIG")
    return Path(chosen) if chosen else platformdirs.user_config_path("avatarify", appauthor=False)


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write a file completely or not at all.

    Raises:
        SettingsError: The folder cannot be written to.
    """
    half = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        half.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", "utf-8")
        half.replace(path)
    except OSError as error:
        with suppress(OSError):
            half.unlink()
        raise SettingsError(
            f"{path} could not be written ({error.strerror}). Check the folder's permissions "
            "and the free space, or set AVATARIFY_CONFIG to another folder."
        ) from error


def read_json(path: Path) -> dict[str, Any] | None:
    """Read a file; a broken one is put aside as `NAME.broken`.

    Returns:
        Its content, or None when there is none that can be used.
    """
    try:
        content = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return None
    except OSError as error:
        logger.warning("%s cannot be read (%s): defaults are used.", path, error.strerror)
        return None
    except ValueError:  # not JSON, or not even text
        content = None
    if not isinstance(content, dict):
        put_aside(path)
        return None
    return content


def put_aside(path: Path) -> None:
    """Rename a file that cannot be used, so that the next save does not destroy it."""
    aside = path.with_name(path.name + ".broken")
    try:
        path.replace(aside)
    except OSError:
        logger.warning("%s is broken: defaults are used.", path)
    else:
        logger.warning("%s was broken: it is kept as %s, defaults are used.", path, aside.name)


def to_json(value: Any) -> Any:
    """Turn a settings dataclass into what JSON can hold."""
    if is_dataclass(value) and not isinstance(value, type):
        return {item.name: to_json(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return [to_json(item) for item in value]
    return value


def from_json(kind: type[Value], content: Any) -> Value:
    """Turn JSON into a settings dataclass, field by field.

    A field that is missing, unknown, of another kind or impossible keeps its default: settings of
    a newer or older version still load, and one wrong value loses only itself.

    Args:
        kind: The dataclass to make; all its fields have defaults.
        content: What the file holds.
    """
    known: dict[str, Any] = {}
    hints = get_type_hints(kind)
    for name, value in (content if isinstance(content, dict) else {}).items():
        if name not in hints:
            continue
        try:
            known[name] = _convert(hints[name], value)
            kind(**known)
        except (TypeError, ValueError) as error:
            known.pop(name, None)
            logger.warning("The setting %s = %r is ignored: %s", name, value, error)
    return kind(**known)


def _convert(hint: Any, value: Any) -> Any:
    """Check a JSON value against a field's type; raises TypeError or ValueError."""
    if isinstance(hint, type) and is_dataclass(hint):
        return from_json(hint, value)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint(value)
    if get_origin(hint) is tuple:
        return tuple(_convert(get_args(hint)[0], item) for item in _as_list(value))
    if isinstance(hint, UnionType):
        return None if value is None else _convert(get_args(hint)[0], value)
    return _plain(hint, value)


def _plain(hint: Any, value: Any) -> Any:
    """Check a number, a text, or one of a few words."""
    if get_origin(hint) is Literal:
        if value not in get_args(hint):
            raise ValueError(f"one of {', '.join(get_args(hint))} is expected")
        return value
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if type(value) is not hint:
        raise TypeError(f"{getattr(hint, '__name__', hint)} is expected")
    return value


def _as_list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError("a list is expected")
    return value

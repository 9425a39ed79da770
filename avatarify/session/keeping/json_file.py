"""Reading and writing of small JSON files that must never be half written or stop the program."""

import json
import logging
import math
import os
import reprlib
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import Path
from types import UnionType
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

import platformdirs

from avatarify.errors import SettingsError
from avatarify.file_names import barred_folder, part_beside, shown

logger = logging.getLogger(__name__)

Value = TypeVar("Value")

_LONGEST = 16_000_000
"""Bytes of a file above which it is none of ours."""

_LARGEST = 1_000_000_000
"""No setting is a larger number."""


def configuration_folder() -> Path:
    """Where settings and profiles live: $AVATARIFY_CONFIG, or the system's place for them."""
    chosen = os.environ.get("AVATARIFY_CONFIG")
    return Path(chosen) if chosen else platformdirs.user_config_path("avatarify", appauthor=False)


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write a file completely or not at all.

    Raises:
        SettingsError: The folder cannot be written to.
    """
    half = part_beside(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        half.write_bytes(_encoded(content))
        half.replace(path)
    except (OSError, ValueError) as error:
        with suppress(OSError, ValueError):
            half.unlink()
        raise SettingsError(
            f"{shown(path)} could not be written ({_reason(error)}). Check the permissions of "
            f"{shown(barred_folder(path))} and the free space, or set AVATARIFY_CONFIG to another "
            "folder."
        ) from error


def read_json(path: Path) -> dict[str, Any] | None:
    """Read a file; a broken one is put aside as `NAME.broken`.

    Returns:
        Its content, or None when there is none that can be used.
    """
    try:
        with path.open("rb") as file:
            start = file.read(_LONGEST + 1)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        logger.warning("%s cannot be read (%s): defaults are used.", shown(path), _reason(error))
        return None
    try:
        # Editors of some systems write a mark in front.
        content = json.loads(start.decode("utf-8-sig")) if len(start) <= _LONGEST else None
    except (ValueError, RecursionError):  # not JSON, not even text, or nested without end
        content = None
    if not isinstance(content, dict):
        put_aside(path)
        return None
    return content


def put_aside(path: Path) -> None:
    """Rename a file that cannot be used, so that the next save does not destroy it."""
    aside = _aside(path)
    try:
        path.replace(aside)
    except OSError:
        logger.warning("%s is broken: defaults are used.", path)
    else:
        logger.warning("%s was broken: it is kept as %s, defaults are used.", path, aside.name)


def keep_copy(path: Path, dropped: Sequence[str]) -> None:
    """Say which values of a file are ignored, and keep the file as it is as `NAME.broken`.

    Args:
        path: The file; the next save replaces it.
        dropped: What is ignored, and why; nothing is done where it is empty.
    """
    for each in dropped:
        logger.warning("%s: %s is ignored.", path, each)
    if not dropped:
        return
    aside = _aside(path)
    try:
        shutil.copyfile(path, aside)
    except OSError as error:
        logger.warning("No copy of %s could be kept (%s).", path, _reason(error))
    else:
        logger.warning("%s is kept as it was as %s.", path, aside.name)


def to_json(value: Any) -> Any:
    """Turn a settings dataclass into what JSON can hold."""
    if is_dataclass(value) and not isinstance(value, type):
        return {item.name: to_json(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return [to_json(item) for item in value]
    return value


def from_json(
    kind: type[Value], content: Any, dropped: list[str] | None = None, within: str = ""
) -> Value:
    """Turn JSON into a settings dataclass, field by field.

    A field that is missing, unknown, of another kind or impossible keeps its default: settings of
    a newer or older version still load, and one wrong value loses only itself.

    Args:
        kind: The dataclass to make; all its fields have defaults.
        content: What the file holds.
        dropped: Gets a line for each value that is ignored, where somebody wants to know.
        within: Where in the file this is, with a point behind it.
    """
    known: dict[str, Any] = {}
    dropped = [] if dropped is None else dropped
    hints = get_type_hints(kind)
    if not isinstance(content, dict):
        dropped.append(f"{within.rstrip('.') or 'the whole'} = {reprlib.repr(content)}")
        return kind()
    for name, value in content.items():
        place = f"{within}{name}"
        if name not in hints:
            dropped.append(f"{shown(place)} = {reprlib.repr(value)} (not known here)")
            continue
        try:
            known[name] = _convert(hints[name], value, dropped, place)
            kind(**known)
        except (TypeError, ValueError, OverflowError) as error:
            known.pop(name, None)
            reason = str(error).rstrip(".")
            dropped.append(f"{shown(place)} = {reprlib.repr(value)} ({reason})")
    return kind(**known)


def _convert(hint: Any, value: Any, dropped: list[str], place: str) -> Any:
    """Check a JSON value against a field's type; raises TypeError, ValueError or OverflowError."""
    if isinstance(hint, type) and is_dataclass(hint):
        return from_json(hint, value, dropped, f"{place}.")
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint(value)
    if get_origin(hint) is tuple:
        items = _as_list(value)
        return tuple(
            _convert(kind, item, dropped, place)
            for kind, item in zip(_kinds(hint, len(items)), items, strict=True)
        )
    if isinstance(hint, UnionType):
        return None if value is None else _convert(get_args(hint)[0], value, dropped, place)
    return _plain(hint, value)


def _kinds(hint: Any, count: int) -> Sequence[Any]:
    """Return the kind of each entry of a tuple; raises ValueError where there are others."""
    kinds = get_args(hint)
    if kinds[-1] is Ellipsis:
        return [kinds[0]] * count
    if len(kinds) != count:
        raise ValueError(f"{len(kinds)} entries are expected")
    return kinds


def _plain(hint: Any, value: Any) -> Any:
    """Check a number, a text, or one of a few words."""
    if get_origin(hint) is Literal:
        if value not in get_args(hint):
            raise ValueError(f"one of {', '.join(map(str, get_args(hint)))} is expected")
        return value
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if type(value) is not hint:
        raise TypeError(f"{getattr(hint, '__name__', hint)} is expected")
    return _plausible(value)


def _plausible(value: Any) -> Any:
    """Return what no field minds; raises ValueError."""
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("a finite number is expected")
    if isinstance(value, int) and abs(value) > _LARGEST:
        raise ValueError("a smaller number is expected")
    if isinstance(value, str) and "\0" in value:
        raise ValueError("it holds a character that no text has")
    return value


def _as_list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError("a list is expected")
    return value


def _encoded(content: dict[str, Any]) -> bytes:
    try:
        return (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode("utf-8")
    except UnicodeEncodeError:  # the name of a file that is no text: escaped, it stays what it is
        return (json.dumps(content, indent=2) + "\n").encode("ascii")


def _aside(path: Path) -> Path:
    return path.with_name(path.name + ".broken")


def _reason(error: OSError | ValueError) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)

"""Opens a `torch.save` file of unknown origin: never runs code from it, and says what is wrong.

Files named *.pth.tar are no tar archives. Before torch 1.6 they were a row of pickles, since then
a zip archive; both are met in the wild, and so are web pages and half downloads of that name.
"""

import pickle
import re
import warnings
import zipfile
from pathlib import Path
from typing import Any

import torch

from avatarify.errors import CheckpointError
from avatarify.file_names import is_file, is_folder, not_found
from avatarify.zoo.published_file import looks_like_html

_ZIP_START = b"PK\x03\x04"
_PICKLE_START = b"\x80"
_FETCH_AGAIN = "Download it again, or copy it from where it works."


def first_bytes(path: Path, count: int = 512) -> bytes:
    """Return how a file starts, after refusing what cannot be a model file at all.

    Raises:
        CheckpointError: There is no such file, it is a folder, unreadable, empty, or a web page.
    """
    if is_folder(path):
        raise CheckpointError(f"{path} is a folder. Give the model file inside it.")
    if not is_file(path):
        raise CheckpointError(not_found("model file", path))
    try:
        with path.open("rb") as file:
            start = file.read(count)
    except OSError as error:
        raise CheckpointError(f"{path} cannot be read: {error.strerror}.") from error
    if not start:
        raise CheckpointError(f"{path} is empty (0 bytes). {_FETCH_AGAIN}")
    if looks_like_html(start):
        raise CheckpointError(
            f"{path} is a web page, not a model: it starts with {start[:15]!r}. Open the link in "
            "a browser and save the file that it offers."
        )
    return start


def read_torch_file(path: Path) -> dict[Any, Any]:
    """Read the dictionary of a `torch.save` file, with the tensors on the CPU.

    Raises:
        CheckpointError: The file is no such file, is damaged, holds program code, or something
            else than a dictionary.
    """
    start = first_bytes(path)
    if not start.startswith((_ZIP_START, _PICKLE_START)):
        raise CheckpointError(_not_a_torch_file(path, start))
    is_zip = start.startswith(_ZIP_START)
    if is_zip and not _has_table_of_contents(path):
        raise CheckpointError(
            f"{path} is cut off: after {path.stat().st_size:,} bytes the table of contents at the "
            f"end of the archive is missing or broken. {_FETCH_AGAIN}"
        )
    content = _load(path, is_zip)
    if not isinstance(content, dict):
        raise CheckpointError(
            f"{path} holds a {type(content).__name__}, not the dictionary of a checkpoint."
        )
    return content


def _has_table_of_contents(path: Path) -> bool:
    try:
        return zipfile.is_zipfile(path)
    except zipfile.BadZipFile:
        return False


def _load(path: Path, is_zip: bool) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about old formats, which users cannot change
            return torch.load(path, map_location="cpu", weights_only=True, mmap=is_zip)
    except pickle.UnpicklingError as error:
        raise CheckpointError(_unpickling_message(path, str(error))) from error
    # What a damaged file makes the unpickler do cannot be listed: any of these was seen.
    except (
        RuntimeError,
        EOFError,
        OSError,
        ValueError,
        KeyError,
        IndexError,
        AttributeError,
        TypeError,
        AssertionError,
        OverflowError,
        MemoryError,
        UnicodeDecodeError,
    ) as error:
        reason = str(error).strip().splitlines()
        raise CheckpointError(
            f"{path} ({path.stat().st_size:,} bytes) is damaged or cut off: "
            f"{reason[0].split('. ')[0] if reason else type(error).__name__}. {_FETCH_AGAIN}"
        ) from error


def _unpickling_message(path: Path, reason: str) -> str:
    forbidden = re.search(r"GLOBAL ([\w.]+)", reason)
    if forbidden:
        return (
            f"{path} was not opened: besides weights it holds program code ({forbidden[1]}). "
            "Models from their publishers hold none; do not trust this file."
        )
    first = next((line for line in reason.splitlines() if "rror" not in line and line), reason)
    return f"{path} is damaged or no model file: {first.strip()} {_FETCH_AGAIN}"


def _not_a_torch_file(path: Path, start: bytes) -> str:
    if not any(start):
        return (
            f"{path} starts with {len(start)} zero bytes: space was reserved for a download that "
            f"never arrived. {_FETCH_AGAIN}"
        )
    return (
        f"{path} is not a model file: it starts with the bytes {start[:4].hex(' ')}, where a "
        "published checkpoint has 50 4b 03 04 or 80 02."
    )

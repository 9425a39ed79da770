"""Fetching a published file: mirrors in order, and nothing but the published bytes accepted."""

import hashlib
import logging
from pathlib import Path
from urllib.parse import urlsplit

from avatarify.errors import DownloadError, OutputError
from avatarify.file_names import is_file, shown
from avatarify.zoo.published_file import check_content
from avatarify.zoo.registry import PublishedModel
from avatarify.zoo.transfer import OnProgress, Patience, transfer
from avatarify.zoo.unwritable import may_write_into, why_unwritable

logger = logging.getLogger(__name__)


def download(
    model: PublishedModel,
    folder: Path,
    on_progress: OnProgress,
    *,
    patience: Patience | None = None,
) -> Path:
    """Fetch the published file of `model` into `folder`; this is the only access to the network.

    An interrupted download goes on where it stopped. The file appears under its name only when it
    is whole and is the published one; one that is already there is not fetched again.

    Args:
        model: Whose file.
        folder: Made if it does not exist.
        on_progress: Called with the bytes that are there and the bytes that there will be.
        patience: When a mirror is given up.

    Returns:
        The file.

    Raises:
        DownloadError: No mirror delivered it; the message has the reason of each.
        OutputError: The folder cannot be written, or its disk is full.
    """
    make_folder(folder)
    destination = folder / model.published_name
    if is_file(destination) and is_published(destination, model):
        return destination
    failures = []
    for url in model.mirrors:
        try:
            _fetch(url, model, destination, on_progress, patience)
        except DownloadError as error:
            failures.append(f"{urlsplit(url).hostname}: {error}")
            if url != model.mirrors[-1]:
                logger.warning("%s; trying the next mirror", failures[-1])
        else:
            return destination
    raise DownloadError(_no_mirror_left(model, failures))


def is_published(path: Path, model: PublishedModel) -> bool:
    """Tell whether `path` has one of the contents that `model` was published with."""
    return any(fingerprint.matches(path) for fingerprint in model.fingerprints)


def make_folder(folder: Path) -> None:
    """Make a folder for models, or see that the one that is there can be written to.

    Raises:
        OutputError: It cannot.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not may_write_into(folder):
            raise PermissionError
    except (OSError, ValueError) as error:
        why = why_unwritable(folder / "model", error)
        raise OutputError(f"The models folder {shown(folder)} cannot be used: {why}") from error


def _fetch(
    url: str,
    model: PublishedModel,
    destination: Path,
    on_progress: OnProgress,
    patience: Patience | None,
) -> None:
    sizes = [known.size_bytes for known in model.fingerprints if known.size_bytes is not None]
    are_sizes_known = len(sizes) == len(model.fingerprints)
    # One part for each address: two mirrors may offer different files under one name.
    mark = hashlib.sha256(url.encode()).hexdigest()[:8]
    part = destination.with_name(f"{destination.name}.{mark}.part")
    transfer(
        url, part, on_progress, accepted_sizes=sizes if are_sizes_known else (), patience=patience
    )
    try:
        check_content(part, model.name, model.fingerprints)
    except DownloadError:
        part.unlink()
        raise
    part.replace(destination)
    for leftover in destination.parent.glob(f"{destination.name}.????????.part*"):
        leftover.unlink()  # of mirrors that failed before


def _no_mirror_left(model: PublishedModel, failures: list[str]) -> str:
    advice = f"use `avatarify models pull {model.name} --from FILE`"
    if model.pages:
        advice = f"fetch it from {' or '.join(model.pages)} with a browser and {advice}"
    reasons = "; ".join(failures)
    return f"{model.published_name} could not be downloaded ({reasons}). Try again, or {advice}."

"""Installing a published file that the user already has, instead of downloading it."""

import shutil
from pathlib import Path

from avatarify.errors import OutputError
from avatarify.zoo.download import make_folder
from avatarify.zoo.published_file import check_content
from avatarify.zoo.registry import PublishedModel
from avatarify.zoo.unwritable import why_unwritable


def install_file(model: PublishedModel, file: Path, folder: Path) -> Path:
    """Copy a file to where the program finds it, if it is the published one.

    Args:
        model: What it should be; one that is used as it was published.
        file: What the user has.
        folder: Made if it does not exist.

    Returns:
        The copy.

    Raises:
        DownloadError: It cannot be read, or is another file; the message says how it differs.
        OutputError: The folder cannot be written.
    """
    check_content(file, model.name, model.fingerprints)
    make_folder(folder)
    destination = folder / model.installed_name
    part = destination.with_name(destination.name + ".part")
    try:
        shutil.copyfile(file, part)
        part.replace(destination)
    except OSError as error:
        raise OutputError(
            f"Cannot write {destination}: {why_unwritable(destination, error)}"
        ) from error
    return destination

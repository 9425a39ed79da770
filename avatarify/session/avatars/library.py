"""The avatars the user can choose from: those of the program, and the user's own in a folder.

Whatever lies in the folder is listed, broken files too: they are marked when their thumbnail is
made, so that opening a folder of hundreds reads no picture at all.
"""

import logging
import os
import re
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from platformdirs import user_data_path

from avatarify.errors import ImageError, OutputError
from avatarify.file_names import is_file, is_there, user_path
from avatarify.frames import Image
from avatarify.media.image_file import IMAGE_SUFFIXES, read_image, write_image
from avatarify.media.output_errors import output_error
from avatarify.session.avatars.avatar import Avatar
from avatarify.session.avatars.further_picture import (
    KINDS,
    SUFFIXES,
    FurtherKind,
    checked_picture,
    further_path,
    kept_further,
)
from avatarify.session.avatars.known_avatar import avatar_of
from avatarify.session.avatars.layers_file import (
    SUFFIX,
    PortraitLayers,
    read_layers,
    write_layers,
)
from avatarify.session.avatars.portrait_intake import by_hand, take_in
from avatarify.session.avatars.thumbnails import centred_square
from avatarify.shipped import shipped

logger = logging.getLogger(__name__)

BUILT_IN_FOLDER = shipped("assets/avatars")
"""The avatars that come with the program."""

LONGEST_NAME = 60
"""Characters of an avatar's name."""

_FORBIDDEN = re.compile(r'[\x00-\x1f<>:"/\\|?*]')


@dataclass(frozen=True, slots=True)
class AvatarEntry:
    """One line of the gallery; its picture is not read yet."""

    name: str
    """What the user calls it."""

    path: Path
    """The picture file."""

    is_built_in: bool
    """Comes with the program: cannot be renamed or removed."""

    @property
    def key(self) -> str:
        """What `Settings.avatar` remembers: the name of a built-in one, else the path."""
        return self.path.stem if self.is_built_in else str(self.path)


def user_avatars_folder() -> Path:
    """Where the user's own avatars lie: $AVATARIFY_AVATARS, or the user's data folder."""
    chosen = os.environ.get("AVATARIFY_AVATARS")
    if chosen:
        return user_path(chosen)
    return user_data_path("avatarify", appauthor=False) / "avatars"


class AvatarLibrary:
    """Lists, adds, renames and removes avatars."""

    def __init__(
        self, user_folder: Path | None = None, built_in_folder: Path | None = None
    ) -> None:
        """Use two folders; the user's one is made when the first avatar is added.

        Args:
            user_folder: By default `user_avatars_folder()`.
            built_in_folder: By default `BUILT_IN_FOLDER`.
        """
        self._user_folder = user_folder or user_avatars_folder()
        self._built_in_folder = built_in_folder or BUILT_IN_FOLDER

    @property
    def user_folder(self) -> Path:
        """Where added avatars go."""
        return self._user_folder

    def entries(self) -> tuple[AvatarEntry, ...]:
        """All avatars: the built-in ones first, each group in the order of its names."""
        return (
            *(
                AvatarEntry(_title(path.stem), path, True)
                for path in _pictures(self._built_in_folder)
            ),
            *(AvatarEntry(path.stem, path, False) for path in _pictures(self._user_folder)),
        )

    def find(self, key: str) -> AvatarEntry | None:
        """The avatar that `Settings.avatar` names; the first built-in one for an empty key.

        Args:
            key: Name of a built-in avatar, or the path of any picture file.
        """
        entries = self.entries()
        if not key:
            return entries[0] if entries else None
        for entry in entries:
            if key in (entry.key, entry.name) or str(entry.path) == key:
                return entry
        path = user_path(key)
        return AvatarEntry(path.stem, path, False) if is_file(path) else None

    def load(self, entry: AvatarEntry) -> Avatar:
        """Read an avatar; what is not known of its face yet is found, and kept if it may be.

        A picture in which no face is found loses its longer edges.

        Raises:
            ImageError: The file is gone or unreadable.
        """
        image = read_image(entry.path)
        kept = entry.path.with_suffix(SUFFIX)
        layers = read_layers(kept, (image.shape[0], image.shape[1]))
        if layers is not None:
            return avatar_of(entry.name, image, layers, kept_further(entry.path))
        found = take_in(image)
        if found.layers is None:
            return Avatar(entry.name, centred_square(image))
        if not entry.is_built_in and found.picture.shape == image.shape:
            self._keep_layers(kept, found.layers)
        return replace(found.avatar(entry.name), further=kept_further(entry.path))

    def set_further(self, entry: AvatarEntry, kind: FurtherKind, picture: Path) -> None:
        """Keep a further picture of an avatar's person.

        Raises:
            ImageError: The avatar is built in, or the picture unreadable.
            FaceNotFoundError: No face is found in the picture, or it does not show what it should.
            OutputError: The folder cannot be written.
        """
        _refuse_built_in(entry, "given a further picture")
        intake = take_in(read_image(picture))
        checked_picture(intake.picture, intake.layers, kind, picture)
        assert intake.layers is not None
        path = further_path(entry.path, kind)
        write_image(path, intake.picture)
        write_layers(path.with_suffix(SUFFIX), intake.layers)

    def add(self, avatar: Avatar) -> AvatarEntry:
        """Keep a portrait as one of the user's avatars.

        Args:
            avatar: Framed already; its name is made unique and fit for a file name.

        Raises:
            OutputError: The folder cannot be written.
        """
        try:
            self._user_folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise output_error(self._user_folder, error) from error
        path = self._free_path(avatar.name, ".png")
        write_image(path, avatar.image)
        if avatar.landmarks is not None and avatar.matte is not None:
            write_layers(path.with_suffix(SUFFIX), PortraitLayers(avatar.landmarks, avatar.matte))
        return AvatarEntry(path.stem, path, False)

    def correct(self, entry: AvatarEntry, points: NDArray[np.floating]) -> AvatarEntry:
        """Keep a face's points that were set by hand, and cut the person out anew.

        Args:
            entry: The avatar. One of the program, or one that must be cut first, stays as it is,
                and a corrected copy of it becomes one of the user's.
            points: (478, 3), landmarks in pixels of its file's picture.

        Returns:
            The corrected avatar.

        Raises:
            ImageError: The file is gone or unreadable.
            OutputError: The folder cannot be written.
        """
        image = read_image(entry.path)
        intake = by_hand(image, points)
        is_mine = not entry.is_built_in and entry in self.entries()
        if intake.layers is None or not is_mine or intake.picture.shape != image.shape:
            return self.add(intake.avatar(f"{entry.name} corrected"))
        write_layers(entry.path.with_suffix(SUFFIX), intake.layers)
        return entry

    def points(self, entry: AvatarEntry) -> tuple[Image, NDArray[np.float32] | None]:
        """Read an avatar's picture as it lies in its file, and what is known of the face in it.

        Returns:
            RGB (H, W, 3), and (478, 3) landmarks in its pixels, None where no face is found.

        Raises:
            ImageError: The file is gone or unreadable.
        """
        image = read_image(entry.path)
        layers = read_layers(entry.path.with_suffix(SUFFIX), (image.shape[0], image.shape[1]))
        return image, take_in(image).points if layers is None else layers.landmarks

    def rename(self, entry: AvatarEntry, name: str) -> AvatarEntry:
        """Give one of the user's avatars another name.

        Raises:
            ImageError: It is built in, the name is empty or taken, or the file is gone.
        """
        _refuse_built_in(entry, "renamed")
        wanted = _file_name(name)
        if not wanted:
            raise ImageError("An avatar needs a name of letters or digits.")
        path = entry.path.with_name(wanted + entry.path.suffix)
        if path == entry.path:
            return entry
        if any(wanted.lower() == other.path.stem.lower() for other in self._others(entry)):
            raise ImageError(f"There is an avatar named {wanted} already. Choose another name.")
        try:
            entry.path.rename(path)
            for old, new in zip(_companions(entry.path), _companions(path), strict=True):
                if is_there(old):
                    old.replace(new)
        except OSError as error:
            raise ImageError(f"{entry.name} cannot be renamed: {error.strerror}.") from error
        return AvatarEntry(path.stem, path, False)

    def remove(self, entry: AvatarEntry) -> None:
        """Delete one of the user's avatars for good; one that is gone already is no problem.

        Raises:
            ImageError: It is built in.
            OutputError: The file cannot be deleted.
        """
        _refuse_built_in(entry, "removed")
        try:
            for path in (entry.path, *_companions(entry.path)):
                path.unlink(missing_ok=True)
        except OSError as error:
            raise OutputError(
                f"{entry.path} cannot be deleted ({error.strerror}). Check its permissions."
            ) from error

    def _keep_layers(self, path: Path, layers: PortraitLayers) -> None:
        """Another start need not look for the face again; a folder may well be read-only."""
        try:
            write_layers(path, layers)
        except OutputError as error:
            logger.info("The face's place is not kept: %s", error)

    def _others(self, entry: AvatarEntry) -> list[AvatarEntry]:
        mine = (other for other in self.entries() if not other.is_built_in)
        return [other for other in mine if other.path != entry.path]

    def _free_path(self, name: str, suffix: str) -> Path:
        stem = _file_name(name) or "avatar"
        taken = {path.stem.lower() for path in _pictures(self._user_folder)}
        number, candidate = 1, stem
        while candidate.lower() in taken:
            number += 1
            candidate = f"{stem} {number}"
        return self._user_folder / f"{candidate}{suffix}"


def _companions(picture: Path) -> tuple[Path, ...]:
    """What may lie beside an avatar's picture and belongs to it."""
    further = [further_path(picture, kind) for kind in KINDS]
    return picture.with_suffix(SUFFIX), *further, *(path.with_suffix(SUFFIX) for path in further)


def _pictures(folder: Path) -> list[Path]:
    try:
        names = sorted((path.name for path in folder.iterdir()), key=_natural_order)
    except FileNotFoundError:
        return []
    except OSError as error:
        logger.warning("The folder %s cannot be listed: %s", folder, error)
        return []
    shown = (folder / name for name in names if not name.startswith("."))
    pictures = (path for path in shown if path.suffix.lower() in IMAGE_SUFFIXES)
    return [path for path in pictures if not path.stem.endswith(SUFFIXES)]


def _natural_order(name: str) -> list[tuple[bool, int, str]]:
    """Sort `2.png` before `10.png`, and do not mind capitals."""
    parts = re.findall(r"\d+|\D+", name.lower())
    return [(not part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in parts]


def _file_name(name: str) -> str:
    return " ".join(_FORBIDDEN.sub(" ", name).split()).strip(". ")[:LONGEST_NAME].strip(". ")


def _title(stem: str) -> str:
    return re.sub(r"[-_]+", " ", stem).strip().title() or stem


def _refuse_built_in(entry: AvatarEntry, verb: str) -> None:
    if entry.is_built_in:
        raise ImageError(f"{entry.name} comes with the program and cannot be {verb}.")

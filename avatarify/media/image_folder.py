"""Folders of numbered pictures as a frame source and as a lossless frame sink."""

import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from avatarify.errors import OutputError, VideoError
from avatarify.file_names import is_folder, not_found, shown
from avatarify.frames import ClosedAfterUse, Frame
from avatarify.media.image_file import IMAGE_SUFFIXES, read_image, write_image
from avatarify.media.output_errors import output_error

DEFAULT_FPS = 25.0
"""Frames per second of pictures that say nothing about time."""


class ImageSequence(ClosedAfterUse):
    """Pictures as the frames of a video of constant rate; each is read when its turn comes."""

    def __init__(self, name: str, paths: Sequence[Path], fps: float = DEFAULT_FPS) -> None:
        """Take the pictures at `paths` in their order.

        Args:
            name: What the user calls the sequence.
            paths: At least one picture.
            fps: Frames per second, above 0.
        """
        if not fps > 0 or not paths:
            raise ValueError(f"an image sequence needs pictures and fps above 0, not {fps}")
        self._name = name
        self._paths = tuple(paths)
        self._fps = fps
        self._next = 0

    @property
    def name(self) -> str:
        """What the user calls this sequence."""
        return self._name

    @property
    def fps(self) -> float:
        """Frames per second."""
        return self._fps

    @property
    def frame_count(self) -> int:
        """How many pictures there are."""
        return len(self._paths)

    @property
    def has_sound(self) -> bool:
        """Always false."""
        return False

    def read(self) -> Frame | None:
        """Read the next picture.

        Raises:
            ImageError: The picture is broken; the message names it.
        """
        index = self._next
        if index >= len(self._paths):
            return None
        frame = Frame(read_image(self._paths[index]), index / self._fps, index)
        self._next = index + 1
        return frame

    def close(self) -> None:
        """End the sequence; a second call does nothing."""
        self._next = len(self._paths)


class ImageFolder(ImageSequence):
    """All pictures of a folder, sorted as people count: `2.png` comes before `10.png`."""

    def __init__(self, folder: Path, fps: float = DEFAULT_FPS) -> None:
        """List the folder's pictures; hidden files and other kinds of files are left out.

        Args:
            folder: The folder.
            fps: Frames per second, above 0.

        Raises:
            VideoError: The folder is missing, unreadable or without pictures.
        """
        super().__init__(folder.absolute().name or str(folder), _pictures(folder), fps)


class ImageFolderWriter(ClosedAfterUse):
    """Frames as `000000.png`, `000001.png` and so on: lossless, one file each."""

    def __init__(self, folder: Path) -> None:
        """Create the folder if needed; its parent must exist.

        Raises:
            OutputError: The folder cannot be created, or holds frames already.
        """
        self._was_there = is_folder(folder)
        try:
            folder.mkdir(exist_ok=True)
            has_frames = any(re.fullmatch(r"\d{6,}\.png", path.name) for path in folder.iterdir())
        except FileExistsError as error:
            raise OutputError(f"{shown(folder)} is a file. Choose another folder.") from error
        except (OSError, ValueError) as error:
            raise output_error(folder, error) from error
        if has_frames:
            raise OutputError(
                f"The folder {folder} already holds frames. Empty it or choose another one."
            )
        self._folder = folder
        self._count = 0
        self._is_open = True

    @property
    def path(self) -> Path:
        """The folder."""
        return self._folder

    def write(self, frame: Frame) -> None:
        """Write one picture.

        Raises:
            OutputError: The disk is full or the folder is gone.
            ValueError: The writer is closed.
        """
        if not self._is_open:
            raise ValueError(f"the writer of {self._folder} is closed")
        write_image(self._folder / f"{self._count:06d}.png", frame.image)
        self._count += 1

    def close(self) -> None:
        """Write nothing more; a second call does nothing. A folder made for nothing disappears."""
        if self._is_open and not self._was_there and self._count == 0:
            with suppress(OSError):  # someone else has put something there
                self._folder.rmdir()
        self._is_open = False


def _pictures(folder: Path) -> list[Path]:
    try:
        paths = [path for path in folder.iterdir() if _is_picture(path)]
    except PermissionError as error:
        raise VideoError(
            f"There is no permission to read the folder {folder}. Give yourself the permission, or "
            "use a copy elsewhere."
        ) from error
    except (OSError, ValueError) as error:
        raise VideoError(not_found("folder", folder)) from error
    if not paths:
        raise VideoError(f"The folder {folder} holds no images. Choose one with PNG or JPEG files.")
    return sorted(paths, key=lambda path: _natural_order(path.name))


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in IMAGE_SUFFIXES and not path.name.startswith(".")


def _natural_order(name: str) -> tuple[tuple[str | int, ...], str]:
    # Text and numbers take turns, so that only like is compared with like.
    parts = re.split(r"(\d+)", name.casefold())
    return tuple(int(part) if part.isdecimal() else part for part in parts), name

"""Animated WebP, APNG and GIF, and TIFF of several pages: files of pictures that are clips."""

import logging
from collections.abc import Generator
from pathlib import Path

from PIL import Image as Pillow

from avatarify.errors import ImageError
from avatarify.frames import ClosedAfterUse, Frame
from avatarify.media.image_file import opened_picture, to_image

_LOG = logging.getLogger(__name__)

_SHORTEST_S = 0.011
"""A picture that claims less is shown for `_USUAL_S`, as all browsers do."""

_USUAL_S = 0.1
_AVERAGED = 50
_ONE_AFTER_ANOTHER = {"GIF", "PNG", "TIFF", "WEBP"}
"""Other formats keep further pictures of other kinds, such as previews and depth."""


class MovingPicture(ClosedAfterUse):
    """A file of several pictures as a frame source; each is shown as long as the file says."""

    def __init__(self, path: Path, fps: float) -> None:
        """Open the file.

        Args:
            path: A file of which `picture_count` says more than one.
            fps: For pictures whose file says nothing of time, as TIFF does.

        Raises:
            ImageError: The file is missing, unreadable or broken from the beginning.
        """
        self._path = path
        self._still_s = 1 / fps
        self._count = picture_count(path)
        self._fps = 1 / _mean_s(path, self._still_s)
        self._frames = self._decode()

    @property
    def name(self) -> str:
        """The file's name without its folder."""
        return self._path.name

    @property
    def fps(self) -> float:
        """Frames per second, averaged over its first pictures."""
        return self._fps

    @property
    def frame_count(self) -> int:
        """How many pictures there are."""
        return self._count

    @property
    def has_sound(self) -> bool:
        """Always false."""
        return False

    def read(self) -> Frame | None:
        """Decode the next picture; None at the end, which is also where a cut-off file stops.

        Raises:
            ImageError: Not even the first picture is whole.
        """
        return next(self._frames, None)

    def close(self) -> None:
        """Release the file; a second call does nothing."""
        self._frames.close()

    def _decode(self) -> Generator[Frame, None, None]:
        time_s, count = 0.0, 0
        try:
            with opened_picture(self._path) as picture:
                for index in _indices(picture):
                    picture.seek(index)
                    yield Frame(to_image(picture), time_s, count)
                    time_s += _duration_s(picture, self._still_s)
                    count += 1
        except ImageError as error:
            if count == 0:
                raise
            _LOG.warning("%s breaks off: %s", self._path, error)


def picture_count(path: Path) -> int:
    """Return how many pictures a file shows one after another.

    Raises:
        ImageError: It is no picture, or broken.
    """
    with opened_picture(path) as picture:
        return len(_indices(picture))


def _indices(picture: Pillow.Image) -> range:
    """Return the places of the pictures to show."""
    if picture.format not in _ONE_AFTER_ANOTHER:
        return range(1)
    count = int(getattr(picture, "n_frames", 1))
    # An APNG may begin with a picture for programs that show no moving ones.
    return range(1 if count > 1 and picture.info.get("default_image") else 0, count)


def _mean_s(path: Path, still_s: float) -> float:
    with opened_picture(path) as picture:
        durations_s = []
        for index in _indices(picture)[:_AVERAGED]:
            picture.seek(index)
            picture.load()  # the duration of some formats is known only then
            durations_s.append(_duration_s(picture, still_s))
    return sum(durations_s) / len(durations_s)


def _duration_s(picture: Pillow.Image, still_s: float) -> float:
    if picture.format == "TIFF":
        return still_s
    duration_s = float(picture.info.get("duration", 0)) / 1000
    return _USUAL_S if duration_s < _SHORTEST_S else duration_s

"""Where to look for a face that is small in the picture.

The detector sees each picture as 128 × 128 pixels and misses faces below an eighth of its width: at
1280 × 720 those of people just over a metre away. Looking at a part of the picture finds them. Each
frame is searched in one place only, so a search costs no more than tracking does.
"""

from typing import NamedTuple

from avatarify.tracking.face import Box

_TILE = 0.7
"""Side of the smallest places searched, over the picture's smaller side."""

_LARGE_ENOUGH = 0.2
"""Face over the picture's larger side from which the whole picture serves."""

_WINDOW_PER_FACE = 4.0
"""Side of the window around a small face, over the face."""

_WINDOW_IN_COMPANY = 2.0
"""The same for a face that others are taken for: they are left out."""


class Window(NamedTuple):
    """A part of the picture, in whole pixels."""

    left: int
    top: int
    width: int
    height: int


def windows_to_search(image_size: tuple[int, int]) -> tuple[Window, ...]:
    """Return the places where faces may be, the whole picture first, then smaller ones.

    Args:
        image_size: (height, width) in pixels.
    """
    height, width = image_size
    side = min(height, width)
    tile = max(1, round(_TILE * side))
    columns, rows = (3, 2) if width >= height else (2, 3)
    lefts = [round(i * (width - tile) / (columns - 1)) for i in range(columns)]
    tops = [round(i * (height - tile) / (rows - 1)) for i in range(rows)]
    return (
        Window(0, 0, width, height),
        Window((width - side) // 2, (height - side) // 2, side, side),
        *(Window(left, top, tile, tile) for top in tops for left in lefts),
    )


class FaceSearch:
    """Decides which part of each frame of a stream to look at."""

    def __init__(self) -> None:
        self._image_size = (0, 0)
        self._places: tuple[Window, ...] = ()
        self._tries = 0
        self._kept: Window | None = None

    def window(self, image_size: tuple[int, int]) -> Window:
        """Return the part of the next frame to look at.

        Args:
            image_size: (height, width) of the frame in pixels.
        """
        if image_size != self._image_size:
            self._image_size = image_size
            self._places = windows_to_search(image_size)
            self._tries, self._kept = 0, None
        return self._kept or self._place()

    def report(self, box: Box | None, *, is_alone: bool = True) -> None:
        """Say what was found in the window last returned.

        Args:
            box: The face to follow in pixels of the whole frame, or None.
            is_alone: Whether no other face is taken for it.
        """
        if box is None:
            self._tries = 0 if self._kept else self._tries + 1
            self._kept = None
            return
        if is_alone and box.larger_side >= _LARGE_ENOUGH * max(self._image_size):
            self._kept = self._places[0]
            return
        used = self._kept or self._place()
        per_face = _WINDOW_PER_FACE if is_alone else _WINDOW_IN_COMPANY
        is_too_wide = not is_alone and used.width > 1.5 * per_face * box.larger_side
        if is_too_wide or not _is_comfortable(box, used):
            used = self._around(box, per_face)
        self._kept = used

    def _place(self) -> Window:
        """Take turns: the whole picture, the middle square, the next tile."""
        tiles = self._places[2:]
        turn = self._tries % 3
        return self._places[turn] if turn < 2 else tiles[self._tries // 3 % len(tiles)]

    def _around(self, box: Box, per_face: float) -> Window:
        height, width = self._image_size
        side = min(round(per_face * box.larger_side), height, width)
        left, top = round(box.center[0] - side / 2), round(box.center[1] - side / 2)
        return Window(min(max(left, 0), width - side), min(max(top, 0), height - side), side, side)


def _is_comfortable(box: Box, window: Window) -> bool:
    """Whether the window need not move: the face is well inside and neither small nor large."""
    margin = 0.3 * box.larger_side
    is_inside = (
        box.left - margin >= window.left
        and box.top - margin >= window.top
        and box.right + margin <= window.left + window.width
        and box.bottom + margin <= window.top + window.height
    )
    share = box.larger_side / max(window.width, window.height)
    return is_inside and 0.15 <= share <= 0.6

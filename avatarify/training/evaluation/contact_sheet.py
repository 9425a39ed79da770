"""Pictures to look at: what tables cannot say."""

from collections.abc import Callable

import cv2
import numpy as np

from avatarify.frames import Image
from avatarify.tracking.face import Face
from avatarify.training.evaluation.driving_clip import DrivingClip
from avatarify.training.evaluation.expression import TRAITS
from avatarify.training.evaluation.measures import shrink

TILE = 192
_LABEL_HEIGHT = 18
_BACKGROUND, _INK = (255, 255, 255), (0, 0, 0)


def telling_frames(clip: DrivingClip) -> dict[str, int]:
    """Return the frames worth showing: rest, and the extremes of what the driver does."""
    frames = {"rest": clip.neutral}
    for name in ("jaw", "blink", "smile"):
        frames[name] = _largest(clip, TRAITS[name].measure)
    for name in ("yaw", "pitch", "roll"):
        measure = TRAITS[name].measure
        frames[f"{name} +"] = _largest(clip, measure)
        frames[f"{name} -"] = _largest(clip, lambda face, of=measure: -of(face))  # type: ignore[misc]
    return frames


def contact_sheet(columns: list[str], rows: dict[str, list[Image]]) -> Image:
    """Lay out pictures in a labelled table.

    Args:
        columns: A word for each column.
        rows: Label and pictures, as many as columns.
    """
    margin = 110
    width = margin + TILE * len(columns)
    sheet = np.full((_LABEL_HEIGHT + TILE * len(rows), width, 3), _BACKGROUND, np.uint8)
    for index, word in enumerate(columns):
        _write(sheet, word, margin + TILE * index + 4, _LABEL_HEIGHT - 5)
    for row, (label, pictures) in enumerate(rows.items()):
        top = _LABEL_HEIGHT + TILE * row
        for line, part in enumerate(_wrapped(label, 13)):
            _write(sheet, part, 4, top + 20 + 16 * line)
        for column, picture in enumerate(pictures):
            left = margin + TILE * column
            sheet[top : top + TILE, left : left + TILE] = shrink(picture, TILE)
    return sheet


def _largest(clip: DrivingClip, measure: Callable[[Face], float]) -> int:
    return int(np.argmax([measure(face) for face in clip.faces]))


def _wrapped(text: str, letters: int) -> list[str]:
    return [text[start : start + letters] for start in range(0, len(text), letters)]


def _write(sheet: Image, text: str, left: int, baseline: int) -> None:
    cv2.putText(sheet, text, (left, baseline), cv2.FONT_HERSHEY_SIMPLEX, 0.42, _INK, 1, cv2.LINE_AA)

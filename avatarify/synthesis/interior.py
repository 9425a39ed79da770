"""A room behind a wide portrait: wall, window, shelf, lamp, plant and pictures, out of focus."""

import math

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

_DRAFT = 360
"""Height at which the room is painted; it is out of focus anyway."""

_LENS = 0.02
"""Radius of the lens blur in shares of the picture's height."""

Paint = NDArray[np.float32]


def interior(
    wall: Tensor, accent: Tensor, size: tuple[int, int], generator: torch.Generator
) -> Tensor:
    """Paint a room whose things stand beside the middle, where the person is.

    Args:
        wall: (3, 1, 1), colour of the wall, display values.
        accent: (3, 1, 1), colour of its shadows and of some of the furniture.
        size: (height, width).
        generator: Decides what stands where.

    Returns:
        (3, height, width), display values, 0..1.
    """
    room = _Room(wall, accent, size[1] / size[0], generator)
    room.paint()
    linear = room.canvas**2.2
    radius = max(1, round(_LENS * _DRAFT))
    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    kernel = disk.astype(np.float32) / disk.sum()
    blurred = cv2.filter2D(linear, -1, kernel, borderType=cv2.BORDER_REPLICATE)
    blurred = cv2.GaussianBlur(blurred, (0, 0), 0.3 * radius, borderType=cv2.BORDER_REPLICATE)
    shown = np.clip(blurred, 0, 1) ** (1 / 2.2)
    large = cv2.resize(shown, (size[1], size[0]), interpolation=cv2.INTER_CUBIC)
    return torch.from_numpy(np.ascontiguousarray(large.transpose(2, 0, 1))).clamp(0, 1)


class _Room:
    """One room while it is painted; lengths in shares of the picture's height."""

    def __init__(
        self, wall: Tensor, accent: Tensor, aspect: float, generator: torch.Generator
    ) -> None:
        self._generator = generator
        self._aspect = aspect
        self._wall = wall.flatten().numpy().astype(np.float32)
        self._accent = accent.flatten().numpy().astype(np.float32)
        width = round(_DRAFT * aspect)
        rows, columns = np.mgrid[0:_DRAFT, 0:width].astype(np.float32)
        self._x, self._y = (columns + 0.5) / _DRAFT, (rows + 0.5) / _DRAFT
        self.canvas: Paint = np.zeros((_DRAFT, width, 3), np.float32)

    def paint(self) -> None:
        """Wall and floor, then a bright and a furnished side."""
        bright = -1 if self._chance(0.5) else 1
        self._paint_wall(bright)
        if self._chance(0.6):
            self._paint_window(bright)
        else:
            self._paint_pictures(bright)
        if self._chance(0.6):
            self._paint_shelf(-bright)
        else:
            self._paint_sideboard(-bright)
        self._paint_lamp(-bright)
        self._paint_plant(bright)

    def _uniform(self, low: float, high: float) -> float:
        return low + (high - low) * float(torch.rand((), generator=self._generator))

    def _chance(self, probability: float) -> bool:
        return self._uniform(0, 1) < probability

    def _beside(self, side: int, distance: float) -> float:
        """Where a place so far from the middle lies, x; side -1 is the viewer's left."""
        return self._aspect / 2 + side * distance

    def _mix(self, share: float, light: float = 1.0) -> Paint:
        mixed = self._wall + share * (self._accent - self._wall)
        return np.clip(light * mixed, 0, 1).astype(np.float32)

    def _cover(self, mask: Paint, color: Paint | tuple[float, float, float]) -> None:
        tone = np.asarray(color, np.float32)
        self.canvas += mask[..., None] * (tone - self.canvas)

    def _box(self, left: float, top: float, right: float, bottom: float) -> Paint:
        """Soft-edged rectangle, 0..1."""
        edge = 2.0 / _DRAFT

        def ramp(value: Paint) -> Paint:
            return np.clip(value / edge + 0.5, 0, 1)

        x, y = self._x, self._y
        return ramp(x - left) * ramp(right - x) * ramp(y - top) * ramp(bottom - y)

    def _paint_wall(self, bright: int) -> None:
        away = np.abs(self._x - self._beside(bright, 0.75)) / self._aspect
        fall = np.clip(0.05 + 0.75 * away + 0.25 * self._y, 0, 1)
        wall = self._wall + fall[..., None] * 0.75 * (self._accent - self._wall)
        self.canvas[:] = wall
        glow = np.exp(-((self._x - self._beside(bright, 0.45)) ** 2 + (self._y - 0.3) ** 2) / 0.3)
        self.canvas += 0.06 * glow[..., None]

    def _paint_window(self, side: int) -> None:
        middle, half = self._beside(side, self._uniform(0.62, 0.7)), self._uniform(0.17, 0.22)
        top, bottom = self._uniform(-0.1, 0.02), self._uniform(0.6, 0.7)
        frame = self._mix(0.0, 1.08)
        self._cover(
            self._box(middle - half - 0.025, top, middle + half + 0.025, bottom + 0.03), frame
        )
        sky = np.clip((self._y - top) / (bottom - top), 0, 1)[..., None]
        view = (1 - sky) * np.array([0.86, 0.93, 1.0], np.float32) + sky * np.array(
            [1.0, 0.99, 0.95], np.float32
        )
        pane = self._box(middle - half, top + 0.02, middle + half, bottom)
        self.canvas += pane[..., None] * (view.astype(np.float32) - self.canvas)
        for index in range(4):
            place = middle + half * (0.5 * index - 0.75) + self._uniform(-0.04, 0.04)
            size, green = self._uniform(0.06, 0.12), self._uniform(0.55, 0.75)
            crown = self._disk(place, bottom - 0.02, size, size) * pane
            self._cover(0.75 * crown, (0.62 * green, green, 0.55 * green))
        self._cover(self._box(middle - 0.009, top, middle + 0.009, bottom), frame)
        self._cover(self._box(middle - half, 0.3, middle + half, 0.312), frame)
        self._cover(
            self._box(middle - half - 0.05, bottom, middle + half + 0.05, bottom + 0.025),
            self._mix(0.15, 1.02),
        )
        for edge in (-1, 1):
            start = middle + edge * (half + 0.05)
            drape = self._box(start - 0.05, -0.1, start + 0.05, 0.95)
            folds = 0.93 + 0.07 * np.sin((self._x - start) * 2 * math.pi / 0.03)
            tone = self._mix(0.35, 1.04) * folds[..., None]
            self.canvas += drape[..., None] * (tone.astype(np.float32) - self.canvas)

    def _paint_pictures(self, side: int) -> None:
        for index in range(2):
            middle = self._beside(side, 0.48 + 0.24 * index)
            half_x, half_y = self._uniform(0.07, 0.09), self._uniform(0.1, 0.13)
            height = self._uniform(0.24, 0.32)
            box = (middle - half_x, height - half_y, middle + half_x, height + half_y)
            shade = self._box(box[0] + 0.012, box[1] + 0.016, box[2] + 0.012, box[3] + 0.016)
            self._cover(0.35 * shade, self._mix(1.0, 0.5))
            self._cover(self._box(*box), self._mix(1.0, 0.45))
            self._cover(
                self._box(box[0] + 0.01, box[1] + 0.01, box[2] - 0.01, box[3] - 0.01),
                (0.95, 0.94, 0.91),
            )
            for tone in (0.9, 0.5):
                across, down = self._uniform(-0.02, 0.02), self._uniform(-0.03, 0.03)
                spot = self._disk(middle + across, height + down, 0.028, 0.04)
                self._cover(spot, self._mix(tone, 0.9))

    def _paint_shelf(self, side: int) -> None:
        near, far = self._beside(side, 0.42), self._beside(side, 0.98)
        left, right = min(near, far), max(near, far)
        wood = self._mix(0.85, 0.62)
        self._cover(self._box(left, 0.06, right, 1.2), wood)
        board = self._mix(0.7, 0.95)
        step = 0.22
        for level in range(5):
            bottom = 0.28 + step * level
            self._cover(
                self._box(left + 0.015, bottom - step + 0.03, right - 0.015, bottom),
                self._mix(1.0, 0.42),
            )
            self._fill_with_books(left + 0.02, right - 0.02, bottom, step - 0.06)
            self._cover(self._box(left, bottom, right, bottom + 0.018), board)
        self._cover(self._box(left - 0.012, 0.05, left + 0.012, 1.2), board)
        self._cover(self._box(right - 0.012, 0.05, right + 0.012, 1.2), board)

    def _fill_with_books(self, left: float, right: float, bottom: float, room: float) -> None:
        at = left
        while at < right - 0.03:
            thick = self._uniform(0.012, 0.03)
            if self._chance(0.16):
                at += self._uniform(0.03, 0.09)
                continue
            high = room * self._uniform(0.65, 1.0)
            tone = self._book_color()
            self._cover(self._box(at, bottom - high, min(at + thick, right), bottom), tone)
            at += thick + 0.002

    def _book_color(self) -> Paint:
        palette = (
            (0.78, 0.72, 0.62), (0.36, 0.42, 0.5), (0.62, 0.34, 0.28), (0.42, 0.5, 0.42),
            (0.85, 0.82, 0.76), (0.72, 0.58, 0.36), (0.3, 0.28, 0.3),
        )  # fmt: skip
        chosen = palette[int(self._uniform(0, len(palette) - 1e-6))]
        own = np.asarray(chosen, np.float32)
        return own + np.float32(0.35) * (self._mix(0.8) - own)

    def _paint_sideboard(self, side: int) -> None:
        near, far = self._beside(side, 0.4), self._beside(side, 1.1)
        left, right = min(near, far), max(near, far)
        self._cover(self._box(left, 0.7, right, 1.2), self._mix(0.9, 0.6))
        self._cover(self._box(left - 0.01, 0.685, right + 0.01, 0.705), self._mix(0.75, 0.85))
        self._cover(self._box((left + right) / 2 - 0.004, 0.72, (left + right) / 2 + 0.004, 1.2),
                    self._mix(1.0, 0.4))  # fmt: skip
        self._fill_with_books(left + 0.1, left + 0.3, 0.686, 0.14)
        middle = self._beside(side, 0.62)
        frame = (middle - 0.16, 0.12, middle + 0.16, 0.46)
        self._cover(self._box(*frame), self._mix(1.0, 0.5))
        self._cover(
            self._box(frame[0] + 0.014, frame[1] + 0.014, frame[2] - 0.014, frame[3] - 0.014),
            self._mix(-0.15, 1.05),
        )
        for tone, across in ((0.5, -0.05), (1.0, 0.05)):
            self._cover(0.8 * self._disk(middle + across, 0.31, 0.07, 0.09), self._mix(tone, 0.95))

    def _paint_lamp(self, side: int) -> None:
        x, y = self._beside(side, self._uniform(0.34, 0.37)), self._uniform(0.3, 0.36)
        glow = np.exp(-((self._x - x) ** 2 + (self._y - y) ** 2) / 0.05)
        self.canvas += (0.28 * glow)[..., None] * np.array([1.0, 0.82, 0.55], np.float32)
        self._cover(self._box(x - 0.005, y, x + 0.005, 1.1), self._mix(1.0, 0.35))
        half = 0.04 + 0.25 * (self._y - y + 0.06)
        shade = self._box(-1, y - 0.06, 9, y + 0.07) * np.clip(
            (half - np.abs(self._x - x)) * _DRAFT / 2, 0, 1
        )
        self._cover(shade, (1.0, 0.93, 0.78))

    def _paint_plant(self, side: int) -> None:
        x, y = self._beside(side, self._uniform(0.4, 0.46)), self._uniform(0.74, 0.82)
        for _ in range(16):
            turn, reach = self._uniform(-1.25, 1.25), self._uniform(0.12, 0.26)
            tip_x, tip_y = x + reach * math.sin(turn), y - reach * math.cos(turn)
            green, warm = self._uniform(0.3, 0.55), self._uniform(0.4, 0.7)
            self._leaf((x, y), (tip_x, tip_y), (warm * green, green, 0.55 * green))
        half = 0.055 - 0.12 * (self._y - y)
        pot = self._box(-1, y, 9, y + 0.12) * np.clip(
            (half - np.abs(self._x - x)) * _DRAFT / 2, 0, 1
        )
        self._cover(pot, self._mix(0.6, 0.8))
        self._cover(self._box(x - 0.13, y + 0.12, x + 0.13, y + 0.14), self._mix(0.8, 0.7))
        for leg in (-0.11, 0.11):
            self._cover(
                self._box(x + leg - 0.006, y + 0.14, x + leg + 0.006, 1.2), self._mix(0.9, 0.6)
            )

    def _leaf(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        color: tuple[float, float, float],
    ) -> None:
        axis = np.array([end[0] - start[0], end[1] - start[1]], np.float32)
        length = float(np.hypot(*axis))
        across, down = self._x - start[0], self._y - start[1]
        along = (across * axis[0] + down * axis[1]) / length**2
        aside = np.abs(across * axis[1] - down * axis[0]) / length
        width = 0.022 * np.sqrt(np.clip(along * (1 - along) * 4, 0, 1))
        inside = np.clip((width - aside) * _DRAFT / 2 + 0.5, 0, 1) * (along > 0) * (along < 1)
        self._cover(inside.astype(np.float32), color)

    def _disk(self, x: float, y: float, half_x: float, half_y: float) -> Paint:
        inside = 1 - np.hypot((self._x - x) / half_x, (self._y - y) / half_y)
        return np.clip(inside * half_x * _DRAFT / 2 + 0.5, 0, 1).astype(np.float32)

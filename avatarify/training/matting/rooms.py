"""Rooms that never were: parts of other rooms, made-up furniture, all more or less out of focus."""

from collections.abc import Callable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.animation.face.matte_frame import SIDE
from avatarify.frames import Image

Picture = NDArray[np.float32]
"""(S, S, 3), RGB in [0, 1]."""

Colour = Callable[[], NDArray[np.floating]]
"""Draws a colour (3,) of the person: rooms of the same colour are what is hard."""

_MOST_THINGS = 9
_ROOM, _THING = 0.7, 0.4
"""Chances that a surface is part of a room, and that a thing has a surface and not one colour."""


class RoomMaker:
    """Draws rooms without end."""

    def __init__(self, rooms: Sequence[Image]) -> None:
        """Take rooms to cut up, each RGB (S, S, 3)."""
        self._rooms = rooms

    def room(self, chance: np.random.Generator, colour: Colour) -> Picture:
        """Draw a room."""
        room = self._surface(chance)
        for _ in range(int(chance.integers(0, _MOST_THINGS))):
            share = _thing(chance)[..., None] * np.float32(chance.uniform(0.4, 1.0))
            if chance.random() < _THING:
                paint = self._surface(chance)
            else:
                flat = colour() if chance.random() < 0.4 else chance.uniform(0.0, 1.0, 3)
                paint = np.broadcast_to(flat.astype(np.float32), room.shape)
            room = room + share * (paint - room)
        if chance.random() < 0.25:  # all of it in a colour of the person
            room = room + np.float32(0.7) * (colour() - room.mean(axis=(0, 1))).astype(np.float32)
        if chance.random() < 0.6:
            room = cv2.GaussianBlur(room, (0, 0), 0.3 + chance.gamma(1.5, 2.0)).astype(np.float32)
        return np.clip(room, 0.0, 1.0)

    def _surface(self, chance: np.random.Generator) -> Picture:
        if chance.random() < _ROOM:
            part = _part(chance, self._rooms[int(chance.integers(len(self._rooms)))])
            return recoloured(chance, part.astype(np.float32) / 255.0)
        count = int(chance.integers(2, 12))
        patches = chance.uniform(0.0, 1.0, (count, count, 3)).astype(np.float32)
        between = (cv2.INTER_NEAREST, cv2.INTER_LINEAR, cv2.INTER_CUBIC)[chance.integers(3)]
        pattern = np.asarray(cv2.resize(patches, (SIDE, SIDE), interpolation=between), np.float32)
        contrast, dark = np.float32(chance.uniform(0.1, 1.0)), np.float32(chance.uniform(0.0, 0.5))
        return np.clip(contrast * pattern + dark, 0.0, 1.0)


def recoloured(chance: np.random.Generator, picture: Picture, strength: float = 1.0) -> Picture:
    """Return a picture in another light, seen by another camera."""
    mixed = picture ** np.float32(np.exp(chance.normal(0.0, 0.25 * strength)))
    channels = np.eye(3) + chance.normal(0.0, 0.06 * strength, (3, 3))
    mixed = mixed @ channels.T.astype(np.float32)
    contrast = np.float32(np.exp(chance.normal(0.0, 0.15 * strength)))
    mixed = contrast * (mixed - np.float32(0.5)) + np.float32(
        0.5 + chance.normal(0.0, 0.06 * strength)
    )
    if chance.random() < 0.08:
        mixed = np.repeat(mixed.mean(axis=2, keepdims=True), 3, axis=2)
    return np.clip(mixed, 0.0, 1.0).astype(np.float32)


def _part(chance: np.random.Generator, room: Image) -> Image:
    """Cut out a part of a room, mirrored or upside down now and then."""
    height, width = room.shape[:2]
    share = chance.uniform(0.35, 1.0)
    rows, columns = max(1, int(share * height)), max(1, int(share * width))
    top, left = chance.integers(0, height - rows + 1), chance.integers(0, width - columns + 1)
    part = room[top : top + rows, left : left + columns]
    part = part[:, ::-1] if chance.random() < 0.5 else part
    part = part[::-1] if chance.random() < 0.25 else part
    return np.asarray(cv2.resize(part, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR), np.uint8)


def _thing(chance: np.random.Generator) -> Picture:
    """Return (S, S), how much a thing covers: an edge, a board, a lamp, whatever has corners."""
    cover, kind = np.zeros((SIDE, SIDE), np.uint8), chance.random()
    middle = chance.uniform(0.0, SIDE, 2)
    if kind < 0.35:
        slope = chance.uniform(-0.3, 0.3) if chance.random() < 0.6 else chance.uniform(0.0, np.pi)
        way = np.array([np.cos(slope), np.sin(slope)]) * SIDE * chance.uniform(0.3, 2.0)
        start, end = ((middle + sign * way).astype(int).tolist() for sign in (-1, 1))
        cv2.line(cover, start, end, 255, int(chance.integers(1, 14)))
    elif kind < 0.7:
        size = chance.uniform(6.0, 0.7 * SIDE, 2)
        box = cv2.boxPoints((middle.tolist(), size.tolist(), float(chance.normal(0.0, 8.0))))
        cv2.fillPoly(cover, [box.astype(np.int32)], 255)
    elif kind < 0.85:
        axes = chance.uniform(3.0, 0.3 * SIDE, 2).astype(int).tolist()
        turn = float(chance.uniform(0.0, 180.0))
        cv2.ellipse(cover, middle.astype(int).tolist(), axes, turn, 0.0, 360.0, 255, -1)
    else:
        corners = middle + chance.normal(0.0, 0.15 * SIDE, (int(chance.integers(3, 8)), 2))
        cv2.fillPoly(cover, [corners.astype(np.int32)], 255)
    soft = cv2.GaussianBlur(cover, (0, 0), chance.uniform(0.4, 2.0))
    return soft.astype(np.float32) / 255.0

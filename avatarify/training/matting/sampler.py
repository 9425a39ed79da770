"""Draws batches: people laid over rooms, as a network sees them around a face."""

from typing import NamedTuple

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from avatarify.animation.face.matte_frame import ODDS, SIDE, MatteFrame, Pixels, softened
from avatarify.animation.face.matte_prior import person_prior
from avatarify.frames import Image
from avatarify.geometry.face_mesh import OVAL
from avatarify.training.matting.people import Look, Person
from avatarify.training.matting.rooms import Picture, RoomMaker, recoloured
from avatarify.training.matting.settings import MatteSettings

_SCALE, _TURN, _SHIFT = 0.1, 0.12, 0.03
"""Standard deviations of how the square lies beside the right one: of the logarithm of its size, in
radians, and in its sides."""

_BEYOND = -0.8
"""What the landmarks' guess is taken for beyond a kept picture."""

_ENDS = ((0.25, 0.2), (0.2, 0.3), (0.2, 0.3), (0.35, 0.35))
"""Top, left, right, below: how often a picture ends within the square, and at most how far in."""

_LEAST_SHARE = 0.25
"""Where a person covers less of a pixel, the person's own colour is not told from it."""


class Batch(NamedTuple):
    """What one step learns from."""

    seen: Tensor
    """(B, 6, S, S), as `networks/matte_net.py` wants it."""
    matte: Tensor
    """(B, 1, S, S), in [0, 1]."""
    here: Tensor
    """(B, 1, S, S), 1 where there is a picture, 0 beyond its edges."""


class _Cast(NamedTuple):
    """A look, with what is found once."""

    look: Look
    colours: Image
    """The person's own, also where room shines through."""
    prior: Picture
    inside: NDArray[np.uint8]
    is_filmed: bool


class MatteSampler:
    """Draws batches without end; a step's number decides what is drawn."""

    def __init__(self, people: list[Person], settings: MatteSettings) -> None:
        """Take people, at least one."""
        cast = [tuple(_cast(look, person) for look in person.looks) for person in people]
        drawn = [looks for looks in cast if not looks[0].is_filmed]
        filmed = [looks for looks in cast if looks[0].is_filmed]
        self._settings, self._filmed, self._drawn = settings, filmed or drawn, drawn or filmed
        self._rooms = RoomMaker([one.look.room for looks in cast for one in looks])

    def draw(self, count: int, step: int) -> Batch:
        """Draw a step's pictures."""
        chance = np.random.default_rng((self._settings.seed, step))
        rows = [self._draw(chance) for _ in range(count)]
        return Batch(*(torch.from_numpy(np.stack(plane)) for plane in zip(*rows, strict=True)))

    def _draw(self, chance: np.random.Generator) -> tuple[Picture, Picture, Picture]:
        group = self._drawn if chance.random() < self._settings.drawn_share else self._filmed
        looks = group[chance.integers(len(group))]
        one = looks[chance.integers(len(looks))]
        laid = _Laid(chance, one)
        matte = laid(softened(one.look.matte, laid.scale)).astype(np.float32) / 255.0
        picture = self._picture(chance, one, laid, matte)
        here = laid(one.look.here, flags=cv2.INTER_NEAREST).astype(np.float32) / 255.0
        _end(chance, here)
        picture = _photographed(chance, picture) * here[..., None]
        inside = laid(one.inside, flags=cv2.INTER_NEAREST)
        prior = laid(one.prior, beyond=_BEYOND)
        planes = [picture, here, inside, prior]
        seen = np.dstack(planes).astype(np.float32).transpose(2, 0, 1)
        return np.ascontiguousarray(seen), matte[None], here[None]

    def _picture(
        self, chance: np.random.Generator, one: _Cast, laid: "_Laid", matte: Picture
    ) -> Picture:
        if one.is_filmed and chance.random() < self._settings.kept_room_share:
            own = laid(softened(one.look.picture, laid.scale)).astype(np.float32) / 255.0
            return recoloured(chance, own, 0.8)
        colours = laid(softened(one.colours, laid.scale)).astype(np.float32) / 255.0
        colours = recoloured(chance, colours, 0.8)
        rows, columns = np.nonzero(matte > 0.9)

        def colour() -> NDArray[np.floating]:
            if not len(rows):
                return chance.uniform(0.0, 1.0, 3)
            place = chance.integers(len(rows))
            near = colours[rows[place], columns[place]] + chance.normal(0.0, 0.05, 3)
            return np.clip(near, 0.0, 1.0)

        room = self._rooms.room(chance, colour)
        share = matte[..., None]
        return colours * share + room * (1.0 - share)


class _Laid:
    """Where the square lies on a kept picture this time."""

    def __init__(self, chance: np.random.Generator, one: _Cast) -> None:
        frame = MatteFrame.of(one.look.landmarks)
        middle = (SIDE / 2 - frame.to_square[:, 2]) / frame.scale
        scale = frame.scale * np.exp(chance.normal(0.0, _SCALE))
        turn = chance.normal(0.0, _TURN)
        cosine, sine = np.cos(turn), np.sin(turn)
        ways = scale * np.array([[cosine, -sine], [sine, cosine]])
        if chance.random() < 0.5:
            ways[0] = -ways[0]
        end = SIDE / 2 + chance.normal(0.0, _SHIFT * SIDE, 2)
        self._matrix = np.column_stack([ways, end - ways @ middle])
        self.scale = float(scale)

    def __call__(self, plane: Pixels, flags: int = cv2.INTER_LINEAR, beyond: float = 0.0) -> Pixels:
        laid = cv2.warpAffine(
            plane, self._matrix, (SIDE, SIDE), flags=flags,
            borderMode=cv2.BORDER_CONSTANT, borderValue=beyond,
        )  # fmt: skip
        return np.asarray(laid)


def _cast(look: Look, person: Person) -> _Cast:
    prior = person_prior(look.landmarks, look.matte.shape[:2])
    share = look.matte.astype(np.float32)[..., None] / 255.0
    room = look.room.astype(np.float32)
    own = (look.picture.astype(np.float32) - (1.0 - share) * room) / np.maximum(share, _LEAST_SHARE)
    colours = np.clip(own, 0, 255).astype(np.uint8)
    inside = np.zeros(look.matte.shape, np.uint8)
    cv2.fillPoly(inside, [np.round(look.landmarks[list(OVAL), :2]).astype(np.int32)], 1)
    odds = (prior.log_odds / np.float32(ODDS)).astype(np.float32)
    return _Cast(look, colours, odds, inside, not person.is_drawn)


def _end(chance: np.random.Generator, here: Picture) -> None:
    """Let the picture end within the square, in place."""
    depths = [
        int(chance.uniform(0.0, most) * SIDE) if chance.random() < often else 0
        for often, most in _ENDS
    ]
    top, left, right, below = depths
    here[:top], here[:, :left] = 0.0, 0.0
    here[:, SIDE - right :], here[SIDE - below :] = 0.0, 0.0


def _photographed(chance: np.random.Generator, picture: Picture) -> Picture:
    """Return what a webcam and its compression make of a picture."""
    contrast = np.float32(np.exp(chance.normal(0.0, 0.15)))
    picture = contrast * (picture - np.float32(0.5)) + np.float32(0.5 + chance.normal(0.0, 0.05))
    if chance.random() < 0.35:
        picture = cv2.GaussianBlur(picture, (0, 0), chance.uniform(0.3, 1.6)).astype(np.float32)
    if chance.random() < 0.5:
        noise = chance.standard_normal(picture.shape, np.float32)
        picture = picture + np.float32(chance.uniform(0.0, 0.04)) * noise
    picture = np.clip(picture, 0.0, 1.0)
    if chance.random() < 0.3:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(chance.integers(25, 90))]
        _, packed = cv2.imencode(".jpg", (255.0 * picture).astype(np.uint8), quality)
        picture = np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.float32) / 255.0
    return picture.astype(np.float32)

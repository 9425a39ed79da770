"""Which pixels of a portrait are the person: face, hair, clothes, whatever is worn.

Made once per portrait: the landmarks say where a person is likely to be, colours and edges of a
small copy of the picture find the outline, and the rim is refined at full size.
"""

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.animation.face.backdrop import fill_backdrop
from avatarify.animation.face.matte_cut import cut_person
from avatarify.animation.face.matte_edge import soft_rim
from avatarify.animation.face.matte_frame import MatteFrame
from avatarify.animation.face.matte_network import shipped_matte_network
from avatarify.animation.face.matte_prior import (
    SUREST,
    PersonPrior,
    height_of_face,
    person_prior,
    surely_face,
)
from avatarify.animation.face.matte_rim import shared_rim
from avatarify.animation.face.matte_shape import one_piece, signed_distance, with_enclosed
from avatarify.frames import Image
from avatarify.geometry.face_mesh import CHIN, FOREHEAD

Plane = NDArray[np.float32]

_FACE_AT_WORK = 96.0
_SIDE_AT_WORK = 360.0
"""The outline is looked for at most at this size of face and picture, in pixels."""

_HAIR_RIM = 0.05
_SMOOTH_RIM = 0.014
"""Half widths of the rim that is refined, in heights of the face."""

_STRANDS = 0.35
"""So far outside of the outline single strands are looked for, in heights of the face."""

_SURE_ROOM = (-4.0, -2.0)
"""Log odds of the network: below the first nothing is the person's, above the second all can be."""

_BESIDE_HEAD, _FADES_ABOVE = 3.0, 0.2
"""Beside a head the network knows more than beside dark clothes: odds must be so much higher there,
from so far above the chin on, in heights of the face."""

_STRAND = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))
"""Strands are kept so far outside of what it takes for the person, in pixels of its square: 0.02
heights of the face."""

_GENEROUS = 0.006
"""The outline is moved out by this: some room carried along shows less than hair cut off."""


def person_matte(
    picture: Image, landmarks: NDArray[np.floating], *, has_network: bool = True
) -> NDArray[np.uint8]:
    """Find the person in a portrait.

    Args:
        picture: RGB (H, W, 3).
        landmarks: (478, 3) in pixels of the picture, 0 its upper left corner.
        has_network: Whether the shipped network is asked too, where there is one.

    Returns:
        (H, W), 255 where the person is, 0 where the room is, in between where a pixel is both.
    """
    seen, prior = _at_work(picture, landmarks)
    network = shipped_matte_network() if has_network else None
    told = None if network is None else network.log_odds(picture, landmarks)
    if told is not None:
        prior = _told(prior, *told, picture.shape[1])
    rim = _spread(prior, _HAIR_RIM)
    strands = _spread(prior, _STRANDS)
    whole = one_piece(cut_person(seen, prior), prior.is_face, prior.face_height)
    tall = prior.face_height
    fine = soft_rim(seen, signed_distance(whole), rim * tall, strands * tall)
    whole = with_enclosed(whole, fine, tall)
    size, tall = picture.shape[:2], height_of_face(landmarks)
    outline = signed_distance(_enlarged(whole, size)) + np.float32(_GENEROUS * tall)
    widths = [_enlarged(width, size) * np.float32(tall) for width in (rim, strands)]
    near = _around(outline > -widths[1].max())
    alpha = np.zeros(size, np.float32)
    alpha[near] = soft_rim(picture[near], outline[near], *(width[near] for width in widths))
    if told is not None:
        alpha *= _not_surely_room(*told, landmarks, (size[0], size[1]))
    matte = np.round(alpha * 255.0).astype(np.uint8)
    return _explained(picture, shared_rim(picture, matte, tall))


def _at_work(picture: Image, landmarks: NDArray[np.floating]) -> tuple[Image, PersonPrior]:
    """The picture at the size at which the outline is looked for, and what to expect there."""
    height, width = picture.shape[:2]
    face_height = height_of_face(landmarks)
    scale = min(1.0, _FACE_AT_WORK / face_height, _SIDE_AT_WORK / max(height, width))
    size = (max(8, round(height * scale)), max(8, round(width * scale)))
    points = landmarks * (size[1] / width, size[0] / height, scale)
    small = cv2.resize(picture, size[::-1], interpolation=cv2.INTER_AREA)
    return small.astype(np.uint8), person_prior(points, size)


def _told(prior: PersonPrior, odds: Plane, frame: MatteFrame, width: int) -> PersonPrior:
    """Let a network, which sees the picture, say what landmarks alone can only guess.

    Args:
        prior: What landmarks say.
        odds: What the network says, in its square.
        frame: Where that lies in the picture.
        width: Of the picture, in pixels.
    """
    size = prior.log_odds.shape
    seen, counts = frame.back(odds, (size[0], size[1]), size[1] / width)
    seen = np.clip(seen, -SUREST, SUREST)
    told = prior.log_odds + counts * (seen - prior.log_odds)
    is_face = surely_face(prior.is_face, prior.face_height)
    told[is_face] = SUREST
    return replace(prior, log_odds=told.astype(np.float32), is_face=is_face)


def _not_surely_room(
    odds: Plane, frame: MatteFrame, landmarks: NDArray[np.floating], size: tuple[int, int]
) -> Plane:
    """Return (H, W), 0 where the network is sure of the room, else 1.

    What is thin and leads from a head into the room is a shelf. Close to the head it is a strand,
    which the network does not see.
    """
    seen, counts = frame.back(cv2.dilate(odds, _STRAND).astype(np.float32), size, 1.0)
    first, last = _SURE_ROOM
    seen = seen - _BESIDE_HEAD * _above_chin(landmarks, size)
    return 1.0 - counts * (1.0 - np.clip((seen - first) / (last - first), 0.0, 1.0))


def _above_chin(landmarks: NDArray[np.floating], size: tuple[int, int]) -> Plane:
    """Return (H, W), 0 below the chin, and 1 from a part of the face's height above it on."""
    chin = landmarks[CHIN, :2].astype(np.float32)
    up = landmarks[FOREHEAD, :2].astype(np.float32) - chin
    y, x = np.indices(size, np.float32)
    height = ((x - chin[0]) * up[0] + (y - chin[1]) * up[1]) / np.maximum(up @ up, np.float32(1.0))
    return np.clip(height / _FADES_ABOVE, 0.0, 1.0)


def _around(mask: NDArray[np.bool_]) -> tuple[slice, slice]:
    """Rows and columns of the smallest rectangle that holds all of a mask, and some more."""
    sides = []
    for axis in (1, 0):
        places = np.flatnonzero(mask.any(axis=axis))
        more = round(0.1 * max(mask.shape))
        sides.append(slice(max(0, places[0] - more), places[-1] + 1 + more))
    return sides[0], sides[1]


def _explained(picture: Image, matte: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Raise a matte to where person and room can make the picture between them.

    A pixel darker than its share of the backdrop, or too bright for it, holds more of the person.
    """
    seen = picture.astype(np.float32)
    room = fill_backdrop(picture, matte).astype(np.float32)
    darker = 1.0 - (seen / np.maximum(room, 1.0)).min(axis=2)
    brighter = ((seen - room) / np.maximum(255.0 - room, 1.0)).max(axis=2)
    least = np.ceil(255.0 * np.clip(np.maximum(darker, brighter), 0.0, 1.0))
    return np.where(matte > 0, np.maximum(matte, least), 0).astype(np.uint8)


def _spread(prior: PersonPrior, at_hair: float) -> Plane:
    """(H, W), a width in heights of the face: wide at hair, narrow at jaw, neck and clothes."""
    width = np.where(prior.has_hair, np.float32(at_hair), np.float32(_SMOOTH_RIM))
    return cv2.GaussianBlur(width, (0, 0), 0.05 * prior.face_height).astype(np.float32)


def _enlarged(plane: Plane, size: tuple[int, int]) -> Plane:
    return cv2.resize(plane, size[::-1], interpolation=cv2.INTER_CUBIC).astype(np.float32)

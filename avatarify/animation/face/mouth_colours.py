"""The colours of a mouth that nobody has seen open, from the portrait's own skin and lips.

Everything is derived by multiplication and powers, so that a grey portrait gets a grey mouth, a
bronze one a bronze mouth, and a dark scene a dark one.
"""

from itertools import pairwise
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.frames import Image
from avatarify.geometry.face_mesh import EYES, INNER_LIPS, OUTER_LIPS
from avatarify.geometry.face_motion import face_unit

Colour = NDArray[np.float32]

_CHEEKS = (50, 280, 205, 425, 101, 330, 36, 266, 207, 427)


_MOST_TINTED = 0.27
"""Teeth have no more saturation than this, whatever the light."""

_TONGUE_TINT = 0.42
"""Tongues have at least this saturation, as far as lips and skin are not grey."""

_WHITER_THAN_EYES = 1.1
"""Teeth are at least so much brighter than the whites of the eyes: 1.15 to 1.6 times on drivers."""

_FEWEST_WHITES = 12
"""Pixels of an eye's white that tell its brightness, at least."""

_JUDGED_UNIT = 140.0
"""Pixels between the outer eye corners at which blur is judged."""


class MouthColours(NamedTuple):
    """RGB (3,), 0 to 255, as under the light that falls on the face."""

    skin: Colour
    lips: Colour
    teeth: Colour
    gums: Colour
    tongue: Colour
    cavity: Colour


def mouth_colours(picture: Image, landmarks: NDArray[np.floating]) -> MouthColours:
    """Guess the colours of a mouth from the face around it."""
    skin = _median_around(picture, landmarks[list(_CHEEKS), :2])
    lips = np.minimum(_lip_colour(picture, landmarks), 1.05 * skin)
    teeth = _teeth(skin, _eye_whites(picture, landmarks))
    return MouthColours(
        skin,
        lips,
        teeth,
        0.58 * lips + 0.42 * skin,
        _tongue(skin, lips, teeth),
        _cavity(lips),
    )


def bounced_light(lips: Colour) -> Colour:
    """Return (3,), 0 to 1: how much of each colour the flesh around throws into the shadows.

    Shaded by L, a tooth keeps L · (b + (1 − b) · L) of its colour: warm where lips are red.
    """
    return (0.4 + 0.6 * lips / max(float(lips.max()), 1.0)).astype(np.float32)


def between_lips(lips: Colour) -> Colour:
    """Return (3,), the line between shut lips: darker and redder, as on twelve drivers."""
    return (0.76 * lips * (lips / max(float(lips.max()), 1.0)) ** 0.5).astype(np.float32)


def _teeth(skin: Colour, whites: float) -> Colour:
    """Ivory under the same light: brighter than skin, the more so the darker that is.

    Whether skin is dark or badly lit is told by the brightness of the eyes' whites, 0 to 255.

    The powers are those between skin and teeth of five drivers: 0.35 for green, 0.5 for blue.
    """
    bright = float(skin.max())
    hue = skin / max(bright, 1.0)
    tint = np.clip(hue, 0.05, 1.0) ** np.array([0.35, 0.35, 0.5])
    tint = 1.0 - (1.0 - tint) * min(1.0, _MOST_TINTED / max(1.0 - float(tint.min()), 1e-6))
    ivory = max(bright * (1.55 - 0.55 * bright / 255.0), _WHITER_THAN_EYES * whites)
    return np.clip(ivory, 0, 246) * tint


def _eye_whites(picture: Image, landmarks: NDArray[np.floating]) -> float:
    """Return how bright the whites of the eyes are, 0 to 255; 0 where too little of them is seen.

    The brighter part of what is between the lids and beside the iris: the rest is in their shadow.
    """
    found = []
    for eye in EYES:
        mask = np.zeros(picture.shape[:2], np.uint8)
        loop = np.round((landmarks[list(eye.loop), :2] - 0.5) * 16).astype(np.int32)
        cv2.fillPoly(mask, [loop], 1, cv2.LINE_8, 4)
        radius = float(np.linalg.norm(landmarks[eye.rim[0], :2] - landmarks[eye.iris, :2]))
        centre = np.round(landmarks[eye.iris, :2] - 0.5).astype(int).tolist()
        cv2.circle(mask, centre, int(np.ceil(1.05 * radius)), 0, -1)
        light = picture[mask > 0].max(axis=1, initial=0)
        if len(light) >= _FEWEST_WHITES:
            found.append(float(np.percentile(light, 80)))
    return float(np.mean(found)) if found else 0.0


def _tongue(skin: Colour, lips: Colour, teeth: Colour) -> Colour:
    """As bright as lips are, or 0.72 of teeth, in the mean; never paler than skin, nor yellower.

    So are the tongues of five drivers, and lips that are dark themselves do not darken it wholly.
    """
    around = skin / max(float(skin.max()), 1.0)
    hue = np.minimum(lips / max(float(lips.max()), 1.0), around**1.25)
    hue[2] = max(hue[2], hue[1] * min(1.0, 1.2 * around[2] / max(around[1], 1e-6)))
    paleness = float(np.log(1.0 - _TONGUE_TINT) / np.log(np.clip(hue.min(), 0.05, 0.99)))
    hue = hue ** np.clip(paleness, 1.0, 1.5)
    return (0.5 * float(lips.max()) + 0.36 * float(teeth.max())) * hue


def _cavity(lips: Colour) -> Colour:
    return 0.33 * lips * (lips / max(float(lips.max()), 1.0)) ** 0.35


def softness(picture: Image, landmarks: NDArray[np.floating]) -> float:
    """Return how blurred a face is: a sigma, in distances of the outer eye corners, 0 to 0.02.

    The finer two octaves of detail are compared with the fourth; a sharp face (140 pixels between
    the eye corners) scores 1.0, and 1.36, 1.68, 1.9 after blurs of 1, 2 and 3 pixels.
    """
    unit = face_unit(landmarks)
    low = np.clip(landmarks[:, :2].min(axis=0), 0, None).astype(int)
    high = landmarks[:, :2].max(axis=0).astype(int)
    face = picture[low[1] : high[1] + 1, low[0] : high[0] + 1]
    if min(face.shape[:2]) < 8:
        return 0.0
    scale = _JUDGED_UNIT / unit
    kind = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    scaled = cv2.resize(face, None, fx=scale, fy=scale, interpolation=kind)
    grey = cv2.cvtColor(scaled, cv2.COLOR_RGB2GRAY).astype(np.float32)
    scales = [grey] + [cv2.GaussianBlur(grey, (0, 0), 2.0**k) for k in range(4)]
    octaves = [float(np.mean(np.abs(a - b))) for a, b in pairwise(scales)]
    lost = [np.log(max(octaves[3], 1e-3) / max(octaves[k], 1e-3)) for k in (0, 1)]
    score = (lost[0] + 2 * lost[1]) / 3
    return float(np.clip(3.0 * (score - 1.0), 0.0, 3.0)) / _JUDGED_UNIT


def _median_around(picture: Image, points: NDArray[np.floating]) -> Colour:
    height, width = picture.shape[:2]
    reach = max(1, round(min(height, width) / 170))
    patches = []
    inner = np.clip(np.floor(points), reach, [width - 1 - reach, height - 1 - reach])
    for x, y in inner.astype(int).tolist():
        patch = picture[y - reach : y + reach + 1, x - reach : x + reach + 1]
        patches.append(patch.reshape(-1, 3).mean(axis=0))
    return np.median(patches, axis=0).astype(np.float32)


def _lip_colour(picture: Image, landmarks: NDArray[np.floating]) -> Colour:
    mask = np.zeros(picture.shape[:2], np.uint8)
    for loop, value in ((OUTER_LIPS, 1), (INNER_LIPS, 0)):
        cv2.fillPoly(mask, [np.round(landmarks[list(loop), :2] - 0.5).astype(np.int32)], value)
    seen = picture[mask > 0]
    if len(seen) < 8:
        return _median_around(picture, landmarks[[0, 17], :2])
    return np.median(seen, axis=0).astype(np.float32)

"""People made of plain colours: a face, hair around it, ears or a beard, a neck and a collar."""

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.animation.face.head_outline import HeadOutline, head_outline
from avatarify.geometry.face_mesh import CHIN, FOREHEAD, OVAL

SKIN, HAIR, CLOTH = (220, 170, 140), (60, 40, 30), (240, 240, 250)
BEYOND = 1.4
"""Where the hair of these heads ends, in sizes of the face's outline."""


def oval_of(landmarks: NDArray[np.floating], size: float = 1.0) -> NDArray[np.int32]:
    """Return (36, 2), the face's outline, enlarged about its middle."""
    oval = landmarks[list(OVAL), :2]
    middle = oval.mean(axis=0)
    return np.round(middle + size * (oval - middle)).astype(np.int32)


def round_head(
    landmarks: NDArray[np.floating],
    size: tuple[int, int],
    *,
    has_ears: bool = False,
    is_long: bool = False,
    beard: float = 0.0,
    jaw: float = 1.0,
    hair_ends: float | None = None,
) -> NDArray[np.uint8]:
    """Return RGBA (H, W, 4): a person of plain colours around given landmarks.

    Args:
        landmarks: (478, 3) in pixels.
        size: (H, W).
        has_ears: Whether ears stand out of the hair.
        is_long: Whether hair hangs to the shoulders.
        beard: Where it ends, in sizes of the face's outline.
        jaw: Where the jaw ends, likewise.
        hair_ends: The row below which no hair is beside the face; the lobes of the ears by default.
    """
    person = np.zeros((*size, 4), np.uint8)
    high = float(landmarks[CHIN, 1] - landmarks[FOREHEAD, 1])
    x, chin = (float(v) for v in landmarks[CHIN, :2])

    def box(half: float, top: float, bottom: float, colour: tuple[int, int, int]) -> None:
        left, right = round(x - half * high), round(x + half * high)
        person[max(0, round(top)) : max(0, round(bottom)), max(0, left) : right] = (*colour, 255)

    crown = person.copy()
    cv2.fillPoly(crown, [oval_of(landmarks, BEYOND)], (*HAIR, 255))
    bottom = landmarks[[132, 361], 1].mean()
    crown[round(bottom if hair_ends is None else hair_ends) :] = 0
    np.copyto(person, crown, where=crown[..., 3:] > 0)
    if is_long:
        box(0.62, bottom, chin + 0.4 * high, HAIR)
    box(0.25, bottom, chin + 0.5 * high, SKIN)
    box(1.2, chin + 0.3 * high, size[0], CLOTH)
    if has_ears:
        for point in (127, 356):
            y, side = float(landmarks[point, 1]), float(np.sign(landmarks[point, 0] - x))
            middle = round(float(landmarks[point, 0] + side * 0.08 * high)), round(y)
            axes = round(0.22 * high), round(0.12 * high)
            cv2.ellipse(person, middle, axes, 0.0, 0.0, 360.0, (*SKIN, 255), -1)
    if beard:
        mask = np.zeros(size, np.uint8)
        cv2.fillPoly(mask, [oval_of(landmarks, beard)], 1)
        mask[: round(chin - 0.2 * high)] = 0
        person[mask > 0] = (*HAIR, 255)
    face = np.zeros(size, np.uint8)
    cv2.fillPoly(face, [oval_of(landmarks)], 1)
    low = np.zeros(size, np.uint8)
    cv2.fillPoly(low, [oval_of(landmarks, jaw)], 1)
    half = round(float(landmarks[list(OVAL), 1].mean()))
    face[half:] = low[half:]
    person[face > 0] = (*SKIN, 255)
    if beard:
        chin_hair = (face > 0) & (np.arange(size[0])[:, None] > chin - 0.15 * high)
        person[chin_hair] = (*HAIR, 255)
    return person


def round_outline(
    landmarks: NDArray[np.floating],
    size: tuple[int, int],
    *,
    is_long: bool = False,
    jaw: float = 1.0,
) -> HeadOutline:
    """Return where the front of such a head ends."""
    return head_outline(landmarks, round_head(landmarks, size, is_long=is_long, jaw=jaw))

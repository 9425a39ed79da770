"""Paints a portrait's eyes by compiled functions, where those paint what OpenCV does."""

import logging

import numpy as np

from avatarify.animation.face.eyes import (
    FULLNESS,
    SHUT_EDGE,
    SOFTNESS,
    STEEPNESS,
    THIN_GAP,
    Eye,
    Eyeballs,
)
from avatarify.animation.face.eyes_texture import DARKEST
from avatarify.animation.face.likeness import unlike
from avatarify.animation.native.eye import EyePaint, EyeStyle, NativeEye
from avatarify.animation.native.library import NativeLibrary, native_library
from avatarify.frames import Image
from avatarify.geometry.face_motion import read_motion
from avatarify.geometry.face_transfer import FaceTransfer, MovedFace

_LOG = logging.getLogger(__name__)

_STYLE = EyeStyle(
    darkest=float(DARKEST),
    steep=STEEPNESS,
    softness=SOFTNESS,
    fullness=FULLNESS,
    thin_gap=THIN_GAP,
    shut_edge=SHUT_EDGE,
)

_TRIALS = (
    ((1.0, 1.0), (0.0, 0.0), (0.0, 0.0, 0.0)),
    ((0.45, 0.6), (0.15, 0.03), (0.1, 0.4, 0.05)),
    ((0.08, 0.0), (0.0, 0.0), (0.0, 0.0, 0.0)),
    ((1.3, 0.8), (-0.25, -0.05), (-0.1, -0.4, 0.1)),
)
"""Faces that are painted to try the compiled functions: openings of both eyes, of what they are in
the portrait; gaze, in widths of an eye; and turn of the head, in radians."""


class NativeEyeballs:
    """Paints what `Eyeballs` does; a `Layer`."""

    def __init__(self, eyeballs: Eyeballs, library: NativeLibrary) -> None:
        """Take a portrait's eyes.

        Args:
            eyeballs: The eyes.
            library: The compiled functions.
        """
        self._eyes = [_compiled(eye, library) for eye in eyeballs.eyes]

    def draw(self, canvas: Image, face: MovedFace) -> None:
        """Paint both eyes, in place; see `Eyeballs.draw`."""
        for eye in self._eyes:
            eye.draw(canvas, face.landmarks, face.head)


def _compiled(eye: Eye, library: NativeLibrary) -> NativeEye:
    texture = eye.texture
    upper, lower = (
        np.dstack([shade[..., :3], edge[..., 3]])
        for shade, edge in zip(texture.shades, texture.rims, strict=True)
    )
    paint = EyePaint(
        white=texture.white,
        iris=texture.iris,
        own=texture.rims[0],
        lids=(upper, lower),
        lash=texture.lash,
        smooth=eye.smooth,
        thickness=eye.thickness,
    )
    return library.eye(eye.shape, paint, _STYLE)


def fastest_eyeballs(eyeballs: Eyeballs, transfer: FaceTransfer) -> Eyeballs | NativeEyeballs:
    """Return what paints a portrait's eyes: compiled, where that paints the same.

    Args:
        eyeballs: The eyes, painted by OpenCV.
        transfer: Moves the portrait, to try both.
    """
    library = native_library()
    if library is None:
        return eyeballs
    compiled = NativeEyeballs(eyeballs, library)
    rest = read_motion(transfer.portrait, transfer.portrait)
    motions = [
        rest._replace(lids=np.array(lids), gaze=np.array(gaze), turn=np.array(turn))
        for lids, gaze, turn in _TRIALS
    ]
    faces = [transfer(motion, transfer.portrait) for motion in motions]
    fault = unlike(_windows(compiled, eyeballs, faces), _windows(eyeballs, eyeballs, faces))
    if fault is None:
        return compiled
    _LOG.warning("OpenCV paints the eyes instead of the compiled functions: %s.", fault)
    return eyeballs


def _windows(
    painter: Eyeballs | NativeEyeballs, eyeballs: Eyeballs, faces: list[MovedFace]
) -> Image:
    """Paint faces, and return (1 + N, 1, 3), a black pixel and all those around their eyes.

    All together are compared: along the edge of one lid in one of them a row of pixels may fall to
    either side, as numbers are rounded.
    """
    seen = [np.zeros((1, 1, 3), np.uint8)]  # pictures of nothing could not be compared
    for face in faces:
        canvas = eyeballs.skin.copy()
        painter.draw(canvas, face)
        places = [eye.shape.find(face, canvas.shape[:2]) for eye in eyeballs.eyes]
        seen += [canvas[place.window].reshape(-1, 1, 3) for place in places if place is not None]
    return np.concatenate(seen)

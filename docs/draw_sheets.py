"""Draw the contact sheets of docs/evaluation: a rendered driver, and rendered portraits.

    avatarify render --stills STILLS --seed 7 --clips 10
    python docs/draw_sheets.py STILLS

Each row is a portrait, each column a moment of `assets/demo_motion.npz`: what the demo's rendered
driver does. His head turns by 25° at most, so the columns of yaw and pitch turn his landmarks at
rest in space. Nobody real is on these sheets. New heads are taken in as a user's pictures are, by
the face tracker, whatever the renderer knows of them.
"""

import argparse
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.animation.face.animator import FaceAnimator
from avatarify.animation.face.panels import landmark_picture
from avatarify.frames import Image
from avatarify.geometry.face_motion import neck_joint
from avatarify.geometry.likeness import most_alike
from avatarify.geometry.similarity import rotation_from_vector
from avatarify.media.image_file import read_image
from avatarify.media.motion_file import Motion, read_motion
from avatarify.session.avatars.avatar import Avatar
from avatarify.session.avatars.library import BUILT_IN_FOLDER
from avatarify.session.avatars.portrait_file import read_portrait
from avatarify.session.avatars.portrait_intake import take_in

ROOT = Path(__file__).resolve().parents[1]
MOTION = ROOT / "assets" / "demo_motion.npz"
FOLDER = ROOT / "docs" / "evaluation"
TILE = 250
MARGIN = 26
NEW_HEADS = 8
FRAMING = 1.75
"""Side of a tile over the larger side of the face."""

_QUALITY = 86
_SMILES = (44, 45)
_PUCKER = 38
_BLINKS = (9, 10)
_LOOKS = (13, 16)
"""Blendshapes: the right eye looks in, the left one out."""
_JAW = 25

Points = NDArray[np.floating]


class Moment(NamedTuple):
    """One column."""

    name: str
    landmarks: Points
    """(478, 3), the driver's."""


def moments(motion: Motion, rest: int) -> list[Moment]:
    """Choose what is shown of a driver.

    Args:
        motion: His.
        rest: The frame that is the driving reference.
    """

    def most(name: str, *shapes: int) -> Moment:
        return Moment(name, motion.landmarks[motion.blendshapes[:, shapes].sum(axis=1).argmax()])

    calm = motion.landmarks[rest]
    return [
        Moment("rest", calm),
        most("mouth open", _JAW),
        most("smile", *_SMILES),
        most("pucker", _PUCKER),
        most("blink", *_BLINKS),
        most("gaze aside", *_LOOKS),
        Moment("yaw -30", _turned(calm, yaw_deg=-30.0)),
        Moment("yaw +30", _turned(calm, yaw_deg=30.0)),
        Moment("pitch -15", _turned(calm, pitch_deg=-15.0)),
        Moment("pitch +15", _turned(calm, pitch_deg=15.0)),
    ]


def sheet(portraits: list[Avatar], motion: Motion) -> Image:
    """Move each portrait to each moment; the first row is the driver."""
    columns = moments(motion, 0)
    driver = [
        _tile(landmark_picture(np.zeros((*motion.size, 3), np.uint8), m.landmarks), m.landmarks)
        for m in columns
    ]
    rows = [driver, *(_row(portrait, motion) for portrait in portraits)]
    picture = np.vstack([np.hstack(row) for row in rows])
    page = np.full((picture.shape[0] + MARGIN, picture.shape[1], 3), 255, np.uint8)
    page[MARGIN:] = picture
    for index, moment in enumerate(columns):
        place = (index * TILE + 6, MARGIN - 8)
        cv2.putText(page, moment.name, place, cv2.FONT_HERSHEY_SIMPLEX, 0.55, (0, 0, 0), 1, 16)
    return page


def _row(portrait: Avatar, motion: Motion) -> list[Image]:
    assert portrait.landmarks is not None
    animator = FaceAnimator()
    animator.set_source(portrait.portrait(), portrait.backdrop)
    rest = most_alike(motion.landmarks, portrait.landmarks)
    animator.calibrate(motion.landmarks[rest])
    return [
        _tile(animator.animate(moment.landmarks), portrait.landmarks)
        for moment in moments(motion, rest)
    ]


def _turned(landmarks: Points, *, yaw_deg: float = 0.0, pitch_deg: float = 0.0) -> Points:
    """Turn a head about its neck."""
    joint = neck_joint(landmarks)
    turn = rotation_from_vector(np.radians([pitch_deg, yaw_deg, 0.0]))
    return (landmarks - joint) @ turn.T + joint


def _tile(picture: Image, landmarks: Points) -> Image:
    low, high = landmarks[:, :2].min(axis=0), landmarks[:, :2].max(axis=0)
    center, side = (low + high) / 2, FRAMING * float((high - low).max())
    to_tile = np.hstack([np.eye(2), (side / 2 - center)[:, None]]) * TILE / side
    flags = cv2.INTER_AREA if side > TILE else cv2.INTER_LINEAR
    if side > TILE:  # a whole blur first: warpAffine does not average
        picture = cv2.GaussianBlur(picture, (0, 0), 0.35 * side / TILE).astype(np.uint8)
    tile = cv2.warpAffine(
        picture, to_tile, (TILE, TILE), flags=flags, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(tile, np.uint8)


def _write_jpeg(path: Path, picture: Image) -> None:
    bgr = np.ascontiguousarray(picture[..., ::-1])
    _, packed = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    path.write_bytes(packed.tobytes())
    print(path, path.stat().st_size // 1024, "KiB")  # noqa: T201 - a script


def main() -> None:
    """Draw both sheets."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("stills", type=Path, help="folder that `avatarify render --stills` filled")
    arguments = parser.parse_args()
    motion = read_motion(MOTION)
    built_in = [read_portrait(path) for path in sorted(BUILT_IN_FOLDER.glob("*.png"))]
    _write_jpeg(FOLDER / "avatars.jpg", sheet(built_in, motion))
    stills = sorted(arguments.stills.glob("*.png"))[:NEW_HEADS]
    new = [take_in(read_image(path)).avatar(path.stem) for path in stills]
    _write_jpeg(FOLDER / "new_heads.jpg", sheet(new, motion))


if __name__ == "__main__":
    main()

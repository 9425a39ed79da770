"""A rendered head turned by an engine, against the renderer's own picture of that turn.

Nobody can photograph a portrait again from the side, but the renderer can: `avatarify render
--turns` draws the same person turned step by step, with exact landmarks and mattes. Both engines
are driven by that very series, calibrated at its frontal picture.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.animation.animator import PortraitAnimator
from avatarify.animation.face.animator import FaceAnimator, FacePortrait
from avatarify.errors import SettingsError
from avatarify.frames import Image
from avatarify.geometry.face_mesh import CHIN
from avatarify.media.image_file import read_image
from avatarify.tracking.crop import FACE_MARGIN, Crop, cut
from avatarify.training.evaluation.contact_sheet import contact_sheet

Mask = NDArray[np.bool_]

SIDE = 512
"""Side in pixels of the squares around the face in which pictures are compared."""

FAR_PX = 12
"""Background is compared this far from the head at least, in pixels of the whole picture."""

_LARGEST_PSNR_DB = 99.0


class Turns(NamedTuple):
    """One person, turned step by step; see `avatarify render --turns`."""

    name: str
    pictures: tuple[Image, ...]
    """RGB (H, W, 3) each."""
    rotation_deg: NDArray[np.float32]
    """(N, 3): yaw, pitch, roll."""
    landmarks: NDArray[np.float32]
    """(N, 478, 3) in pixels."""
    mattes: NDArray[np.uint8]
    """(N, H, W), 255 where the person is."""

    @property
    def frontal(self) -> int:
        """Number of the picture that is turned least."""
        return int(np.argmin(np.abs(self.rotation_deg).sum(axis=1)))

    @property
    def crop(self) -> Crop:
        """The square around the frontal face, in which motion models see it."""
        points = self.landmarks[self.frontal, :, :2]
        low, high = points.min(axis=0), points.max(axis=0)
        x, y = ((low + high) / 2).tolist()
        return Crop(x, y, FACE_MARGIN * float((high - low).max()))


class TurnScore(NamedTuple):
    """One turn of one person; decibels are PSNR inside the true face and hair."""

    name: str
    rotation_deg: tuple[float, float, float]
    face_db: float
    model_db: float
    still_db: float
    """Of the frontal picture, which does not turn."""
    room_db: float
    """The face engine's room against the still picture's, more than `FAR_PX` from the person."""
    squares: tuple[Image, Image, Image]
    """RGB (512, 512, 3) each: the truth, the face engine's picture, the model's."""


def read_turns(folder: Path) -> Turns:
    """Read one person's folder.

    Raises:
        SettingsError: It holds no turns.
        ImageError: A picture is missing or unreadable.
    """
    path = folder / "turns.npz"
    try:
        with np.load(path, allow_pickle=False) as arrays:
            rotation, landmarks = arrays["rotation_deg"], arrays["landmarks"]
            mattes = arrays["mattes"]
    except (OSError, KeyError, ValueError) as error:
        raise SettingsError(
            f"{folder} holds no turns of a head. Draw some with `avatarify render --turns FOLDER`."
        ) from error
    pictures = tuple(read_image(folder / f"{index:02d}.png") for index in range(len(rotation)))
    return Turns(folder.name, pictures, rotation, landmarks, mattes)


def score_turns(turns: Turns, model: PortraitAnimator) -> Iterator[TurnScore]:
    """Turn the frontal picture to every other one, by both engines.

    Args:
        turns: One person.
        model: A motion model, for comparison.
    """
    first, crop = turns.frontal, turns.crop
    still = turns.pictures[first]
    face = FaceAnimator()
    face.set_source(FacePortrait(still, turns.landmarks[first], turns.mattes[first]))
    face.calibrate(turns.landmarks[first])
    model.set_source(cut(still, crop, SIDE))
    model.calibrate(cut(still, crop, model.input_size))
    for index, truth in enumerate(turns.pictures):
        if index == first:
            continue
        painted = face.animate(turns.landmarks[index])
        matte = face.cut_out(turns.landmarks[index])[..., 3]
        squares = (
            cut(truth, crop, SIDE),
            cut(painted, crop, SIDE),
            _sized(model.animate(cut(truth, crop, model.input_size))),
        )
        head = _seen(head_mask(turns.mattes[index], turns.landmarks[index]), crop)
        yaw, pitch, roll = (float(angle) for angle in turns.rotation_deg[index])
        yield TurnScore(
            turns.name,
            (yaw, pitch, roll),
            psnr_inside_db(squares[1], squares[0], head),
            psnr_inside_db(squares[2], squares[0], head),
            psnr_inside_db(cut(still, crop, SIDE), squares[0], head),
            psnr_inside_db(painted, still, far_from(turns.mattes[first], matte)),
            squares,
        )


def head_mask(matte: NDArray[np.uint8], landmarks: NDArray[np.floating]) -> Mask:
    """Return where face and hair are: (H, W), the person above the chin.

    Args:
        matte: (H, W), 255 where the person is.
        landmarks: (478, 3) in pixels.
    """
    rows = np.arange(matte.shape[0])[:, None] + 0.5
    return (matte > 127) & (rows < landmarks[CHIN, 1])


def far_from(*mattes: NDArray[np.uint8]) -> Mask:
    """Return (H, W), more than `FAR_PX` pixels from every person of some mattes."""
    free = np.all([matte == 0 for matte in mattes], axis=0).astype(np.uint8)
    distance = cv2.distanceTransform(free, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.asarray(distance > FAR_PX)


def psnr_inside_db(picture: Image, truth: Image, mask: Mask) -> float:
    """Return 10 log₁₀ (255² / mean squared difference) inside a mask, at most 99."""
    difference = picture[mask].astype(np.float64) - truth[mask]
    squared = float((difference**2).mean()) if difference.size else 0.0
    return min(_LARGEST_PSNR_DB, 10.0 * float(np.log10(255.0**2 / max(squared, 1e-9))))


def turns_table(scores: list[TurnScore]) -> str:
    """Return the scores in Markdown, with their mean."""
    lines = [
        "| head | yaw, pitch | face engine dB | model dB | still dB | gain dB | room dB |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for score in scores:
        yaw, pitch, _ = score.rotation_deg
        lines.append(_row(score.name, f"{yaw:+.0f}°, {pitch:+.0f}°", score))
    means = [_mean(scores, of) for of in _COLUMNS]
    cells = [f"{value:.1f}" for value in means]
    return "\n".join([*lines, f"| mean | | {' | '.join(cells)} |"]) + "\n"


def turns_sheet(scores: list[TurnScore]) -> Image:
    """Return a contact sheet: a row for each turn; truth, face engine, model."""
    rows = {
        f"{score.name} {score.rotation_deg[0]:+.0f},{score.rotation_deg[1]:+.0f}": [*score.squares]
        for score in scores
    }
    return contact_sheet(["renderer", "face engine", "model"], rows)


_COLUMNS: tuple[Callable[[TurnScore], float], ...] = (
    lambda score: score.face_db,
    lambda score: score.model_db,
    lambda score: score.still_db,
    lambda score: score.face_db - score.model_db,
    lambda score: score.room_db,
)


def _mean(scores: list[TurnScore], of: Callable[[TurnScore], float]) -> float:
    return float(np.mean([of(score) for score in scores]))


def _row(name: str, turn: str, score: TurnScore) -> str:
    cells = [f"{of(score):.1f}" for of in _COLUMNS]
    return f"| {name} | {turn} | {' | '.join(cells)} |"


def _seen(mask: Mask, crop: Crop) -> Mask:
    picture = np.repeat(mask[..., None].astype(np.uint8) * 255, 3, axis=2)
    return np.asarray(cut(picture, crop, SIDE)[..., 0] > 127)


def _sized(picture: Image) -> Image:
    if picture.shape[0] == SIDE:
        return picture
    return np.asarray(cv2.resize(picture, (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.uint8)

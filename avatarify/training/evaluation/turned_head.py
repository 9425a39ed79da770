"""A rendered head turned by an engine, against the renderer's own picture of that turn.

Nobody can photograph a portrait again from the side, but the renderer can: `avatarify render
--turns` draws the same person turned step by step, with exact landmarks and mattes. Both engines
are driven by that very series, calibrated at its frontal picture.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.animation.animator import PortraitAnimator
from avatarify.animation.face.animator import FaceAnimator, FacePortrait
from avatarify.errors import SettingsError
from avatarify.frames import Image
from avatarify.geometry.face_mesh import CHIN, OVAL
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


class TurnedLikeness(NamedTuple):
    """How near one picture of a turned head comes to the truth."""

    head_db: float
    """PSNR inside the true face and hair."""
    face_db: float
    """PSNR inside the outline of the true face."""
    detail: float
    """Fine detail (mean of |Laplacian|) inside face and hair over the truth's: blur has little."""


class TurnScore(NamedTuple):
    """One turn of one person."""

    name: str
    rotation_deg: tuple[float, float, float]
    face: TurnedLikeness
    """Of the face engine."""
    model: TurnedLikeness
    still: TurnedLikeness
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
        masks = _masks(turns, index)
        yaw, pitch, roll = (float(angle) for angle in turns.rotation_deg[index])
        yield TurnScore(
            turns.name,
            (yaw, pitch, roll),
            _likeness(squares[1], squares[0], masks),
            _likeness(squares[2], squares[0], masks),
            _likeness(cut(still, crop, SIDE), squares[0], masks),
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


def detail_inside(picture: Image, truth: Image, mask: Mask) -> float:
    """Return fine detail inside a mask over the truth's: mean of |Laplacian|, grey."""
    shares = [
        float(
            np.abs(cv2.Laplacian(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.CV_32F))[mask].mean()
        )
        for image in (picture, truth)
    ]
    return shares[0] / max(shares[1], 1e-6)


def turns_table(scores: list[TurnScore]) -> str:
    """Return the scores in Markdown, with their mean."""
    lines = [f"| {' | '.join(_HEAD)} |", f"|{' --- |' * len(_HEAD)}"]
    for score in scores:
        yaw, pitch, _ = score.rotation_deg
        cells = " | ".join(f"{value:.{places}f}" for value, places in _values(score))
        lines.append(f"| {score.name} | {yaw:+.0f}°, {pitch:+.0f}° | {cells} |")
    columns = zip(*(_values(score) for score in scores), strict=True)
    means = [(float(np.mean([value for value, _ in column])), column[0][1]) for column in columns]
    cells = " | ".join(f"{value:.{places}f}" for value, places in means)
    return "\n".join([*lines, f"| mean | | {cells} |"]) + "\n"


def turns_sheet(scores: list[TurnScore]) -> Image:
    """Return a contact sheet: a row for each turn; truth, face engine, model."""
    rows = {
        f"{score.name} {score.rotation_deg[0]:+.0f},{score.rotation_deg[1]:+.0f}": [*score.squares]
        for score in scores
    }
    return contact_sheet(["renderer", "face engine", "model"], rows)


_HEAD = (
    "head", "yaw, pitch", "face and hair: engine dB", "model dB", "still dB",
    "face alone: engine dB", "model dB", "detail: engine", "model", "room dB",
)  # fmt: skip


def _values(score: TurnScore) -> list[tuple[float, int]]:
    """What the table says behind name and turn, and with how many decimals."""
    face, model, still = score.face, score.model, score.still
    decibels = (face.head_db, model.head_db, still.head_db, face.face_db, model.face_db)
    details = (face.detail, model.detail)
    return [
        *((value, 1) for value in decibels),
        *((value, 2) for value in details),
        (score.room_db, 1),
    ]


def _detail(picture: Image, mask: Mask) -> float:
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    return float(np.abs(cv2.Laplacian(grey, cv2.CV_32F))[mask].mean())


def _likeness(picture: Image, truth: Image, masks: tuple[Mask, Mask]) -> TurnedLikeness:
    head, face = masks
    return TurnedLikeness(
        psnr_inside_db(picture, truth, head),
        psnr_inside_db(picture, truth, face),
        detail_inside(picture, truth, head),
    )


def _masks(turns: Turns, index: int) -> tuple[Mask, Mask]:
    """Face and hair, and the face alone, in the square that is compared."""
    matte, landmarks = turns.mattes[index], turns.landmarks[index]
    head, oval = head_mask(matte, landmarks), np.zeros(matte.shape, np.uint8)
    cv2.fillPoly(oval, [np.round(landmarks[list(OVAL), :2]).astype(np.int32)], 1)
    return _seen(head, turns.crop), _seen(head & (oval > 0), turns.crop)


def _seen(mask: Mask, crop: Crop) -> Mask:
    picture = np.repeat(mask[..., None].astype(np.uint8) * 255, 3, axis=2)
    return np.asarray(cut(picture, crop, SIDE)[..., 0] > 127)


def _sized(picture: Image) -> Image:
    if picture.shape[0] == SIDE:
        return picture
    return np.asarray(cv2.resize(picture, (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.uint8)

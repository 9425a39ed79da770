"""More faces than there are clips: portraits that the face engine moves by the points of others.

A still teaches one expression, and a clip's person none but their own. Moved by somebody else's
points, each of them opens the mouth and shuts the eyes. Some purse their closed lips as well: few
people of few clips do, and a network that hardly saw it takes a narrow mouth for an open one.
mediapipe looks at what came out, so that these pictures are labelled by the same convention as
the others.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avatarify.animation.face.animator import FaceAnimator, FacePortrait
from avatarify.errors import SettingsError
from avatarify.frames import Image
from avatarify.networks.landmark_points import MOUTH_POINTS
from avatarify.tracking.landmarker import FaceLandmarker, LandmarkerMode
from avatarify.training.landmarks.face_crops import FaceCrops, join_crops
from avatarify.training.landmarks.prepare import write_cuts
from avatarify.training.rare_frames import calm_frames

_STILL, _MOVED, _PURSED = "s_", "m_", "p_"

MADE = (_MOVED, _PURSED, "x_")
"""How the names of files begin that were made of other prepared faces; `x_` are mixed people."""

_NARROW = (0.55, 1.05)
"""Widths of pursed mouths."""

_FULL = (0.0, 1.0)
"""How much fuller lips become for what a mouth loses of its width."""

_REACH = 0.3
"""How far the skin follows the lips, in widths of the mouth."""

_CORNERS = (61, 291)
_LIPS = list(MOUTH_POINTS)


@dataclass(frozen=True, slots=True)
class Moving:
    """What is moved, and how often."""

    crops: Path
    """Folder of prepared faces; the moved ones go there too, as `m_NAME.npz`, and those with pursed
    lips as `p_NAME.npz`."""

    tracker: Path
    """mediapipe's `face_landmarker.task`."""

    per_face: int = 40
    """Pictures of each clip's person and of each still, and a third as many with pursed lips."""

    left_out: tuple[str, ...] = ()
    """Files that neither move nor are moved."""


def move_faces(settings: Moving, advance: Callable[[str], None]) -> None:
    """Move each prepared face; files that are there are left alone.

    Args:
        settings: What is moved.
        advance: Told the name of each file when it is begun.

    Raises:
        SettingsError: There are no crops, or no clip that could move anything.
        OutputError: The crops cannot be written.
        TrackerError: The tracker's file is missing or broken.
    """
    crops = seen_crops(settings.crops, settings.left_out)
    drivers = Drivers(crops)
    with FaceLandmarker(settings.tracker, LandmarkerMode.IMAGE) as tracker:
        for name in np.unique(crops.names).tolist():
            for kind, make in ((_MOVED, _moved), (_PURSED, _pursed)):
                target = settings.crops / f"{kind}{name}.npz"
                if not target.is_file():
                    advance(target.stem)
                    pictures = make(crops, drivers, name, settings.per_face)
                    cuts = [(p, face) for p in pictures if (face := tracker.find(p)) is not None]
                    if cuts:
                        write_cuts(target, cuts)


def seen_crops(folder: Path, left_out: tuple[str, ...]) -> FaceCrops:
    """Join the prepared faces of a folder without those that were made of others.

    Raises:
        SettingsError: There are none.
    """
    made = (path.stem for kind in MADE for path in folder.glob(f"{kind}*.npz"))
    return join_crops(folder, (*left_out, *made))


@dataclass(frozen=True, slots=True)
class Motion:
    """What a driver did, as two crops."""

    rest: int
    """The driver's crop at rest."""

    moved: int
    """Another one of the same clip."""


class Drivers:
    """The frames of clips, rare expressions more often than others."""

    def __init__(self, crops: FaceCrops) -> None:
        """Take the prepared faces.

        Raises:
            SettingsError: None of them are of a clip.
        """
        if all(name.startswith(_STILL) for name in crops.names):
            raise SettingsError("Faces are moved by clips, and there are none. Prepare some.")
        self._crops = crops
        self._weights = crops.draw_weights({_STILL: 0.0})

    def draw(self, portrait: str, count: int, random: np.random.Generator) -> list[Motion]:
        """Draw motions of others than a portrait's own person."""
        weights = np.where(self._crops.names == portrait, 0.0, self._weights)
        if weights.sum() <= 0.0:
            return []
        rows = random.choice(len(weights), count, p=weights / weights.sum())
        return [Motion(self._rest(int(row), random), int(row)) for row in rows]

    def _rest(self, row: int, random: np.random.Generator) -> int:
        begin, end = self._crops.spans()[row].tolist()
        return begin + int(random.choice(calm_frames(self._crops.points[begin:end])))


def calm_crop(crops: FaceCrops, name: str, random: np.random.Generator) -> int:
    """Draw one of the crops in which somebody looks like a portrait."""
    rows = np.flatnonzero(crops.names == name)
    return int(rows[random.choice(calm_frames(crops.points[rows]))])


def _moved(crops: FaceCrops, drivers: Drivers, name: str, count: int) -> Iterator[Image]:
    """Move a portrait by others; nothing where there are no others."""
    random = np.random.default_rng(sum(name.encode()))
    animator = _animator(crops, calm_crop(crops, name, random))
    for motion in drivers.draw(name, count, random):
        animator.calibrate(marks(crops, motion.rest))
        yield animator.animate(marks(crops, motion.moved))


def _pursed(crops: FaceCrops, _drivers: Drivers, name: str, count: int) -> Iterator[Image]:
    random = np.random.default_rng(sum(name.encode()) + 1)
    portrait = calm_crop(crops, name, random)
    animator, points = _animator(crops, portrait), marks(crops, portrait)
    animator.calibrate(points)
    for _ in range(count // 3):
        width = random.uniform(*_NARROW)
        height = 1.0 + (1.0 - width) * random.uniform(*_FULL)
        yield animator.animate(purse(points, width, height))


def purse(points: NDArray[np.float64], width: float, height: float) -> NDArray[np.float64]:
    """Make a mouth narrower and its lips fuller; the skin around follows less and less.

    Args:
        points: (478, 3), in pixels.
        width: Of the mouth, over what it is.
        height: Of the lips likewise, measured from the line between the corners of the mouth.

    Returns:
        (478, 3).
    """
    right, left = points[_CORNERS[0], :2], points[_CORNERS[1], :2]
    middle, breadth = (right + left) / 2.0, float(np.linalg.norm(left - right))
    along = (left - right) / breadth
    across = np.array([-along[1], along[0]])
    away = points[:, :2] - middle
    lips = points[_LIPS, :2]
    distance = np.linalg.norm(points[:, None, :2] - lips[None], axis=2).min(axis=1)
    weight = np.exp(-((distance / (_REACH * breadth)) ** 2))[:, None]
    moved = points.copy()
    moved[:, :2] += weight * ((width - 1.0) * (away @ along)[:, None] * along)
    moved[:, :2] += weight * ((height - 1.0) * (away @ across)[:, None] * across)
    return moved


def _animator(crops: FaceCrops, portrait: int) -> FaceAnimator:
    animator = FaceAnimator()
    animator.set_source(*whole_portrait(crops.images[portrait], marks(crops, portrait)))
    return animator


def whole_portrait(picture: Image, points: NDArray[np.float64]) -> tuple[FacePortrait, Image]:
    """Return a portrait whose room moves along with the person, and its room.

    Args:
        picture: (S, S, 3).
        points: (478, 3), in pixels.
    """
    own = np.ascontiguousarray(picture)
    whole: NDArray[np.uint8] = np.full(own.shape[:2], 255, np.uint8)
    return FacePortrait(own, points, whole), own


def marks(crops: FaceCrops, row: int) -> NDArray[np.float64]:
    """Return a crop's points, (478, 3), in the engine's precision."""
    return crops.points[row].astype(np.float64)

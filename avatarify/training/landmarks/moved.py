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
    made = [p.stem for k in (_MOVED, _PURSED) for p in settings.crops.glob(f"{k}*.npz")]
    crops = join_crops(settings.crops, (*settings.left_out, *made))
    drivers = _Drivers(crops)
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


@dataclass(frozen=True, slots=True)
class _Motion:
    rest: int
    """The driver's crop at rest."""
    moved: int
    """Another one of the same clip."""


class _Drivers:
    """The frames of clips, rare expressions more often than others."""

    def __init__(self, crops: FaceCrops) -> None:
        if all(name.startswith(_STILL) for name in crops.names):
            raise SettingsError("Faces are moved by clips, and there are none. Prepare some.")
        self._crops = crops
        self._weights = crops.draw_weights({_STILL: 0.0})

    def draw(self, portrait: str, count: int, random: np.random.Generator) -> list[_Motion]:
        """Draw motions of others than a portrait's own person."""
        weights = np.where(self._crops.names == portrait, 0.0, self._weights)
        if weights.sum() <= 0.0:
            return []
        rows = random.choice(len(weights), count, p=weights / weights.sum())
        return [_Motion(self._rest(int(row), random), int(row)) for row in rows]

    def _rest(self, row: int, random: np.random.Generator) -> int:
        begin, end = self._crops.spans()[row].tolist()
        return begin + int(random.choice(calm_frames(self._crops.points[begin:end])))


def _portrait(crops: FaceCrops, name: str, random: np.random.Generator) -> int:
    rows = np.flatnonzero(crops.names == name)
    return int(rows[random.choice(calm_frames(crops.points[rows]))])


def _moved(crops: FaceCrops, drivers: _Drivers, name: str, count: int) -> Iterator[Image]:
    """Move a portrait by others; nothing where there are no others."""
    random = np.random.default_rng(sum(name.encode()))
    animator = _animator(crops, _portrait(crops, name, random))
    for motion in drivers.draw(name, count, random):
        animator.calibrate(_marks(crops, motion.rest))
        yield animator.animate(_marks(crops, motion.moved))


def _pursed(crops: FaceCrops, _drivers: _Drivers, name: str, count: int) -> Iterator[Image]:
    random = np.random.default_rng(sum(name.encode()) + 1)
    portrait = _portrait(crops, name, random)
    animator, marks = _animator(crops, portrait), _marks(crops, portrait)
    animator.calibrate(marks)
    for _ in range(count // 3):
        width = random.uniform(*_NARROW)
        height = 1.0 + (1.0 - width) * random.uniform(*_FULL)
        yield animator.animate(purse(marks, width, height))


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
    picture = np.ascontiguousarray(crops.images[portrait])
    whole: NDArray[np.uint8] = np.full(picture.shape[:2], 255, np.uint8)  # the room moves along
    animator = FaceAnimator()
    animator.set_source(FacePortrait(picture, _marks(crops, portrait), whole), picture)
    return animator


def _marks(crops: FaceCrops, row: int) -> NDArray[np.float64]:
    return crops.points[row].astype(np.float64)

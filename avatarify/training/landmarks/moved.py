"""More faces than there are clips: portraits that the face engine moves by the points of others.

A still teaches one expression, and a clip's person none but their own. Moved by somebody else's
points, each of them opens the mouth and shuts the eyes. mediapipe looks at what came out, so that
these pictures are labelled by the same convention as the others.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avatarify.animation.face.animator import FaceAnimator, FacePortrait
from avatarify.errors import SettingsError
from avatarify.frames import Image
from avatarify.tracking.landmarker import FaceLandmarker, LandmarkerMode
from avatarify.training.landmarks.face_crops import FaceCrops, join_crops
from avatarify.training.landmarks.prepare import write_cuts
from avatarify.training.rare_frames import calm_frames

_STILL, _MOVED = "s_", "m_"


@dataclass(frozen=True, slots=True)
class Moving:
    """What is moved, and how often."""

    crops: Path
    """Folder of prepared faces; the moved ones go there too, as `m_NAME.npz`."""

    tracker: Path
    """mediapipe's `face_landmarker.task`."""

    per_face: int = 40
    """Pictures of each clip's person and of each still."""

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
    own = [path.stem for path in settings.crops.glob(f"{_MOVED}*.npz")]
    crops = join_crops(settings.crops, (*settings.left_out, *own))
    drivers = _Drivers(crops)
    with FaceLandmarker(settings.tracker, LandmarkerMode.IMAGE) as tracker:
        for name in np.unique(crops.names).tolist():
            target = settings.crops / f"{_MOVED}{name}.npz"
            if target.is_file():
                continue
            random = np.random.default_rng(sum(name.encode()))
            motions = drivers.draw(name, settings.per_face, random)
            if not motions:
                continue
            advance(target.stem)
            pictures = _moved(crops, _portrait(crops, name, random), motions)
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


def _moved(crops: FaceCrops, portrait: int, motions: list[_Motion]) -> Iterator[Image]:
    picture = np.ascontiguousarray(crops.images[portrait])
    whole: NDArray[np.uint8] = np.full(picture.shape[:2], 255, np.uint8)  # the room moves along
    animator = FaceAnimator()
    animator.set_source(FacePortrait(picture, _marks(crops, portrait), whole), picture)
    for motion in motions:
        animator.calibrate(_marks(crops, motion.rest))
        yield animator.animate(_marks(crops, motion.moved))


def _marks(crops: FaceCrops, row: int) -> NDArray[np.float64]:
    return crops.points[row].astype(np.float64)

"""People that do not exist, made of those that were prepared: shape, skin and light of several.

The networks know few people from clips, and of a stranger's mouth they tell less than of a mouth
that they have seen. A mixed person has one's picture, bent to a face between and beyond several
faces, and another one's skin, light and beard. Some of its pictures are frames of the first one's
own clip in this disguise, with teeth and folds as they were filmed; the rest is the new portrait,
moved by the face engine. mediapipe looks at what came out, and what lies far from where the face
was put is thrown away.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.animation.face.animator import FaceAnimator, FaceSettings
from avatarify.frames import Image
from avatarify.geometry.face_gains import FaceGains
from avatarify.geometry.face_mesh import EYES, INNER_LIPS, OVAL, RIGID
from avatarify.geometry.similarity import fit_similarity, rotation_from_vector
from avatarify.networks.landmark_points import MOUTH_POINTS
from avatarify.tracking.face import Face
from avatarify.tracking.landmarker import FaceLandmarker, LandmarkerMode
from avatarify.training.landmarks.bending import bend
from avatarify.training.landmarks.face_crops import FaceCrops
from avatarify.training.landmarks.moved import (
    Drivers,
    calm_crop,
    marks,
    seen_crops,
    whole_portrait,
)
from avatarify.training.landmarks.new_shape import new_shape
from avatarify.training.landmarks.prepare import write_cuts

Points = NDArray[np.float64]
Placed = tuple[Image, Points]
"""A picture, and where its face was put, (478, 3) in pixels."""

_CLIP, _MIXED = "c_", "x_"

_FROM_CLIPS = 0.7
"""How many mixed people have the picture of someone in a clip; the others have a still's."""

_FINE, _SOFT = 0.35, (0.05, 0.3)
"""How often another one's skin is taken with all that is on it; else its light and large patches,
blurred by this much of the irises' distance."""

_TINT = (0.3, 0.95)
"""How much of the other one's skin is taken."""

_GAIN = (0.7, 1.8)
"""How much of a driver's expression arrives."""

_QUIET, _QUIET_GAIN = 0.25, (0.0, 0.3)
"""How often a mouth hardly moves while the head does, and how much it moves then."""

_TURN = (0.12, 0.22, 0.08)
"""Standard deviation of nods, turns aside and leaning, in radians, beside what the driver does."""

_AMISS = 0.07
"""Lips that are found this far from where they were put, in distances of the irises, show that the
picture is broken."""

_LIPS = list(MOUTH_POINTS)


@dataclass(frozen=True, slots=True)
class Mixing:
    """How many people are made, and of whom."""

    crops: Path
    """Folder of prepared faces; the mixed people go there too, as `x_NUMBER.npz`."""

    tracker: Path
    """mediapipe's `face_landmarker.task`."""

    people: int = 500
    """How many."""

    pictures: int = 12
    """Pictures of each."""

    left_out: tuple[str, ...] = ()
    """Files of which nobody is made, and that move nobody."""


def mix_people(settings: Mixing, advance: Callable[[str], None]) -> None:
    """Make mixed people; those that are there are left alone.

    Args:
        settings: How many.
        advance: Told the name of each file when it is begun.

    Raises:
        SettingsError: There are no crops, or no clip that could move anything.
        OutputError: The crops cannot be written.
        TrackerError: The tracker's file is missing or broken.
    """
    crops = seen_crops(settings.crops, settings.left_out)
    workshop = _Workshop(crops, Drivers(crops))
    with FaceLandmarker(settings.tracker, LandmarkerMode.IMAGE) as tracker:
        for number in range(settings.people):
            target = settings.crops / f"{_MIXED}{number:05d}.npz"
            if not target.is_file():
                advance(target.stem)
                pictures = workshop.pictures(number, settings.pictures, tracker)
                cuts = [
                    (picture, face)
                    for picture, points in pictures
                    if (face := _confirmed(tracker, picture, points)) is not None
                ]
                if cuts:
                    write_cuts(target, cuts)


def _confirmed(tracker: FaceLandmarker, picture: Image, points: Points) -> Face | None:
    """Return the face that mediapipe sees, if it is where it was put."""
    face = tracker.find(picture)
    if face is None:
        return None
    missed = np.linalg.norm(face.landmarks[_LIPS, :2] - points[_LIPS, :2], axis=1).mean()
    unit = np.linalg.norm(points[EYES[0].iris, :2] - points[EYES[1].iris, :2])
    return face if missed < _AMISS * unit else None


@dataclass(frozen=True, slots=True)
class _Disguise:
    """What makes someone a new person."""

    host: str
    """Whose pictures it is worn by."""

    row: int
    """The host's crop that it was made for."""

    points: Points
    """(478, 3), the host's there."""

    way: Points
    """(478, 3), where each of them goes."""

    tint: Image
    """(S, S, 3), the new skin there less the old one, halved and laid around 128."""

    def worn(self, picture: Image, points: Points) -> Placed:
        """Return a picture of the host (S, S, 3) in this disguise, and where its face is then."""
        pose = fit_similarity(self.points[list(RIGID)], points[list(RIGID)])
        tint = bend(self.tint, self.points, points).astype(np.float32)
        dyed = np.clip(picture + 2.0 * (tint - 128.0), 0.0, 255.0).astype(np.uint8)
        goal = points + pose.scale * self.way @ pose.rotation.T
        return bend(dyed, points, goal), goal


class _Workshop:
    """Makes mixed people, each of them by its number alone."""

    def __init__(self, crops: FaceCrops, drivers: Drivers) -> None:
        self._crops, self._drivers = crops, drivers
        self._names = np.unique(crops.names).tolist()
        self._weights = crops.draw_weights({})

    def pictures(self, number: int, count: int, tracker: FaceLandmarker) -> Iterator[Placed]:
        """Yield a mixed person's pictures: half of them in clips' frames, if there are any."""
        random = np.random.default_rng((7, number))
        disguise = self._disguise(random)
        rows = np.flatnonzero(self._crops.names == disguise.host)
        filmed = count // 2 if len(rows) > 1 else 0
        weights = self._weights[rows]
        for row in random.choice(rows, filmed, p=weights / weights.sum()).tolist():
            yield disguise.worn(self._crops.images[row], marks(self._crops, row))
        portrait, points = disguise.worn(self._crops.images[disguise.row], disguise.points)
        face = _confirmed(tracker, portrait, points)
        if face is not None:
            own = face.landmarks.astype(np.float64)
            yield portrait, own
            yield from self._moved(portrait, own, disguise.host, count - filmed - 1, random)

    def _disguise(self, random: np.random.Generator) -> _Disguise:
        is_clip = random.random() < _FROM_CLIPS
        hosts = [n for n in self._names if n.startswith(_CLIP) == is_clip] or self._names
        host = str(random.choice(hosts))
        others = [name for name in self._names if name != host] or [host]
        donors = [calm_crop(self._crops, str(name), random) for name in random.choice(others, 3)]
        row = calm_crop(self._crops, host, random)
        points = marks(self._crops, row)
        goal = new_shape(points, [marks(self._crops, donor) for donor in donors[:2]], random)
        tint = self._tint(row, donors[2], random)
        return _Disguise(host, row, points, goal - points, tint)

    def _tint(self, row: int, donor: int, random: np.random.Generator) -> Image:
        """Return what another one's skin adds to a face, halved and laid around 128."""
        points, theirs = marks(self._crops, row), marks(self._crops, donor)
        added = (
            bend(self._crops.images[donor], theirs, points).astype(np.float32)
            - self._crops.images[row]
        )
        where = _skin(points, added.shape[:2])
        unit = float(np.linalg.norm(points[EYES[0].iris, :2] - points[EYES[1].iris, :2]))
        if random.random() >= _FINE:
            blur = random.uniform(*_SOFT) * unit
            weight = cv2.GaussianBlur(where, (0, 0), blur)[..., None] + 1e-3
            added = cv2.GaussianBlur(added * where[..., None], (0, 0), blur) / weight
        soft = cv2.GaussianBlur(where, (0, 0), 0.07 * unit)[..., None]
        half = 0.5 * random.uniform(*_TINT) * soft * added
        return np.clip(np.round(128.0 + half), 0, 255).astype(np.uint8)

    def _moved(
        self, portrait: Image, points: Points, host: str, count: int, random: np.random.Generator
    ) -> Iterator[Placed]:
        """Move a mixed person's portrait by others."""
        animator = FaceAnimator()
        animator.set_source(*whole_portrait(portrait, points))
        for motion in self._drivers.draw(host, count, random):
            animator.settings = FaceSettings(_gains(random))
            animator.calibrate(marks(self._crops, motion.rest))
            driver = _turned(marks(self._crops, motion.moved), random)
            for face in animator.follow([(driver, 0.0)]):
                yield animator.paint(face), face.landmarks.astype(np.float64)


def _gains(random: np.random.Generator) -> FaceGains:
    mouth, brows = (random.uniform(*_GAIN) for _ in range(2))
    gains = FaceGains(mouth=mouth, brows=brows)
    if random.random() < _QUIET:
        gains = replace(gains, mouth=random.uniform(*_QUIET_GAIN))
    return gains


def _turned(points: Points, random: np.random.Generator) -> Points:
    turn = rotation_from_vector(random.normal(0.0, _TURN))
    middle = points.mean(axis=0)
    return (points - middle) @ turn.T + middle


def _skin(points: Points, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Return (S, S), 1 on the face but 0 in the openings of eyes and mouth."""
    where = np.zeros(shape[:2], np.float32)
    _fill(where, points, OVAL, 1.0)
    for eye in EYES:
        _fill(where, points, eye.loop, 0.0)
    _fill(where, points, INNER_LIPS, 0.0)
    return where


def _fill(where: NDArray[np.float32], points: Points, loop: tuple[int, ...], value: float) -> None:
    cv2.fillPoly(where, [np.round(points[list(loop), :2]).astype(np.int32)], value)

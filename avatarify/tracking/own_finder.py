"""Finding and following faces with the networks that ship with the program.

The first box comes from OpenCV's cascades, every later one from the last frame's points. The
coarse network says whether there is a face at all: what a cascade took for one, and what it is not,
meets its verdict before anybody hears of it.
"""

import math
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from avatarify.frames import Image
from avatarify.tracking.aside import Aside
from avatarify.tracking.face import Face, LiveFace
from avatarify.tracking.face_finder import FaceFinder, OneThread, closed_finder
from avatarify.tracking.first_box import FirstBoxes
from avatarify.tracking.head_pose import head_transform
from avatarify.tracking.kept_landmarks import ReadyLandmarks, open_landmarks
from avatarify.tracking.landmark_crops import FaceFrame
from avatarify.tracking.landmark_engine import LandmarkEngine
from avatarify.tracking.landmark_reader import LandmarkReader, Reading, in_frame
from avatarify.tracking.landmarker import LandmarkerMode, sort_faces

_MOST_FACES = 3
_MOST_IN_PICTURE = 8
_PRESENT = 0.5
"""Probability of a face above which a followed one is still there."""

_NEWLY_PRESENT = 0.8
"""The same of one that a cascade found."""

_LARGEST_ERROR = 0.12
"""Expected error, in units of the face, above which it is not believed."""

_GLANCES = 3
"""How often a new face is looked at, each time where the last glance found it."""

_MOVED = 0.35
"""Way between two frames, in units of the face, from which it is looked at a second time."""

_AT_REST = 0.1
"""Way likewise below which a face rests: where it is looked at is then only half corrected, since
a square that follows the points it was the reason for may swing to and fro."""

_APART = 1.0
"""Units of the face by which two faces are at least apart."""

_FORGET_AFTER_S = 1.0
_LOOK_AROUND_S = 1.0
"""How often other faces are looked for while one is followed."""


class OwnFinder(FaceFinder):
    """Finds faces, by `FaceFinder`'s rules."""

    def __init__(self, model_path: Path, mode: LandmarkerMode = LandmarkerMode.VIDEO) -> None:
        """Load the model.

        Args:
            model_path: `landmarks.safetensors`.
            mode: What the pictures have to do with one another.

        Raises:
            TrackerError: The file is missing or broken, or OpenCV lacks its cascades.
        """
        ready = _opened(model_path, _version(model_path))
        self._head = ready.head
        self._engine: LandmarkEngine | None = ready.engine.sibling()
        self._reader = LandmarkReader(self._engine, ready.config, ready.mean)
        self._boxes = FirstBoxes()
        self._mode = mode
        self._around: Aside[tuple[FaceFrame, ...]] = Aside("other faces")
        self._thread = OneThread()
        self._followed: Reading | None = None
        self._looked_at: FaceFrame | None = None
        self._previous: Face | None = None
        self._others: tuple[Face, ...] = ()
        self._seen_s = self._looked_around_s = 0.0

    def find_all(self, image: Image, time_s: float = 0.0) -> tuple[Face, ...]:
        """Find faces; see `FaceFinder`."""
        self._thread.check()
        if self._engine is None:
            raise closed_finder()
        if self._mode is LandmarkerMode.IMAGE:
            looks = (self._read_all(image, frames) for frames in self._boxes.all_looks(image))
            found = next(filter(None, looks), [])
            return sort_faces([self._face(r, image) for r in found], image.shape[:2], None)
        if abs(time_s - self._seen_s) > _FORGET_AFTER_S:
            self._forget()
        followed = self._follow(image)
        if followed is None:
            return self._start(image, time_s)
        self._look_around(image, followed, time_s)
        return (self._keep(followed, image, time_s), *self._others)

    def prefer(self, face: Face) -> None:
        """Follow this face from now on; see `FaceFinder`."""
        self._others = tuple(other for other in self._others if other is not face)
        if self._previous is not None:
            self._others = (self._previous, *self._others)
        self._followed, self._previous = self._reader.recall(face.landmarks), face

    @property
    def name(self) -> str:
        """What users call it."""
        return "our own tracker"

    def close(self) -> None:
        """Release the model; a second call does nothing. Not while another thread finds faces."""
        self._around.close()
        self._engine = None

    def _follow(self, image: Image) -> Reading | None:
        """Find the face that was followed so far; None if it is lost."""
        if self._followed is None:
            return None
        last = self._calmed(self._followed.frame)
        rough = self._reader.glance(image, last)
        if _is_face(rough, _PRESENT) and _way(rough.frame, last) > _MOVED:
            rough = self._reader.glance(image, rough.frame)
        if not _is_face(rough, _PRESENT) or not _is_inside(rough.frame, image):
            return None
        self._looked_at = last
        return self._reader.look_closely(image, rough)

    def _calmed(self, frame: FaceFrame) -> FaceFrame:
        """Return where to look for a face that was last seen in a frame."""
        before = self._looked_at
        if before is None or _way(frame, before) > _AT_REST:
            return frame
        return FaceFrame(*((now + then) / 2.0 for now, then in zip(frame, before, strict=True)))

    def _start(self, image: Image, time_s: float) -> tuple[Face, ...]:
        """Look for faces in one way, and follow the first."""
        self._around.take(wait=True)  # the cascades are there once
        found = self._read_all(image, self._boxes.next_look(image))
        faces = [self._face(reading, image) for reading in found]
        ranked = sort_faces(faces, image.shape[:2], self._previous)
        if not ranked:
            return ()
        self._looked_at = None
        chosen = next(i for i, face in enumerate(faces) if face is ranked[0])
        self._others, self._looked_around_s = ranked[1:], time_s
        return (self._keep(found[chosen], image, time_s), *self._others)

    def _look_around(self, image: Image, followed: Reading, time_s: float) -> None:
        """Look for other faces now and then; live, the looking itself takes place beside."""
        is_due = abs(time_s - self._looked_around_s) >= _LOOK_AROUND_S
        if is_due and not self._around.is_busy:
            self._looked_around_s = time_s
            unit = followed.frame.unit
            self._around.begin(lambda: self._boxes.glance_beside(image, unit))
        frames = self._around.take(wait=self._mode is not LandmarkerMode.LIVE)
        if frames is None:
            return
        away = [frame for frame in frames if _way(frame, followed.frame) > _APART]
        found = self._read_all(image, away)
        self._others = tuple(
            self._face(reading, image)
            for reading in found
            if _way(reading.frame, followed.frame) > _APART
        )

    def _keep(self, reading: Reading, image: Image, time_s: float) -> Face:
        self._followed, self._seen_s = reading, time_s
        self._previous = self._face(reading, image)
        return self._previous

    def _forget(self) -> None:
        self._followed = self._previous = None
        self._others = ()

    def _read_all(self, image: Image, frames: Iterable[FaceFrame]) -> list[Reading]:
        """Read at most some faces, the larger boxes first, none of them twice."""
        most = _MOST_IN_PICTURE if self._mode is LandmarkerMode.IMAGE else _MOST_FACES
        readings: list[Reading] = []
        for frame in sorted(frames, key=lambda frame: -frame.unit):
            if len(readings) == most:
                break
            if any(_way(frame, reading.frame) < _APART for reading in readings):
                continue
            rough = self._converge(image, frame)
            if rough is None or any(_way(rough.frame, r.frame) < _APART for r in readings):
                continue
            readings.append(self._reader.look_closely(image, rough))
        return readings

    def _converge(self, image: Image, frame: FaceFrame) -> Reading | None:
        """Glance until the square is right; None if it holds no face."""
        rough = self._reader.glance(image, frame)
        for _ in range(_GLANCES - 1):
            if not _is_inside(rough.frame, image):
                return None
            rough = self._reader.glance(image, rough.frame)
        return rough if _is_face(rough, _NEWLY_PRESENT) else None

    def _face(self, reading: Reading, image: Image) -> Face:
        engine, size, head = self._engine, (image.shape[0], image.shape[1]), self._head
        assert engine is not None
        points, frame = reading.points, reading.frame
        face = LiveFace(
            points,
            lambda: engine.expression(in_frame(points, frame)),
            lambda: head_transform(points, size, head),
        )
        if self._mode is LandmarkerMode.LIVE:
            return face
        return Face(points, face.blendshapes, face.transform)  # for any thread, at any time


def _version(path: Path) -> tuple[int, int]:
    """Return what changes when the file does; of a missing one, which loading names, zeros."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return (0, 0)
    return (status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=2)
def _opened(path: Path, version: tuple[int, int]) -> ReadyLandmarks:
    """Load and compile a file once: OpenVINO never gives back all that a compilation took.

    A finder is made for each portrait that is studied, which cost 7 MiB each for ever.
    """
    del version  # a part of the key
    return open_landmarks(path)


def _is_face(reading: Reading, presence: float) -> bool:
    return reading.presence >= presence and reading.error <= _LARGEST_ERROR


def _way(frame: FaceFrame, other: FaceFrame) -> float:
    """Return how far apart two frames are, in units of the smaller face."""
    return math.hypot(frame.x - other.x, frame.y - other.y) / max(1e-6, min(frame.unit, other.unit))


def _is_inside(frame: FaceFrame, image: Image) -> bool:
    """Whether the face's middle is in the picture, and its size one that can be read."""
    height, width = image.shape[:2]
    return (
        0 <= frame.x < width and 0 <= frame.y < height and 8.0 <= frame.unit <= max(height, width)
    )

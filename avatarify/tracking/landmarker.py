"""Finding faces with mediapipe's networks: mediapipe searches, and whoever is quicker follows."""

from collections.abc import Sequence
from enum import Enum
from pathlib import Path

import numpy as np

from avatarify.errors import TrackerError
from avatarify.frames import Image
from avatarify.tracking.aside import Aside
from avatarify.tracking.face import Face
from avatarify.tracking.face_finder import FaceFinder, OneThread, closed_finder
from avatarify.tracking.live_follower import LiveFollower
from avatarify.tracking.mediapipe_graph import MediapipeGraph
from avatarify.tracking.search import FaceSearch, Window, windows_to_search

_FETCH = "Run `avatarify models pull face-landmarker`"
_MOST_FACES = 3
_MOST_IN_PICTURE = 8
_FORGET_AFTER_S = 1.0
_LOOK_AROUND_S = 1.0
"""How often other faces are looked for while one is followed: asked for several faces, mediapipe
searches the whole frame for them each time that it knows fewer."""


class LandmarkerMode(Enum):
    """What the pictures have to do with one another."""

    LIVE = "live"
    """Frames of one stream, quickly: one face is followed, others are looked for now and then."""

    VIDEO = "video"
    """Frames of one stream, each for itself: landmarks are where they are in this very frame."""

    IMAGE = "image"
    """Pictures that have nothing to do with one another."""


class FaceLandmarker(FaceFinder):
    """Finds faces, by `FaceFinder`'s rules."""

    def __init__(self, model_path: Path, mode: LandmarkerMode = LandmarkerMode.VIDEO) -> None:
        """Load the model.

        Args:
            model_path: mediapipe's `face_landmarker.task`.
            mode: What the pictures have to do with one another.

        Raises:
            TrackerError: The file is missing or broken, or mediapipe cannot be loaded.
        """
        self._mode = mode
        self._thread = OneThread()
        self._previous: Face | None = None
        self._previous_s = 0.0
        self._size: tuple[int, int] | None = None
        self._others: tuple[Face, ...] = ()
        self._is_contested = False
        self._looked_around_s = 0.0
        self._search = FaceSearch()
        content = _read(model_path)
        most = _MOST_IN_PICTURE if mode is LandmarkerMode.IMAGE else _MOST_FACES
        is_video = mode is LandmarkerMode.VIDEO
        try:
            self._scout: MediapipeGraph | None = MediapipeGraph(
                content, is_video=is_video, most_faces=most
            )
        except (RuntimeError, ValueError) as error:
            raise TrackerError(
                f"The face tracker's file {model_path} is broken ({_first_line(error)}). "
                f"Delete it. {_FETCH} to fetch it again."
            ) from error
        except (ImportError, OSError) as error:
            raise TrackerError(
                f"mediapipe, the face tracker, could not be loaded ({_first_line(error)}). "
                "On Debian and Ubuntu it needs the packages libgl1, libegl1 and libgles2."
            ) from error
        is_live = mode is LandmarkerMode.LIVE
        self._follower = LiveFollower(content) if is_live else None
        self._around: Aside[tuple[Face, ...]] = Aside("other faces")

    def find_all(self, image: Image, time_s: float = 0.0) -> tuple[Face, ...]:
        """Find up to three faces; see `FaceFinder`. Only live, others may be a second old."""
        self._thread.check()
        scout = self._scout
        if scout is None:
            raise closed_finder()
        size = (image.shape[0], image.shape[1])
        if self._mode is LandmarkerMode.IMAGE:
            return _find_in_image(scout, image, size)
        if size != self._size:
            self._forget(size)
        if abs(time_s - self._previous_s) > _FORGET_AFTER_S:
            self._previous = None
        window = self._search.window(size)
        followed = self._follow(image, window, time_s)
        if followed is None:
            self._around.take(wait=True)  # the scout is one
            faces = sort_faces(scout.find(image, window, time_s), size, self._previous)
            if faces and self._follower is not None:
                faces = (self._follower.confirm(image, faces[0]), *faces[1:])
        else:
            faces = (followed, *self._company(followed, scout, image, time_s))
        self._search.report(faces[0].box if faces else None, is_alone=not self._is_contested)
        self._others = faces[1:]
        if faces:
            self._previous, self._previous_s = faces[0], time_s
        return faces

    def prefer(self, face: Face) -> None:
        """Follow this face from now on; see `FaceFinder`."""
        if self._mode is LandmarkerMode.IMAGE:
            return
        if self._previous is not None:
            rest = (other for other in self._others if other is not face)
            self._others = (self._previous, *rest)
        self._previous = face
        # mediapipe's own follower goes on after the other one
        self._is_contested = self._follower is not None and self._follower.may_change_faces
        self._search.report(face.box, is_alone=not self._is_contested)

    @property
    def name(self) -> str:
        """What users call it."""
        return "mediapipe's tracker"

    def close(self) -> None:
        """Release the model; a second call does nothing. Not while another thread finds faces."""
        self._around.close()
        for graph in (self._scout, self._follower):
            if graph is not None:
                graph.close()
        self._scout = self._follower = None

    def _forget(self, size: tuple[int, int]) -> None:
        """Begin anew: in pictures of another size faces lie elsewhere."""
        self._size, self._previous, self._others = size, None, ()
        self._around.take(wait=True)
        for graph in (self._scout, self._follower):
            if graph is not None:
                graph.forget()

    def _follow(self, image: Image, window: Window, time_s: float) -> Face | None:
        """Find the face that was followed so far; None if it is lost, or another one was found."""
        if self._previous is None or self._follower is None:
            return None
        found = self._follower.follow(image, window, self._previous, time_s)
        if found is None or not self._follower.may_change_faces:
            return found
        if _is_same(found, self._previous):
            return found
        self._is_contested = True
        return None

    def _company(
        self, followed: Face, scout: MediapipeGraph, image: Image, time_s: float
    ) -> tuple[Face, ...]:
        """Return the other faces, as they were when last looked for."""
        found = self._around.take()
        if found is not None:
            self._others = tuple(face for face in found if not _is_same(face, followed))
            self._is_contested = self._is_contested and bool(self._others)
        is_due = abs(time_s - self._looked_around_s) >= _LOOK_AROUND_S
        if is_due and not self._around.is_busy:
            self._looked_around_s = time_s
            whole = Window(0, 0, image.shape[1], image.shape[0])
            self._around.begin(lambda: scout.find(image, whole))
        return self._others


def _find_in_image(scout: MediapipeGraph, image: Image, size: tuple[int, int]) -> tuple[Face, ...]:
    """Look until a face is found; where there are several, look everywhere."""
    faces: list[Face] = []
    for window in windows_to_search(size):
        found = scout.find(image, window)
        faces += [face for face in found if not any(_is_same(face, known) for known in faces)]
        if len(faces) == 1:
            break
    return sort_faces(faces[:_MOST_IN_PICTURE], size, previous=None)


def sort_faces(
    faces: Sequence[Face], image_size: tuple[int, int], previous: Face | None
) -> tuple[Face, ...]:
    """Put the face to follow first.

    Args:
        faces: All faces of one frame.
        image_size: (height, width) of the frame in pixels.
        previous: The face followed so far, if any: the face at its place goes first.

    Returns:
        The faces: the one that `previous` became, then large and central ones before others.
    """
    height, width = image_size
    middle = np.array([width / 2, height / 2])

    def rank(face: Face) -> tuple[bool, float]:
        followed = previous is not None and _is_same(face, previous)
        distance = np.linalg.norm(np.array(face.box.center) - middle) / np.hypot(height, width)
        return followed, face.box.larger_side * (1 - float(distance))

    return tuple(sorted(faces, key=rank, reverse=True))


def _is_same(face: Face, previous: Face) -> bool:
    moved = np.linalg.norm(np.subtract(face.box.center, previous.box.center))
    return bool(moved < 0.5 * previous.box.larger_side)


def _read(model_path: Path) -> bytes:
    try:
        content = model_path.read_bytes()
    except FileNotFoundError as error:
        raise TrackerError(f"The face tracker's file {model_path} is missing. {_FETCH}.") from error
    except OSError as error:
        raise TrackerError(
            f"The face tracker's file {model_path} cannot be read ({error.strerror}). "
            "Check its permissions."
        ) from error
    if not content:
        raise TrackerError(
            f"The face tracker's file {model_path} is empty. Delete it. {_FETCH} to fetch it again."
        )
    return content


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0].rstrip(".") if str(error).strip() else "no details"

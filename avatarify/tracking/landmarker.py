"""Finding faces with mediapipe's FaceLandmarker.

The one place that knows mediapipe. It is imported when a landmarker is made, not before, and
pyproject.toml pins a release that contacts no host (0.10.35 and later do).
"""

from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np

from avatarify.errors import TrackerError
from avatarify.frames import Image
from avatarify.tracking.face import Face
from avatarify.tracking.face_finder import FaceFinder, OneThread, closed_finder
from avatarify.tracking.native_noise import quiet_stderr
from avatarify.tracking.search import FaceSearch, Window, windows_to_search

_FETCH = "Run `avatarify models pull face-landmarker`"
_MOST_FACES = 3
_MOST_IN_PICTURE = 8
_FORGET_AFTER_S = 1.0
_LOOK_AROUND_S = 1.0
"""How often other faces are looked for while one is followed: asked for several faces, mediapipe
searches the whole frame for them each time that it knows fewer."""

_EMPTY = np.zeros((32, 32, 3), np.uint8)


class LandmarkerMode(Enum):
    """What the pictures have to do with one another."""

    LIVE = "live"
    """Frames of one stream, quickly: one face is followed, others are looked for now and then, and
    landmarks are smoothed over a few frames."""

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
        with quiet_stderr():
            try:
                is_video = mode is LandmarkerMode.VIDEO
                most = _MOST_IN_PICTURE if mode is LandmarkerMode.IMAGE else _MOST_FACES
                self._scout: _Graph | None = _Graph(content, is_video, most)
                is_live = mode is LandmarkerMode.LIVE
                self._follower = _Graph(content, is_live, most_faces=1) if is_live else None
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
            faces = sort_faces(scout.find(image, window, time_s), size, self._previous)
        else:
            faces = (followed, *self._around(followed, scout, image, time_s))
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
        self._is_contested = self._follower is not None  # which goes on after the other one
        self._search.report(face.box, is_alone=not self._is_contested)

    @property
    def name(self) -> str:
        """What users call it."""
        return "mediapipe's tracker"

    def close(self) -> None:
        """Release the model; a second call does nothing. Not while another thread finds faces."""
        for graph in (self._scout, self._follower):
            if graph is not None:
                graph.close()
        self._scout = self._follower = None

    def _forget(self, size: tuple[int, int]) -> None:
        """Begin anew: in pictures of another size faces lie elsewhere."""
        self._size, self._previous, self._others = size, None, ()
        for graph in (self._scout, self._follower):
            if graph is not None:
                graph.forget()

    def _follow(self, image: Image, window: Window, time_s: float) -> Face | None:
        """Find the face that was followed so far; None if it is lost, or another one was found."""
        if self._previous is None or self._follower is None:
            return None
        found = self._follower.find(image, window, time_s)
        if not found:
            return None
        if _is_same(found[0], self._previous):
            return found[0]
        self._is_contested = True
        return None

    def _around(
        self, followed: Face, scout: "_Graph", image: Image, time_s: float
    ) -> tuple[Face, ...]:
        """Return the other faces, as they were when last looked for."""
        if abs(time_s - self._looked_around_s) < _LOOK_AROUND_S:
            return self._others
        self._looked_around_s = time_s
        whole = Window(0, 0, image.shape[1], image.shape[0])
        others = [face for face in scout.find(image, whole) if not _is_same(face, followed)]
        self._is_contested = self._is_contested and bool(others)
        return tuple(others)


class _Graph:
    """One of mediapipe's landmarkers."""

    def __init__(self, content: bytes, is_video: bool, most_faces: int) -> None:
        self._is_video = is_video
        self._landmarker = _create(content, is_video, most_faces)
        self._last_ms = -1
        self._noisy = True

    def find(self, image: Image, window: Window, time_s: float = 0.0) -> tuple[Face, ...]:
        """Find faces in a part of a picture."""
        left, top, width, height = window
        part = np.ascontiguousarray(image[top : top + height, left : left + width])
        return _faces(self._detect(part, time_s), window)

    def forget(self) -> None:
        """Search the next picture for faces; a stream's are else looked for where they were.

        mediapipe offers no way to say so, but it forgets faces that are in a picture no more.
        """
        if self._is_video and self._last_ms >= 0:
            self._detect(_EMPTY, (self._last_ms + 1) / 1000)

    def close(self) -> None:
        """Release the model."""
        self._landmarker.close()

    def _detect(self, image: Image, time_s: float) -> Any:
        if not self._noisy:
            return self._detect_loudly(image, time_s)
        with quiet_stderr():  # the graph starts, and talks, with the first picture
            self._noisy = False
            return self._detect_loudly(image, time_s)

    def _detect_loudly(self, image: Image, time_s: float) -> Any:
        import mediapipe

        picture = mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=image)
        if not self._is_video:
            return self._landmarker.detect(picture)
        self._last_ms = max(self._last_ms + 1, round(time_s * 1000))
        return self._landmarker.detect_for_video(picture, self._last_ms)


def _find_in_image(scout: _Graph, image: Image, size: tuple[int, int]) -> tuple[Face, ...]:
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


def _create(content: bytes, is_video: bool, most_faces: int) -> Any:
    from mediapipe.tasks.python import BaseOptions, vision

    options = vision.FaceLandmarkerOptions(
        base_options=BaseOptions(model_asset_buffer=content),
        running_mode=vision.RunningMode.VIDEO if is_video else vision.RunningMode.IMAGE,
        num_faces=most_faces,
        output_face_blendshapes=True,
        output_facial_transformation_matrixes=True,
    )
    return vision.FaceLandmarker.create_from_options(options)


def _faces(found: Any, window: Window) -> tuple[Face, ...]:
    to_pixels = np.array([window.width, window.height, window.width], dtype=np.float32)
    corner = np.array([window.left, window.top, 0], dtype=np.float32)
    return tuple(
        Face(
            landmarks=np.array([(p.x, p.y, p.z) for p in points], dtype=np.float32) * to_pixels
            + corner,
            blendshapes=np.array([shape.score for shape in shapes], dtype=np.float32),
            transform=np.asarray(transform, dtype=np.float32),
        )
        for points, shapes, transform in zip(
            found.face_landmarks,
            found.face_blendshapes,
            found.facial_transformation_matrixes,
            strict=True,
        )
    )


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0].rstrip(".") if str(error).strip() else "no details"

"""Finding faces with mediapipe's FaceLandmarker.

The one place that knows mediapipe. It is imported when a landmarker is made, not before, and
pyproject.toml pins a release that contacts no host (0.10.35 and later do).
"""

import threading
from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from avatarify.errors import TrackerError
from avatarify.frames import Image
from avatarify.tracking.face import Face
from avatarify.tracking.native_noise import quiet_stderr
from avatarify.tracking.search import FaceSearch, Window, windows_to_search

_FETCH = "Run `avatarify models pull face-landmarker`"
_MOST_FACES = 3
_FORGET_AFTER_S = 1.0


class LandmarkerMode(Enum):
    """What the pictures have to do with one another."""

    VIDEO = "video"
    """Frames of one stream: where the face was is searched first."""

    IMAGE = "image"
    """Pictures that have nothing to do with one another."""


class FaceLandmarker:
    """Finds faces. Use it as a context manager, and from one thread.

    The first thread that asks for faces owns it; making and closing it may be left to another one.
    """

    def __init__(self, model_path: Path, mode: LandmarkerMode = LandmarkerMode.VIDEO) -> None:
        """Load the model.

        Args:
            model_path: mediapipe's `face_landmarker.task`.
            mode: What the pictures have to do with one another.

        Raises:
            TrackerError: The file is missing or broken, or mediapipe cannot be loaded.
        """
        self._mode = mode
        self._owner: int | None = None
        self._last_ms = -1
        self._previous: Face | None = None
        self._previous_s = 0.0
        self._search = FaceSearch()
        self._noisy = True
        content = _read(model_path)
        with quiet_stderr():
            try:
                self._landmarker = _create(content, mode)
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

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def find(self, image: Image, time_s: float = 0.0) -> Face | None:
        """Find the face to follow: the one followed so far, else the largest and most central.

        Args:
            image: (H, W, 3) RGB uint8.
            time_s: When the frame was taken; need not rise, and is not used for single images.

        Returns:
            The face, or None when there is none.
        """
        faces = self.find_all(image, time_s)
        return faces[0] if faces else None

    def find_all(self, image: Image, time_s: float = 0.0) -> tuple[Face, ...]:
        """Find up to three faces, the one to follow first; arguments as for `find`.

        Raises:
            ValueError: The landmarker is closed, or belongs to another thread.
        """
        self._check_caller()
        size = (image.shape[0], image.shape[1])
        if self._mode is LandmarkerMode.IMAGE:
            return self._find_in_image(image, size)
        faces = self._find_within(image, self._search.window(size), time_s)
        if abs(time_s - self._previous_s) > _FORGET_AFTER_S:
            self._previous = None
        faces = sort_faces(faces, size, self._previous)
        self._search.report(faces[0].box if faces else None)
        if faces:
            self._previous, self._previous_s = faces[0], time_s
        return faces

    def close(self) -> None:
        """Release the model; a second call does nothing. Not while another thread finds faces."""
        landmarker, self._landmarker = self._landmarker, None
        if landmarker is not None:
            landmarker.close()

    def _find_in_image(self, image: Image, size: tuple[int, int]) -> tuple[Face, ...]:
        for window in windows_to_search(size):
            faces = self._find_within(image, window, time_s=0.0)
            if faces:
                return sort_faces(faces, size, previous=None)
        return ()

    def _find_within(self, image: Image, window: Window, time_s: float) -> tuple[Face, ...]:
        left, top, width, height = window
        part = np.ascontiguousarray(image[top : top + height, left : left + width])
        return _faces(self._detect(part, time_s), window)

    def _check_caller(self) -> None:
        caller = threading.get_ident()
        if self._owner is None:
            self._owner = caller
        if self._landmarker is None:
            raise ValueError("The face landmarker is closed; make a new one.")
        if caller != self._owner:
            raise ValueError("A face landmarker belongs to one thread; make one per thread.")

    def _detect(self, image: Image, time_s: float) -> Any:
        if not self._noisy:
            return self._detect_loudly(image, time_s)
        with quiet_stderr():  # the graph starts, and talks, with the first picture
            self._noisy = False
            return self._detect_loudly(image, time_s)

    def _detect_loudly(self, image: Image, time_s: float) -> Any:
        import mediapipe

        picture = mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=image)
        if self._mode is LandmarkerMode.IMAGE:
            return self._landmarker.detect(picture)
        self._last_ms = max(self._last_ms + 1, round(time_s * 1000))
        return self._landmarker.detect_for_video(picture, self._last_ms)


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


def _create(content: bytes, mode: LandmarkerMode) -> Any:
    from mediapipe.tasks.python import BaseOptions, vision

    options = vision.FaceLandmarkerOptions(
        base_options=BaseOptions(model_asset_buffer=content),
        running_mode=vision.RunningMode[mode.name],
        num_faces=_MOST_FACES,
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

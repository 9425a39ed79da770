"""One of mediapipe's own landmarkers. The one place that knows mediapipe's programming interface.

It is imported when a graph is made, not before, and pyproject.toml pins a release that contacts no
host (0.10.35 and later do).
"""

from typing import Any

import numpy as np

from avatarify.frames import Image
from avatarify.tracking.face import Face
from avatarify.tracking.native_noise import quiet_stderr
from avatarify.tracking.search import Window

_EMPTY = np.zeros((32, 32, 3), np.uint8)


class MediapipeGraph:
    """Finds faces in a part of each picture."""

    def __init__(self, content: bytes, *, is_video: bool, most_faces: int) -> None:
        """Load the networks.

        Args:
            content: Of `face_landmarker.task`.
            is_video: Whether pictures are frames of one stream. If there is one face at most,
                mediapipe then smooths its points over time.
            most_faces: How many are found.

        Raises:
            RuntimeError, ValueError: The file is broken.
            ImportError, OSError: mediapipe cannot be loaded.
        """
        self._is_video = is_video
        with quiet_stderr():
            self._landmarker = _create(content, is_video, most_faces)
        self._last_ms = -1
        self._noisy = True

    def find(self, image: Image, window: Window, time_s: float = 0.0) -> tuple[Face, ...]:
        """Find faces.

        Args:
            image: (H, W, 3) RGB uint8.
            window: The part of it to look at.
            time_s: When the frame was taken; need not rise.
        """
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
        """Release the networks."""
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

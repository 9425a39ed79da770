"""mediapipe's networks of the face, run by OpenVINO: the same points in two fifths of the time.

Whoever follows one face needs neither mediapipe's detector nor its pipeline of packets: the last
frame's points say where to look. What is cut out, and how points are put back, is mediapipe's own
procedure (`face_landmarks_detector_graph.cc`), so that the points are the same to some hundredths
of a pixel. Its smoothing is left out: what the points are for smooths them in its own way, and
twice smoothed lids blink late.
"""

import functools
import io
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.frames import Image
from avatarify.networks.silent_openvino import openvino
from avatarify.tracking.face import BLENDSHAPE_NAMES, LANDMARK_COUNT, Face
from avatarify.tracking.known_face import live_face_of_points
from avatarify.tracking.network_call import NetworkCall

if TYPE_CHECKING:
    from openvino import CompiledModel

Points = NDArray[np.float32]

_POINTS_FILE = "face_landmarks_detector.tflite"
_SHAPES_FILE = "face_blendshapes.tflite"
_LARGEST_FILE = 32 << 20

_SIDE = 256
"""Of the square that the points' network sees, in its pixels."""

_PER_FACE = 1.5
"""Side of the square over the longer side of the box around the points."""

_OUTER_EYE_CORNERS = (33, 263)
"""Are level in the square."""

_PRESENT = 0.0
"""Logit of there being a face from which it is one."""

_SHAPE_POINTS = np.array((
    0, 1, 4, 5, 6, 7, 8, 10, 13, 14, 17, 21, 33, 37, 39, 40, 46, 52, 53, 54, 55, 58, 61, 63, 65, 66,
    67, 70, 78, 80, 81, 82, 84, 87, 88, 91, 93, 95, 103, 105, 107, 109, 127, 132, 133, 136, 144,
    145, 146, 148, 149, 150, 152, 153, 154, 155, 157, 158, 159, 160, 161, 162, 163, 168, 172, 173,
    176, 178, 181, 185, 191, 195, 197, 234, 246, 249, 251, 263, 267, 269, 270, 276, 282, 283, 284,
    285, 288, 291, 293, 295, 296, 297, 300, 308, 310, 311, 312, 314, 317, 318, 321, 323, 324, 332,
    334, 336, 338, 356, 361, 362, 365, 373, 374, 375, 377, 378, 379, 380, 381, 382, 384, 385, 386,
    387, 388, 389, 390, 397, 398, 400, 402, 405, 409, 415, 454, 466, 468, 469, 470, 471, 472, 473,
    474, 475, 476, 477,
))  # fmt: skip
"""What the expression's network is told, in this order."""


class MeshNetworks:
    """Both networks, compiled; many readers may share them."""

    def __init__(self, content: bytes) -> None:
        """Compile mediapipe's networks for one thread of the processor; takes about a second.

        Args:
            content: Of `face_landmarker.task`.

        Raises:
            ImportError: OpenVINO is not installed.
            OSError: There is no place for a temporary file.
            RuntimeError, ValueError: OpenVINO cannot read or run them, or they are others.
        """
        core = openvino().Core()
        options = {
            "INFERENCE_PRECISION_HINT": "f32",
            "INFERENCE_NUM_THREADS": 1,
            "NUM_STREAMS": 1,
            "ENABLE_CPU_PINNING": False,
        }
        compiled = []
        with tempfile.TemporaryDirectory() as folder, _opened(content) as archive:
            for name, shape in (
                (_POINTS_FILE, [1, _SIDE, _SIDE, 3]),
                (_SHAPES_FILE, [1, len(_SHAPE_POINTS), 2]),
            ):
                path = Path(folder) / name  # OpenVINO reads this format from files only
                path.write_bytes(_member(archive, name))
                model = core.read_model(path)
                model.reshape(shape)
                compiled.append(core.compile_model(model, "CPU", options))
        points, expression = compiled
        sizes = [[int(np.prod(o.shape)) for o in network.outputs] for network in compiled]
        if sizes[0][:2] != [LANDMARK_COUNT * 3, 1] or sizes[1] != [len(BLENDSHAPE_NAMES)]:
            raise ValueError(f"its networks have {sizes} outputs")
        self.points: CompiledModel = points
        """(1, 256, 256, 3) in [0, 1] to 478 points in its pixels and the logit of a face."""
        self.expression: CompiledModel = expression
        """(1, 146, 2) points to 52 blendshapes."""


@functools.lru_cache(maxsize=1)
def compiled_networks(content: bytes) -> MeshNetworks:
    """Compile once in a process: OpenVINO never gives back all that a compilation took.

    Arguments and errors as for `MeshNetworks`.
    """
    return MeshNetworks(content)


class MeshReader:
    """Reads the points of a face whose place is roughly known. From one thread at a time."""

    def __init__(self, networks: MeshNetworks) -> None:
        """Take compiled networks, with memory of its own for what lies between their layers."""
        self._points = NetworkCall(networks.points)
        self._expression = NetworkCall(networks.expression)

    def read(self, image: Image, near: Points) -> Face | None:
        """Find a face.

        Args:
            image: (H, W, 3) RGB uint8.
            near: (478, 3), its points of a moment ago, in pixels.

        Returns:
            The face; None if there is none, or it has left the picture.
        """
        matrix = to_picture(near)
        x, y = matrix @ (_SIDE / 2, _SIDE / 2, 1.0)
        if not (0 <= x < image.shape[1] and 0 <= y < image.shape[0]):
            return None
        inverse = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        square = cv2.warpAffine(
            image, matrix, (_SIDE, _SIDE), flags=inverse, borderMode=cv2.BORDER_REPLICATE
        )
        np.multiply(square, np.float32(1 / 255), out=self._points.given[0])
        outputs = self._points()
        raw, logit = outputs[0].reshape(LANDMARK_COUNT, 3), float(outputs[1].reshape(-1)[0])
        if not (logit > _PRESENT and np.isfinite(raw).all()):
            return None
        points = np.empty_like(raw)
        points[:, :2] = raw[:, :2] @ matrix[:, :2].T + matrix[:, 2]
        points[:, 2] = raw[:, 2] * np.hypot(*matrix[:, 0])
        size = image.shape[0], image.shape[1]
        return live_face_of_points(points, lambda: self._shapes(points), size)

    def _shapes(self, points: Points) -> NDArray[np.float32]:
        self._expression.given[0] = points[_SHAPE_POINTS, :2]
        return self._expression()[0].reshape(-1)


def to_picture(points: Points) -> NDArray[np.float64]:
    """Return (2, 3), from the pixels of the square that holds a face to those of the picture.

    Args:
        points: (478, 2 or 3), in pixels of the picture.
    """
    low, high = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    along_x, along_y = (points[_OUTER_EYE_CORNERS[1]] - points[_OUTER_EYE_CORNERS[0]])[:2]
    angle = np.arctan2(along_y, along_x)
    scale = _PER_FACE * float((high - low).max()) / _SIDE
    cos, sin = scale * np.cos(angle), scale * np.sin(angle)
    linear = np.array([[cos, -sin], [sin, cos]])
    middle = (low + high) / 2.0
    return np.column_stack((linear, middle - linear @ (_SIDE / 2, _SIDE / 2)))


def _opened(content: bytes) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(io.BytesIO(content))
    except zipfile.BadZipFile as error:
        raise ValueError("it is not an archive of networks") from error


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        information = archive.getinfo(name)
        if information.file_size > _LARGEST_FILE:
            raise ValueError(f"{name} is too large")
        return archive.read(information)
    except (KeyError, zipfile.BadZipFile, NotImplementedError) as error:
        raise ValueError(f"{name} cannot be read from it") from error

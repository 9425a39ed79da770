"""A small picture of what a webcam sees, so that people recognise it."""

import cv2
import numpy as np

from avatarify.errors import CameraError
from avatarify.frames import Image
from avatarify.media.camera_list import CameraInfo
from avatarify.media.webcam import Webcam

_FRAMES_UNTIL_EXPOSED = 5
_SMALL_SIZE = (480, 640)


def take_thumbnail(camera: CameraInfo, width: int = 320) -> Image:
    """Open the camera, take one picture and close it.

    Args:
        camera: One of `list_cameras`.
        width: Pixels of the thumbnail; the height follows.

    Returns:
        RGB, uint8.

    Raises:
        CameraError: It is busy, or was unplugged.
    """
    with Webcam(camera.path or camera.index, _SMALL_SIZE, warm_up_s=3.0) as webcam:
        for _ in range(_FRAMES_UNTIL_EXPOSED):  # the first pictures are often black
            frame = webcam.read()
    if frame is None:
        raise CameraError(f"Camera {camera.name} delivers no frames.")
    height = max(1, round(frame.image.shape[0] * width / frame.image.shape[1]))
    small = cv2.resize(frame.image, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)

"""The area that keypoints span, which tells how large a face is in its frame."""

import cv2
import numpy as np
from torch import Tensor


def convex_hull_area(points: Tensor) -> float:
    """Return the area of the convex hull of one image's keypoints.

    Args:
        points: (K, 2), K at least 3; any device.

    Returns:
        The area in squared units of `points`; 0 when all lie on one line.
    """
    hull = cv2.convexHull(points.detach().cpu().numpy().astype(np.float32))
    return float(cv2.contourArea(hull))

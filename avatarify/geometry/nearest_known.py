"""The nearest known pixel of each pixel."""

import cv2
import numpy as np
from numpy.typing import NDArray


def nearest_known(is_known: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return (h, w, 2), row and column of the nearest known pixel; known ones are their own.

    Args:
        is_known: (h, w). Where nothing is known, all get (0, 0).
    """
    _, labels = cv2.distanceTransformWithLabels(
        (~is_known).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    places = np.zeros((int(labels.max()) + 1, 2), np.intp)
    places[labels[is_known]] = np.argwhere(is_known)
    return np.asarray(places[labels])

"""One picture of how the face engine made one frame, for someone who has only read the article."""

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from avatarify.animation.face.animator import FaceDecomposition
from avatarify.animation.face.panels import face_panels, landmark_picture
from avatarify.animation.figure_panels import INK, drawn_figure, label_panel
from avatarify.frames import Image

_COLUMNS = 3
_CAPTIONS = (
    "478 landmarks of the driver are the keypoints.",
    "The same landmarks of the portrait, p in the article.",
    "The driver's motion since the reference frame, carried over: z.",
    "Each triangle is one first-order motion T(z) = s + J (z − d);\nits mask is the triangle.",
    "All triangles, far to near: where to look in the portrait.\nHue is the direction, colour "
    "how far.",
    "Hair, skin and clothes, warped by the flow.",
    "What of the picture is person: the complement of what the\nroom shows through.",
    "The room, filled in behind the person.",
    "Room, person, eyeballs, the inside of the mouth and\nthe light on the skin, far to near.",
)


def draw_face_explanation(
    decomposition: FaceDecomposition,
    portrait: Image,
    own: NDArray[np.floating],
    driving: Image,
    landmarks: NDArray[np.floating],
) -> Image:
    """Draw the picture.

    Args:
        decomposition: Of the frame that is explained.
        portrait: RGB (H, W, 3).
        own: (478, 3), the portrait's landmarks.
        driving: RGB (h, w, 3), the driver.
        landmarks: (478, 3), the driver's landmarks in pixels of `driving`.

    Returns:
        RGB, some 2000 pixels wide.
    """
    panels = (
        ("Driving keypoints", landmark_picture(driving, landmarks)),
        *face_panels(decomposition, portrait, own),
    )
    shape = portrait.shape[0] / portrait.shape[1]
    rows = -(-len(panels) // _COLUMNS)
    figure = Figure(figsize=(19.0, 1.3 + rows * (6.1 * shape + 1.15)), dpi=100, facecolor="white")
    figure.suptitle(
        "From landmarks to a moving portrait: one frame, taken apart",
        x=0.5, y=0.985, fontsize=24, fontweight="bold", color=INK,
    )  # fmt: skip
    axes = figure.subplots(rows, _COLUMNS, squeeze=False)
    figure.subplots_adjust(left=0.015, right=0.985, top=0.91, bottom=0.07, wspace=0.04, hspace=0.33)
    drawn = zip(axes.flat, panels, _CAPTIONS, strict=True)
    for number, (ax, (title, picture), caption) in enumerate(drawn, start=1):
        ax.imshow(picture)
        label_panel(ax, number, title, caption)
    return drawn_figure(figure)

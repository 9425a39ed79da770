"""One picture of how one frame came about, for someone who has only read about the method.

Twelve panels in three rows: keypoints and the sparse motion around them; the masks that make it a
dense flow; the warped portrait and what is painted.
"""

from matplotlib.figure import Figure

from avatarify.animation.decomposition_panels import DecompositionPanels, Explanation
from avatarify.animation.figure_panels import INK, drawn_figure, label_panel
from avatarify.frames import Image

_ROWS, _COLUMNS = 3, 4
_ROW_TITLES = (
    "Sparse motion:\nkeypoints, and what moves around them",
    "Dense motion:\nwhere each of the motions holds",
    "The picture:\nmove what is there, paint what is not",
)


def draw_explanation(explanation: Explanation) -> Image:
    """Draw the picture.

    Returns:
        RGB, some 2000 pixels wide.
    """
    figure = Figure(figsize=(19.0, 17.4), dpi=100, facecolor="white")
    figure.suptitle(
        "From keypoints to a moving portrait: one frame, taken apart",
        x=0.5, y=0.985, fontsize=24, fontweight="bold", color=INK,
    )  # fmt: skip
    panels = DecompositionPanels(explanation)
    axes = figure.subplots(_ROWS, _COLUMNS, squeeze=False)
    figure.subplots_adjust(left=0.05, right=0.99, top=0.925, bottom=0.055, wspace=0.05, hspace=0.3)
    for row, title in enumerate(_ROW_TITLES):
        middle = axes[row, 0].get_position()
        figure.text(
            0.02, (middle.y0 + middle.y1) / 2, title,
            rotation=90, fontsize=15, fontweight="bold", color="#3b5b92",
            ha="center", va="center", multialignment="center",
        )  # fmt: skip
    for number, (ax, draw) in enumerate(zip(axes.flat, panels.in_order(), strict=True), start=1):
        title, caption = draw(ax)
        label_panel(ax, number, title, caption)
    return drawn_figure(figure)

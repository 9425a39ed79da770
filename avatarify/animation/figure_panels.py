"""How panels of an explaining figure look, and how the figure becomes a picture."""

from io import BytesIO

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from avatarify.frames import Image

INK = "#1d2733"
"""The colour of what is written."""


def label_panel(ax: Axes, number: int, title: str, caption: str) -> None:
    """Write a title above a panel and a caption below it; it has no ticks."""
    ax.set_xticks([])
    ax.set_yticks([])
    ax.set_anchor("N")
    ax.set_title(f"{number}  {title}", fontsize=16, fontweight="bold", loc="left", color=INK)
    ax.set_xlabel(caption, fontsize=12.3, loc="left", color=INK, labelpad=7)


def drawn_figure(figure: Figure) -> Image:
    """Draw a figure at its own size and resolution."""
    drawn = BytesIO()
    figure.savefig(drawn, format="rgba", dpi=figure.dpi)
    width, height = figure.canvas.get_width_height()  # rounded as savefig does
    pixels = np.frombuffer(drawn.getvalue(), np.uint8).reshape(height, width, 4)
    return np.ascontiguousarray(pixels[..., :3])

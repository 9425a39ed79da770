"""The single panels of the picture that takes one animated frame apart.

Each draws into matplotlib axes and returns its title and a caption of two short lines.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.patches import Polygon
from numpy.typing import NDArray
from torch import Tensor

from avatarify.animation.animator import Decomposition
from avatarify.animation.flow_colours import (
    colour_flow,
    colour_wheel,
    keypoint_colours,
    mix_masks,
    tile,
)
from avatarify.frames import Image
from avatarify.geometry import matrix2
from avatarify.geometry.grid import identity_grid, resize_grid, warp
from avatarify.geometry.keypoints import Keypoints

_PATCH = 0.13
"""Half the side of the squares that show the motion around each of up to 10 keypoints."""


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """What is shown."""

    portrait: Image
    """RGB square."""

    driving: Image
    """RGB square."""

    reference: Image | None
    """RGB square, the driving frame whose motion counts as none; None for absolute motion."""

    decomposition: Decomposition
    """Of this portrait and this driving frame."""

    constant_variance: float = 0.01
    """Of the Gaussians, where the model fits no covariance."""


Panel = Callable[[Axes], tuple[str, str]]
"""Draws into the axes; returns title and caption."""


class DecompositionPanels:
    """Knows the explained frame; `in_order` gives what draws each panel."""

    def __init__(self, explanation: Explanation) -> None:
        self._shown = explanation
        self._parts = explanation.decomposition
        self._animation = explanation.decomposition.animation
        self._motion = explanation.decomposition.animation.motion
        self._count = self._parts.source.value.shape[1]
        self._colours = keypoint_colours(self._count)
        self._dot_size = 14.0 if self._count <= 10 else 11.0
        grid = self._motion.grid[0]
        plane = identity_grid(grid.shape[0], grid.shape[1], like=grid)
        self._displacement = _array(plane - grid)
        lengths = np.hypot(self._displacement[..., 0], self._displacement[..., 1])
        self._longest = max(float(np.quantile(lengths, 0.99)), 0.02)

    def in_order(self) -> tuple[Panel, ...]:
        """Return the twelve panels, four in a row."""
        return (
            self._portrait_panel, self._driver_panel,
            self._zero_order_panel, self._first_order_panel,
            self._sparse_warps_panel, self._masks_panel, self._owners_panel, self._flow_panel,
            self._warped_panel, self._occlusion_panel, self._painting_panel, self._result_panel,
        )  # fmt: skip

    def _portrait_panel(self, ax: Axes) -> tuple[str, str]:
        self._keypoints(ax, self._shown.portrait, self._parts.source)
        return (
            "Portrait (source)",
            f"{self._count} points {self._origin()}.\nEllipses: {self._gaussians()}",
        )

    def _driver_panel(self, ax: Axes) -> tuple[str, str]:
        self._keypoints(ax, self._shown.driving, self._parts.driving)
        if self._shown.reference is None:
            return "Driver", "The same points on the driver.\nThe portrait takes their places."
        inset = ax.inset_axes((0.0, 0.7, 0.3, 0.3))
        inset.imshow(self._shown.reference)
        inset.set_xticks([])
        inset.set_yticks([])
        for spine in inset.spines.values():
            spine.set(color="white", linewidth=2)
        return (
            "Driver",
            "The same points. Inset: the reference frame;\n"
            "only the motion since then is transferred.",
        )

    def _zero_order_panel(self, ax: Axes) -> tuple[str, str]:
        identity = torch.eye(2).expand(1, self._count, 2, 2)
        self._patches(ax, identity)
        return (
            "Zero order: each point shifts",
            "Rigid: around a point all moves by the same step.\n"
            "Dashed: before. Solid: after. Squares stay squares.",
        )

    def _first_order_panel(self, ax: Axes) -> tuple[str, str]:
        source, moved = self._parts.source.jacobian, self._parts.moved.jacobian
        if source is None or moved is None:
            self._absent(ax, "This model is of zero order:\nit has no Jacobians.")
            return (
                "First order: not in this model",
                "Jacobians would let the squares turn and shear.\n"
                "Here a correction does that: see panel 10.",
            )
        self._patches(ax, matrix2.product(moved, matrix2.inverse(source)))
        return (
            "First order: it also turns",
            "Affine: the Jacobian adds turning, scaling, shear\n"
            "around it. Squares become parallelograms.",
        )

    def _sparse_warps_panel(self, ax: Axes) -> tuple[str, str]:
        warped = _pictures(self._motion.warped_source[0])
        columns = _columns(len(warped))
        ax.imshow(tile(warped, columns))
        self._label_tiles(ax, warped.shape[1], columns)
        return (
            "Each sparse motion alone",
            "The whole portrait, moved as one point says.\nB: the background, which stands still.",
        )

    def _masks_panel(self, ax: Axes) -> tuple[str, str]:
        masks = _array(self._motion.mask[0])
        columns = _columns(len(masks))
        strongest = float(masks.max())
        shown = np.repeat(masks[..., None] / strongest, 3, axis=-1)
        ax.imshow(tile(shown, columns))
        self._label_tiles(ax, masks.shape[1], columns)
        return (
            "Learned masks",
            "Where each of these motions holds. White: its\n"
            f"share is {100 * strongest:.0f} %; together they make 100 %.",
        )

    def _owners_panel(self, ax: Axes) -> tuple[str, str]:
        self._square(ax, _resized(mix_masks(_array(self._motion.mask[0])), 4))
        for point, colour in zip(_array(self._parts.moved.value[0]), self._colours, strict=True):
            ax.plot(*point, "o", color=colour, markeredgecolor="black", markersize=8)
        return (
            "The strongest mask",
            "At each pixel, in its point's colour. Grey: B.\nDots: where the points are to arrive.",
        )

    def _flow_panel(self, ax: Axes) -> tuple[str, str]:
        self._square(ax, _resized(colour_flow(self._displacement, self._longest), 4))
        self._wheel(ax)
        return (
            "Dense flow",
            "All motions, mixed by the masks. Hue: where to.\n"
            f"Full colour: {50 * self._longest:.1f} % of the picture's width.",
        )

    def _warped_panel(self, ax: Axes) -> tuple[str, str]:
        self._square(ax, _pictures(self._animation.warped_source)[0])
        return (
            "Warped portrait",
            "Every pixel is fetched from where the flow says.\n"
            "Nothing is new: a closed mouth cannot open yet.",
        )

    def _occlusion_panel(self, ax: Axes) -> tuple[str, str]:
        if self._motion.non_rigid is not None:
            shift = -_array(self._motion.non_rigid[0])
            self._square(ax, _resized(colour_flow(shift, self._longest), 4))
            self._wheel(ax)
            return (
                "Correction for what is not rigid",
                "The part of the flow that no point's shift explains,\nlearned beside the masks.",
            )
        if self._motion.occlusion_map is None:
            self._absent(ax, "This model predicts\nno occlusion.")
            return "Occlusion: not in this model", ""
        image = ax.imshow(
            _array(self._motion.occlusion_map[0, 0]), extent=(-1, 1, 1, -1),
            cmap="gray", vmin=0.0, vmax=1.0, interpolation="bilinear",
        )  # fmt: skip
        bar = ax.inset_axes((0.93, 0.03, 0.03, 0.3))
        ax.figure.colorbar(image, cax=bar, ticks=[0, 1])
        bar.tick_params(labelsize=11, color="#888888")
        bar.yaxis.set_ticks_position("left")
        for label in bar.get_yticklabels():
            label.set(color="#d06000", fontweight="bold")
        return (
            "Occlusion map",
            "White (1): the portrait shows what is needed.\n"
            "Black (0): it was hidden and must be painted.",
        )

    def _painting_panel(self, ax: Axes) -> tuple[str, str]:
        warped = _pictures(self._animation.warped_source)[0]
        if self._animation.blend is not None:
            blend = _resized_map(self._animation.blend, warped.shape[0])
            self._square(ax, _overlaid(warped, blend))
            return (
                "Painted over (blend mask)",
                "Orange: here the generator's own painting covers\nthe warped portrait.",
            )
        if self._motion.occlusion_map is not None:
            hidden = 1.0 - _resized_map(self._motion.occlusion_map, warped.shape[0])
            self._square(ax, _overlaid(warped, hidden))
            return (
                "What is left of the portrait",
                "Orange: hidden parts, which the generator paints\nfrom what it has learned.",
            )
        assert self._motion.non_rigid is not None
        rigid = self._motion.grid - self._motion.non_rigid
        source = torch.from_numpy(self._shown.portrait.copy()).permute(2, 0, 1)[None].float() / 255
        grid = resize_grid(rigid, source.shape[2], source.shape[3], align_corners=True)
        self._square(ax, _pictures(warp(source, grid))[0])
        return (
            "Warped without the correction",
            "Compare with panel 9: what rigid motion alone\nwould have made of the portrait.",
        )

    def _result_panel(self, ax: Axes) -> tuple[str, str]:
        self._square(ax, _pictures(self._animation.picture)[0])
        return "Result", "The generator's picture: the portrait,\nmoving like the driver."

    def _origin(self) -> str:
        if self._animation.blend is not None:  # the compact model was shown landmarks in training
            return "that the network finds in every face"
        return "that the network chose; nobody named them"

    def _gaussians(self) -> str:
        if self._parts.source.covariance is not None:
            return "the Gaussian that fits each heatmap."
        if self._parts.source.jacobian is not None:
            return "its Gaussian, shaped by the Jacobian."
        return "the Gaussian around each."

    def _keypoints(self, ax: Axes, image: Image, keypoints: Keypoints) -> None:
        """Draw each keypoint with the ellipse of its Gaussian at one standard deviation."""
        self._square(ax, image)
        angles = np.linspace(0.0, 2.0 * np.pi, 48)
        circle = np.stack((np.cos(angles), np.sin(angles)))
        shapes = _gaussian_shapes(keypoints, self._shown.constant_variance)
        points = _array(keypoints.value[0])
        for number, (point, shape, colour) in enumerate(
            zip(points, shapes, self._colours, strict=True), start=1
        ):
            outline = (point[:, None] + shape @ circle).T
            ax.add_patch(Polygon(outline, fc=(*colour, 0.18), ec=colour, lw=2.0))
            self._dot(ax, point, colour, number)

    def _patches(self, ax: Axes, change: Tensor) -> None:
        """Draw a square around each source keypoint, and where its motion takes it."""
        self._square(ax, 0.45 + 0.4 * self._shown.portrait.astype(np.float32) / 255.0)
        size = _PATCH * min(1.0, np.sqrt(10 / self._count))
        corners = size * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], np.float32)
        source, moved = _array(self._parts.source.value[0]), _array(self._parts.moved.value[0])
        matrices = _array(change[0])
        for number in range(self._count):
            colour = self._colours[number]
            start, end = source[number], moved[number]
            ax.add_patch(Polygon(start + corners, fill=False, ec=colour, lw=1.2, ls=(0, (3, 2))))
            outline = end + corners @ matrices[number].T
            ax.add_patch(Polygon(outline, fc=(*colour, 0.22), ec=colour, lw=2.4))
            if np.hypot(*(end - start)) > 0.01:
                ax.annotate(
                    "", xy=end, xytext=start,
                    arrowprops={"arrowstyle": "-|>", "color": "black", "lw": 1.8},
                )  # fmt: skip

    def _dot(
        self, ax: Axes, point: NDArray[np.float32], colour: NDArray[np.float32], number: int
    ) -> None:
        ax.plot(*point, "o", color=colour, markeredgecolor="black", markersize=self._dot_size)
        ax.text(
            point[0],
            point[1],
            str(number),
            fontsize=0.65 * self._dot_size,
            fontweight="bold",
            ha="center",
            va="center_baseline",
        )

    def _label_tiles(self, ax: Axes, side: int, columns: int) -> None:
        for index in range(self._count + 1):
            top, left = index // columns * (side + 2), index % columns * (side + 2)
            colour = "#dddddd" if index == 0 else self._colours[index - 1]
            ax.text(
                left + 0.05 * side, top + 0.05 * side, "B" if index == 0 else str(index),
                fontsize=11, fontweight="bold", ha="left", va="top",
                bbox={"boxstyle": "round,pad=0.2", "fc": colour, "ec": "black", "lw": 0.6},
            )  # fmt: skip
        for spine in ax.spines.values():
            spine.set_visible(False)

    def _wheel(self, ax: Axes) -> None:
        legend = ax.inset_axes((0.74, 0.02, 0.24, 0.24))
        legend.imshow(colour_wheel(96), extent=(-1, 1, 1, -1))
        for x, y in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            legend.annotate(
                "", xy=(0.95 * x, 0.95 * y), xytext=(0, 0),
                arrowprops={"arrowstyle": "->", "color": "#444444", "lw": 0.9},
            )  # fmt: skip
        legend.set_axis_off()

    def _absent(self, ax: Axes, text: str) -> None:
        ax.set_facecolor("#eeeeee")
        ax.set_aspect("equal")
        ax.set(xlim=(-1, 1), ylim=(1, -1))
        ax.text(0, 0, text, ha="center", va="center", fontsize=14, color="#666666")

    def _square(self, ax: Axes, picture: NDArray[np.generic]) -> None:
        ax.imshow(picture, extent=(-1, 1, 1, -1), interpolation="bilinear")
        ax.set(xlim=(-1, 1), ylim=(1, -1))


def _gaussian_shapes(keypoints: Keypoints, variance: float) -> NDArray[np.float32]:
    """Return the matrices that take the unit circle to each keypoint's ellipse, (K, 2, 2)."""
    if keypoints.covariance is not None:
        values, vectors = torch.linalg.eigh(keypoints.covariance[0].double())
        return _array(vectors * values.clamp_min(0.0).sqrt()[:, None, :])
    sigma = float(np.sqrt(variance))
    if keypoints.jacobian is not None:
        return sigma * _array(keypoints.jacobian[0])
    return np.broadcast_to(sigma * np.eye(2, dtype=np.float32), (keypoints.value.shape[1], 2, 2))


def _array(tensor: Tensor) -> NDArray[np.float32]:
    return tensor.detach().float().cpu().numpy()


def _pictures(tensor: Tensor) -> NDArray[np.float32]:
    """Return (N, 3, H, W) as (N, H, W, 3) in [0, 1]."""
    return _array(tensor.permute(0, 2, 3, 1).clamp(0.0, 1.0))


def _resized(picture: NDArray[np.float32], factor: int) -> NDArray[np.float32]:
    return np.repeat(np.repeat(picture, factor, axis=0), factor, axis=1)


def _resized_map(values: Tensor, side: int) -> NDArray[np.float32]:
    """Return (1, 1, h, w) as (side, side, 1)."""
    enlarged = torch.nn.functional.interpolate(
        values.float(), size=(side, side), mode="bilinear", align_corners=True
    )
    return _array(enlarged[0, 0])[..., None]


def _overlaid(picture: NDArray[np.float32], share: NDArray[np.float32]) -> NDArray[np.float32]:
    """Cover a picture with orange, as much of it as `share` (H, W, 1) says."""
    return picture + share * (np.array([1.0, 0.55, 0.1], np.float32) - picture)


def _columns(count: int) -> int:
    return int(np.ceil(np.sqrt(count)))

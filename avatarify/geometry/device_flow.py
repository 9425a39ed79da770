"""From affine maps to a flow for every pixel in torch: `triangle_flow` and `fine_flow` on a card.

The same steps with the same constants, planes (x, y) first. Everything is float32: half precision
tells places apart by a pixel at best. Blurs are sums of shifted planes and no convolutions, which
a card would compute in TF32, with as few digits.
"""

import cv2
import torch
from torch import Tensor
from torch.nn import functional

from avatarify.geometry.device_silhouette import DeviceSurfaces
from avatarify.geometry.fine_flow import AROUND, BESIDE, NEAR, SMOOTH, TEAR
from avatarify.geometry.triangle_flow import CRACK_BLUR


def look_up(
    maps: Tensor, label: Tensor, begin: tuple[int, int] = (0, 0), *, has_cracks: bool
) -> Tensor:
    """Return (2, h, w), where each grid point looks; see `triangle_flow.look_up`.

    Args:
        maps: (T, 6), from columns and rows of the grid, as `triangle_flow.grid_maps` gives them.
        label: (h, w), numbers of triangles, -1 for none.
        begin: (column, row) of the label's first point in the grid.
        has_cracks: Whether there may be points of no triangle: known without waiting for the card.
    """
    height, width = label.shape
    x = torch.arange(begin[0], begin[0] + width, device=label.device, dtype=torch.float32)
    y = torch.arange(begin[1], begin[1] + height, device=label.device, dtype=torch.float32)[:, None]
    numbers = label.clamp(min=0).flatten()
    rows = maps.T.contiguous().index_select(1, numbers).view(2, 3, height, width)
    flow = rows[:, 0] * x + rows[:, 1] * y + rows[:, 2]
    return _without_cracks(flow, label) if has_cracks else flow


def _without_cracks(flow: Tensor, label: Tensor) -> Tensor:
    seen = (label >= 0).float()
    planes = torch.cat([flow * seen, seen[None]])
    near = blurred(planes, size_of_blur(CRACK_BLUR), CRACK_BLUR)
    return torch.where(label >= 0, flow, near[:2] / near[2].clamp(min=1e-6))


def enlarged_flow(
    source: Tensor, step: int, surfaces: DeviceSurfaces | None = None
) -> tuple[Tensor, Tensor | None]:
    """Return a flow for every pixel, and what is beside edges; see `fine_flow.enlarged_flow`.

    Args:
        source: (2, h, w), where to look, in pixels, at the centres of the grid's cells.
        step: Pixels of the picture across a cell.
        surfaces: What the flow was made from, or None.

    Returns:
        (2, step h, step w), and (step h, step w), true beside edges, or None without any.
    """
    height, width = source.shape[1:]
    smooth = blurred(source, *SMOOTH, mirrors=False)
    flow = functional.interpolate(
        smooth[None], scale_factor=step, mode="bilinear", align_corners=False
    )[0]
    torn = _tears(source)
    rows, columns = torch.nonzero(_dilated(torn, len(AROUND)), as_tuple=True)
    if len(rows) == 0:
        return flow, None
    cells = flow.view(2, height, step, width, step)
    own = source[:, rows, columns].T[:, :, None, None]
    beside = _dilated(torn, len(BESIDE))
    if surfaces is None:
        cells[:, rows, :, columns] = own
    else:
        near = _dilated(torn, len(NEAR))[rows, columns]
        found = surfaces.places(rows, columns, step, near)
        found = torch.where(found.isnan(), own, found)
        cells[:, rows, :, columns] = found
        crossed = torch.zeros_like(torn)
        crossed[rows, columns] = ((found - own).abs() > TEAR).flatten(1).any(dim=1)
        beside |= _dilated(crossed, len(NEAR))
    return flow, beside.repeat_interleave(step, 0).repeat_interleave(step, 1)


def _tears(source: Tensor) -> Tensor:
    """Return (h, w), true at grid points whose right or lower neighbour looks far away."""
    torn = torch.zeros(source.shape[1:], dtype=torch.bool, device=source.device)
    torn[:, :-1] = ((source[:, :, 1:] - source[:, :, :-1]).abs() > TEAR).any(dim=0)
    torn[:-1] |= ((source[:, 1:] - source[:, :-1]).abs() > TEAR).any(dim=0)
    return torn


def _dilated(mask: Tensor, size: int) -> Tensor:
    """Dilate (h, w) by a square, whose anchor is OpenCV's."""
    before, after = size // 2, (size - 1) // 2
    padded = functional.pad(mask.float()[None, None], (before, after, before, after))
    return functional.max_pool2d(padded, size, stride=1)[0, 0] > 0


def size_of_blur(sigma: float) -> int:
    """Return how wide OpenCV makes a blur of float32 of which only sigma is named."""
    return round(8 * sigma + 1) | 1


def blurred(planes: Tensor, size: int, sigma: float, *, mirrors: bool = True) -> Tensor:
    """Blur (C, h, w) by a Gaussian as OpenCV does.

    Args:
        planes: What to blur, float32.
        size: Of the Gaussian, odd.
        sigma: Of the Gaussian.
        mirrors: Whether a border is a mirror in the middle of its pixels; else it goes on as it is.
    """
    taps = cv2.getGaussianKernel(size, sigma).ravel().tolist()
    for dim in (1, 2):
        length = planes.shape[dim]
        places = torch.arange(-(size // 2), length + size // 2, device=planes.device)
        index = mirrored(places, length) if mirrors else places.clamp(0, length - 1)
        padded = planes.index_select(dim, index)
        planes = padded.narrow(dim, 0, length) * taps[0]
        for shift, tap in enumerate(taps[1:], 1):
            planes.add_(padded.narrow(dim, shift, length), alpha=tap)
    return planes


def mirrored(places: Tensor, length: int) -> Tensor:
    """Fold places before 0 and from `length` on back inside, as OpenCV's BORDER_REFLECT_101."""
    period = max(1, 2 * length - 2)
    folded = places % period
    return torch.minimum(folded, period - folded)

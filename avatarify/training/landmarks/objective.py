"""What the landmark networks are taught: points, the gaps between them, and what moves over time.

A mouth that opens by a tenth moves few points by little; a mean over 478 of them hardly notices. So
the gaps of lips and lids, the mouth's width, the iris between the lids' corners and the brow above
them are errors of their own. And since a driver is seen as what *changes* from one frame to
another, the two faces of a pair must be missed alike: what differs between two frames of one clip
is an error too, be it trembling or a gap that opens by less than the truth.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from avatarify.networks.landmark_net import PARTS, LandmarkNet
from avatarify.networks.landmark_points import MOUTH_POINTS, RIGHT_EYE_POINTS
from avatarify.tracking.landmark_crops import EYE_SIDE, FACE_SIDE
from avatarify.training.landmarks.samples import Batch
from avatarify.training.processor import has_bfloat16

_LIP_PAIRS = (
    (13, 14), (82, 87), (312, 317), (81, 178), (311, 402), (80, 88), (310, 318),
    (61, 291), (78, 308), (0, 17), (37, 84), (267, 314), (61, 291), (61, 291),
)  # fmt: skip
"""Upper and lower lip, and the mouth's width, which counts thrice."""

_EYE_PAIRS = (
    (159, 145), (158, 153), (160, 144), (157, 154), (161, 163), (468, 33), (468, 133), (468, 145),
    (468, 159), (105, 159), (63, 160), (66, 158), (107, 133), (70, 33), (33, 133),
    (468, 33), (468, 133), (468, 33), (468, 133), (468, 33), (468, 133),
)  # fmt: skip
"""Upper and lower lid, brow and lid, and the iris between the corners, which counts four times."""

_WING = 0.06
"""Of the irises' distance: errors below count by their logarithm."""

_WING_FLOOR = 0.015


class Lesson:
    """The sum of all errors of a batch."""

    def __init__(self, anchors: NDArray[np.int64]) -> None:
        """Take the (96,) landmarks that the coarse network's heatmaps are to find."""
        self._anchors = torch.from_numpy(anchors)
        self._lips = _rows(_LIP_PAIRS, MOUTH_POINTS)
        self._eyes = _rows(_EYE_PAIRS, RIGHT_EYE_POINTS)

    def errors(
        self,
        net: LandmarkNet,
        batch: Batch,
        exact: bool = False,
        parts: tuple[str, ...] = PARTS,
    ) -> dict[str, Tensor]:
        """Return each error by its name, weighed.

        Args:
            net: The three networks.
            batch: What they see and what they should find.
            exact: Compute in float32 throughout; else in bfloat16 where the processor can.
            parts: Networks that learn; the others are not asked.
        """
        errors: dict[str, Tensor] = {}
        count = len(batch.points)
        with torch.autocast("cpu", torch.bfloat16, enabled=not exact and has_bfloat16()):
            if "coarse" in parts:
                anchors, deep = net.coarse.anchors(_folded(batch.face))
                seen = net.coarse.read(anchors, deep)
                points = seen.points[:count].float()
                errors |= self._coarse(batch.points, anchors[:count].float(), points)
                errors |= _verdict(seen.presence.float(), seen.error.float(), points, batch.points)
            if "mouth" in parts:
                mouth = net.mouth(_folded(batch.mouth)).float()
                errors |= self._close("mouth", mouth, batch.mouth_points, net.config.mouth_side)
            if "eye" in parts:
                eye = net.eye(_folded(batch.eye)).float()
                errors |= self._close("eye", eye, batch.eye_points, EYE_SIDE)
        return errors

    def _coarse(self, truth: Tensor, anchors: Tensor, points: Tensor) -> dict[str, Tensor]:
        unit = FACE_SIDE / 2.0
        goal = truth[:, self._anchors, :2]
        missed = (points[..., :2] - truth[..., :2]) * unit
        return {
            "face": wing(missed).mean(),
            "face change": 0.5 * wing(_unlike(missed)).mean(),
            "depth": 0.3 * ((points[..., 2] - truth[..., 2]) * unit).abs().mean(),
            "anchors": 0.5 * wing((anchors - goal) * unit).mean(),
        }

    def _close(self, name: str, points: Tensor, truth: Tensor, side: float) -> dict[str, Tensor]:
        first, second = self._lips if name == "mouth" else self._eyes
        missed = (points - truth) * (side / 2.0)
        gaps = missed[:, first] - missed[:, second]
        return {
            name: 1.5 * wing(missed).mean(),
            f"{name} gaps": 1.5 * wing(gaps).mean(),
            f"{name} change": 0.75 * wing(_unlike(missed)).mean(),
            f"{name} gaps' change": 1.5 * wing(_unlike(gaps)).mean(),
        }


def _unlike(missed: Tensor) -> Tensor:
    """Return how differently the two faces of each pair are missed."""
    return missed[0::2] - missed[1::2]


def wing(error: Tensor) -> Tensor:
    """Return the wing loss (Feng et al., 2018): a logarithm near zero, straight beyond `_WING`."""
    size = error.abs()
    near = _WING * torch.log1p(size / _WING_FLOOR)
    step = _WING * float(np.log1p(_WING / _WING_FLOOR)) - _WING
    return torch.where(size < _WING, near, size + step)


def _verdict(presence: Tensor, error: Tensor, points: Tensor, truth: Tensor) -> dict[str, Tensor]:
    count = len(truth)
    is_face = (torch.arange(len(presence)) < count).float()
    missed = (points[:count, :, :2].float() - truth[..., :2]).norm(dim=2).mean(dim=1).detach()
    return {
        "presence": 0.05 * functional.binary_cross_entropy_with_logits(presence, is_face),
        "doubt": 0.1 * (error[:count] - missed).abs().mean(),
    }


def anchor_points(mean: NDArray[np.float32], count: int) -> NDArray[np.int64]:
    """Choose landmarks that lie far apart, those of lips, lids and irises among them.

    Args:
        mean: (478, 3), the mean face.
        count: How many.

    Returns:
        (count,).
    """
    chosen = [
        61,
        291,
        13,
        14,
        0,
        17,
        33,
        133,
        263,
        362,
        159,
        145,
        386,
        374,
        468,
        473,
        105,
        334,
        1,
        152,
    ]
    distance = np.linalg.norm(mean[:, None] - mean[chosen], axis=2).min(axis=1)
    while len(chosen) < count:
        chosen.append(int(distance.argmax()))
        distance = np.minimum(distance, np.linalg.norm(mean - mean[chosen[-1]], axis=1))
    return np.array(chosen[:count])


def shape_from_anchors(
    points: NDArray[np.float32], anchors: NDArray[np.int64]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the linear map that best completes faces from some of their points.

    Args:
        points: (N, 478, 3), in [-1, 1] of their crops.
        anchors: (K,).

    Returns:
        (1434, 2 K) weights and (1434,) bias.
    """
    known = points[:, anchors, :2].reshape(len(points), -1).astype(np.float64)
    wanted = points.reshape(len(points), -1).astype(np.float64)
    known_mean, wanted_mean = known.mean(axis=0), wanted.mean(axis=0)
    known, wanted = known - known_mean, wanted - wanted_mean
    moment = known.T @ known + 1e-4 * len(known) * np.eye(known.shape[1])
    weights = np.linalg.solve(moment, known.T @ wanted).T
    return weights.astype(np.float32), (wanted_mean - weights @ known_mean).astype(np.float32)


def _rows(pairs: tuple[tuple[int, int], ...], points: tuple[int, ...]) -> tuple[Tensor, Tensor]:
    first, second = zip(*((points.index(a), points.index(b)) for a, b in pairs), strict=True)
    return torch.tensor(first), torch.tensor(second)


def _folded(image: Tensor) -> Tensor:
    """Channels last: what the processor's convolutions are quickest with."""
    return image.contiguous(memory_format=torch.channels_last)

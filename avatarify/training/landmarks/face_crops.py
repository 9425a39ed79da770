"""The faces that teach: square pictures with their points, and how often each one is drawn.

One file of crops (`.npz`) per clip, uncompressed; all are joined in one array on disk, so that a
run holds no more of them in memory than it needs.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avatarify.errors import SettingsError
from avatarify.networks.landmark_points import LANDMARKS

_BINS = 8
_LEVELLING = 0.6
"""0 draws frames as often as they occur, 1 draws every opening of mouth and lids, and every way to
look, alike."""

_PERSON_POWER = 0.45
"""How much more often someone with many frames is drawn."""


@dataclass(frozen=True, slots=True)
class FaceCrops:
    """All crops of a folder."""

    images: NDArray[np.uint8]
    """(N, S, S, 3) RGB, on disk."""

    points: NDArray[np.float32]
    """(N, 478, 3), in pixels of the crop."""

    shapes: NDArray[np.float32]
    """(N, 52), blendshapes."""

    poses: NDArray[np.float32]
    """(N, 4, 4), mediapipe's transform."""

    names: NDArray[np.str_]
    """(N,), the clip or person."""

    def __len__(self) -> int:
        return len(self.points)

    def spans(self) -> NDArray[np.int64]:
        """Return (N, 2), where each crop's clip begins and ends; a clip's crops lie together."""
        begins = np.flatnonzero(np.r_[True, self.names[1:] != self.names[:-1]])
        ends = np.r_[begins[1:], len(self)]
        place = np.repeat(np.arange(len(begins)), ends - begins)
        return np.stack((begins[place], ends[place]), axis=1)

    def draw_weights(self, shares: dict[str, float]) -> NDArray[np.float64]:
        """Return how often each crop is drawn; the sum is 1.

        Args:
            shares: How often names that begin with a key are drawn, beside 1 for others.
        """
        weights = np.ones(len(self))
        for name in np.unique(self.names):
            own = np.flatnonzero(self.names == name)
            share = next((s for key, s in shares.items() if str(name).startswith(key)), 1.0)
            faces = self.points[own]
            levels = _rarity(mouth_opening(faces)) * _rarity(_lids(faces)) * _rarity(_gaze(faces))
            weights[own] = share * len(own) ** _PERSON_POWER * levels / levels.sum()
        return weights / weights.sum()


def join_crops(folder: Path, left_out: tuple[str, ...]) -> FaceCrops:
    """Join a folder's crops, writing `images.npy` beside them.

    Args:
        folder: With `NAME.npz` files of images, points, shapes, poses and, optionally, names.
        left_out: Names of files that are kept for tests.

    Raises:
        SettingsError: There are no crops.
    """
    files = [f for f in sorted(folder.glob("*.npz")) if f.stem not in left_out]
    if not files:
        raise SettingsError(f"{folder} holds no crops. Run `prepare` first.")
    parts = [dict(np.load(file)) for file in files]
    images = _joined_images(folder / "images.npy", [part["images"] for part in parts])
    names = [
        part["names"] if "names" in part else np.full(len(part["points"]), file.stem)
        for file, part in zip(files, parts, strict=True)
    ]
    points, shapes, poses = (
        np.concatenate([part[key] for part in parts]) for key in ("points", "shapes", "poses")
    )
    return FaceCrops(images, points, shapes, poses, np.concatenate(names))


def read_empty(path: Path) -> NDArray[np.uint8]:
    """Read the pictures without a face, (E, S, S, 3).

    Raises:
        SettingsError: There are none.
    """
    try:
        return np.asarray(np.load(path), dtype=np.uint8)
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path} holds no pictures: {error}. Run `--prepare` again.") from error


def mouth_opening(points: NDArray[np.float32]) -> NDArray[np.floating]:
    """Return the gap of the lips over the distance of the outer eye corners, (N,)."""
    return _distance(points, 13, 14) / _distance(points, 33, 263)


def _lids(points: NDArray[np.float32]) -> NDArray[np.floating]:
    return (_distance(points, 159, 145) + _distance(points, 386, 374)) / _distance(points, 33, 263)


def _gaze(points: NDArray[np.float32]) -> NDArray[np.floating]:
    """Return how far aside the eyes look: from iris to outer corner, left less right."""
    return (_distance(points, 473, 263) - _distance(points, 468, 33)) / _distance(points, 33, 263)


def _distance(points: NDArray[np.float32], a: int, b: int) -> NDArray[np.floating]:
    return np.linalg.norm(points[:, a, :2] - points[:, b, :2], axis=1)


def _rarity(trait: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return how rare each value is among its clip's, to the power of `_LEVELLING`."""
    edges = np.linspace(trait.min(), trait.max() + 1e-6, _BINS + 1)
    place = np.clip(np.digitize(trait, edges) - 1, 0, _BINS - 1)
    counts = np.bincount(place, minlength=_BINS)[place]
    return (len(trait) / np.maximum(counts, 0.02 * len(trait))) ** _LEVELLING


def _joined_images(path: Path, parts: list[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    count, shape = sum(map(len, parts)), parts[0].shape[1:]
    joined = np.lib.format.open_memmap(path, mode="w+", dtype=np.uint8, shape=(count, *shape))
    start = 0
    for part in parts:
        joined[start : start + len(part)] = part
        start += len(part)
    joined.flush()
    return joined


def mean_face(points: NDArray[np.float32], other: NDArray[np.int64]) -> NDArray[np.float32]:
    """Average faces.

    Args:
        points: (N, 478, 3), any pose and size.
        other: (478,) each point's counterpart in a mirror.

    Returns:
        (478, 3), symmetric, upright, its irises 1 apart, its box's middle at the origin.
    """
    faces = points.astype(np.float64)
    mean = faces[0]
    for _ in range(3):
        mean = np.mean([_aligned(face, mean) for face in faces], axis=0)
        mean = (mean + mean[other] * (-1.0, 1.0, 1.0)) / 2.0
        mean = _normal(mean)
    assert mean.shape == (LANDMARKS, 3)
    return mean.astype(np.float32)


def _normal(mean: NDArray[np.float64]) -> NDArray[np.float64]:
    mean = mean / abs(mean[473, 0] - mean[468, 0])
    middle = (mean[:, :2].min(axis=0) + mean[:, :2].max(axis=0)) / 2.0
    return mean - (*middle, mean[:, 2].mean())


def _aligned(face: NDArray[np.float64], target: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn, scale and shift a face in its plane onto another one; depth is scaled alike."""
    here = face - face.mean(axis=0)
    goal = target - target.mean(axis=0)
    a = (here[:, :2] * goal[:, :2]).sum()
    b = (here[:, 0] * goal[:, 1] - here[:, 1] * goal[:, 0]).sum()
    size = (here[:, :2] ** 2).sum()
    turn = np.array([[a, -b, 0], [b, a, 0], [0, 0, np.hypot(a, b)]]) / size
    return here @ turn.T + target.mean(axis=0)

"""Training pairs: repeatable, and landmarks that stay on their pixels."""

from pathlib import Path

import numpy as np
import pytest
import torch

from avatarify.errors import SettingsError
from avatarify.training.pairs import Batch, PairSampler
from avatarify.training.settings import DataSettings
from tests.training.made_faces import made_face, write_clip

SIZE = 64
DOT = 291  # a mouth corner; its counterpart 61 is on the other side


@pytest.fixture(scope="module")
def dots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip whose frames are black but for a soft dot on one landmark, here and there."""
    folder = tmp_path_factory.mktemp("dots")
    rng = np.random.default_rng(1)
    marks = 60.0 + 24.0 * made_face()[None] + rng.uniform(-4, 4, (4, 1, 2))
    row, column = np.mgrid[:120, :120]
    distance = (column - marks[:, DOT, 0, None, None]) ** 2 + (
        row - marks[:, DOT, 1, None, None]
    ) ** 2
    dot = 255.0 * np.exp(-distance / (2.0 * 2.0**2))
    frames = np.repeat(dot[..., None].round().astype(np.uint8), 3, axis=3)
    write_clip(folder, "dots", "dots", frames, marks.astype(np.float32))
    write_clip(folder, "still", "still", frames[:1], marks[:1].astype(np.float32))
    return folder


def sampler(folder: Path, **changes: object) -> PairSampler:
    return PairSampler(DataSettings({str(folder): 1.0}, **changes), SIZE, seed=3)  # type: ignore[arg-type]


def dot_of(picture: torch.Tensor) -> torch.Tensor:
    """Return the dot's centre of gravity, (x, y) in [-1, 1]."""
    weight = picture.mean(dim=0)
    line = torch.linspace(-1.0, 1.0, SIZE)
    total = weight.sum()
    return torch.stack(((weight.sum(0) * line).sum(), (weight.sum(1) * line).sum())) / total


def distances(batch: Batch) -> list[float]:
    """Return how far each dot is from its landmark, in pixels; mirrored, it is the counterpart."""
    found = []
    for pictures, marks in (
        (batch.source, batch.source_landmarks),
        (batch.driving, batch.driving_landmarks),
    ):
        for picture, points in zip(pictures, marks, strict=True):
            way = (dot_of(picture) - points[[DOT, 61]]).norm(dim=1).amin()
            found.append(float(way) * (SIZE - 1) / 2.0)
    return found


def test_the_same_number_gives_the_same_batch(cache: Path) -> None:
    first, again = sampler(cache).batch(5, 4), sampler(cache).batch(5, 4)
    assert all(torch.equal(left, right) for left, right in zip(first, again, strict=True))
    other = sampler(cache).batch(6, 4)
    assert not torch.equal(first.source, other.source)


def test_two_halves_are_the_whole(cache: Path) -> None:
    whole = sampler(cache).batch(5, 4)
    halves = [sampler(cache).batch(5, 2, first) for first in (0, 2)]
    for index, column in enumerate(whole):
        assert torch.equal(column, torch.cat([half[index] for half in halves]))


def test_shapes_and_ranges(cache: Path) -> None:
    batch = sampler(cache).batch(0, 3)
    assert batch.source.shape == batch.driving.shape == (3, 3, SIZE, SIZE)
    assert batch.source_landmarks.shape == (3, 478, 2)
    assert batch.source.min() >= 0.0
    assert batch.source.max() <= 1.0


def test_landmarks_stay_on_their_pixels_in_windows_and_mirrors(dots: Path) -> None:
    batch = sampler(dots, excluded_people=("still",)).batch(0, 16)
    assert max(distances(batch)) < 0.3


def test_landmarks_stay_on_their_pixels_when_the_picture_is_bent(dots: Path) -> None:
    batch = sampler(dots, identity_share=0.0, still_share=1.0).batch(0, 16)
    assert max(distances(batch)) < 0.4
    assert not torch.equal(batch.source, batch.driving)


def test_landmarks_stay_on_their_pixels_when_faces_are_stretched(dots: Path) -> None:
    stretched = sampler(dots, excluded_people=("still",), stretch=0.3).batch(0, 16)
    assert max(distances(stretched)) < 0.4
    plain = sampler(dots, excluded_people=("still",)).batch(0, 16)
    assert not torch.allclose(stretched.source_landmarks, plain.source_landmarks, atol=0.05)


def test_an_identity_pair_is_stretched_alike(dots: Path) -> None:
    batch = sampler(dots, identity_share=1.0, stretch=0.3).batch(0, 4)
    assert torch.equal(batch.source, batch.driving)


def test_mirroring_swaps_left_and_right_landmarks(dots: Path) -> None:
    batch = sampler(dots, rotation_deg=0.0, excluded_people=("still",)).batch(0, 16)
    marks = batch.source_landmarks
    assert bool((marks[:, 61, 0] < marks[:, 291, 0]).all())  # whether mirrored or not
    dots_on_the_left = [float(dot_of(picture)[0]) < 0.0 for picture in batch.source]
    assert len(set(dots_on_the_left)) == 2  # but the pixels are, sometimes


def test_an_identity_pair_is_one_picture(dots: Path) -> None:
    batch = sampler(dots, identity_share=1.0).batch(0, 4)
    assert torch.equal(batch.source, batch.driving)
    assert torch.equal(batch.source_landmarks, batch.driving_landmarks)


def test_a_still_becomes_pairs_by_warps(dots: Path) -> None:
    still = sampler(dots, excluded_people=("dots",), identity_share=0.0, still_share=0.0)
    batch = still.batch(0, 4)
    assert not torch.equal(batch.source, batch.driving)
    assert max(distances(batch)) < 0.4


def test_caches_are_drawn_by_weight(dots: Path, cache: Path) -> None:
    settings = DataSettings({str(dots): 3.0, str(cache): 1.0})
    batch = PairSampler(settings, SIZE, seed=0).batch(0, 60)
    black = sum(float(picture.mean()) < 0.1 for picture in batch.source)
    assert 34 <= black <= 56  # 45 expected, deviation 3.4


def test_excluded_people_are_not_drawn(cache: Path) -> None:
    with pytest.raises(SettingsError, match="nobody is left"):
        sampler(cache, excluded_people=("ann", "bob", "still"))


def test_a_folder_without_clips_says_how_to_prepare(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="--prepare"):
        sampler(tmp_path)

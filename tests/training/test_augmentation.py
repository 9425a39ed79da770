"""Random colours and degradations."""

import torch

from avatarify.training.augmentation import degrade, random_colours
from avatarify.training.pair_random import PairRandom


def pairs(count: int) -> torch.Tensor:
    return torch.rand(count, 3, 8, 8, generator=torch.Generator().manual_seed(0))


def random(count: int, first: int = 0) -> PairRandom:
    return PairRandom(0, 0, range(first, first + count))


def test_no_strength_changes_nothing() -> None:
    image = pairs(2)
    assert random_colours(image, image, 0.0, random(2))[0] is image
    assert degrade(image, 0.0, random(2)) is image


def test_source_and_driving_get_the_same_colours() -> None:
    image = pairs(6)
    source, driving = random_colours(image, image.clone(), 1.0, random(6))
    assert torch.equal(source, driving)
    assert not torch.equal(source, image)


def test_results_stay_pictures() -> None:
    image = pairs(32)
    for result in (
        random_colours(image, image, 1.0, random(32))[0],
        degrade(image, 1.0, random(32)),
    ):
        assert result.min() >= 0.0
        assert result.max() <= 1.0
        assert bool(result.isfinite().all())


def test_some_pairs_are_inverted() -> None:
    dark = torch.full((200, 3, 2, 2), 0.05)
    bright = (random_colours(dark, dark, 1.0, random(200))[0].mean(dim=(1, 2, 3)) > 0.6).sum()
    assert 2 <= int(bright) <= 30  # 12 expected, deviation 3.4


def test_a_pair_is_changed_alike_in_any_process() -> None:
    image = pairs(4)
    whole = degrade(image, 1.0, random(4))
    halves = [degrade(image[:2], 1.0, random(2)), degrade(image[2:], 1.0, random(2, first=2))]
    assert torch.equal(whole, torch.cat(halves))

"""Batches follow from seed and step, and hold together."""

from dataclasses import replace

import pytest
import torch

from avatarify.errors import SettingsError
from avatarify.training.painting.sampler import ExampleSampler, coloured
from avatarify.training.pair_random import PairRandom
from tests.training.painting.conftest import MakePainting


def test_a_step_always_draws_the_same(make_painting: MakePainting) -> None:
    sampler = ExampleSampler(make_painting())
    first, again, other = (sampler.batch(step) for step in (3, 3, 4))
    assert torch.equal(first.patch, again.patch)
    assert torch.equal(first.target, again.target)
    assert not torch.equal(first.patch, other.patch)


def test_a_batch_holds_what_a_painter_sees(make_painting: MakePainting) -> None:
    batch = ExampleSampler(make_painting("eyes")).batch(0)
    assert batch.patch.shape == (2, 8, 48, 64)
    assert batch.target.shape == (2, 3, 48, 64)
    assert batch.region.shape == (2, 1, 48, 64)
    assert batch.shake.shape == (2, 2)
    for part in batch[:3]:
        assert part.min() >= 0.0
        assert part.max() <= 1.0


def test_colours_change_all_that_belongs_together(make_painting: MakePainting) -> None:
    settings = make_painting(batch=1)
    plain = ExampleSampler(replace(settings, data=replace(settings.data, colour=0.0))).batch(1)
    same = plain._replace(target=plain.patch[:, :3])
    mixed = coloured(same, 1.0, PairRandom(0, 1, range(1)))
    assert torch.equal(mixed.patch[:, :3], mixed.target)
    assert torch.equal(mixed.patch[:, 6:], plain.patch[:, 6:])
    assert (mixed.target - same.target).abs().max() > 0.02


def test_tuning_people_are_measured_and_never_drawn(make_painting: MakePainting) -> None:
    settings = make_painting()
    both = ExampleSampler(replace(settings, data=replace(settings.data, tuning_people=())))
    assert both.tuning(8) is None
    kept = ExampleSampler(settings).tuning(8)
    assert kept is not None
    assert kept.patch.shape[1:] == (8, 96, 96)
    assert len(kept.patch) == 8


def test_people_kept_for_validation_leave_nobody(make_painting: MakePainting) -> None:
    settings = make_painting()
    data = replace(settings.data, excluded_people=("ann", "bob"))
    with pytest.raises(SettingsError, match="No clip"):
        ExampleSampler(replace(settings, data=data))


def test_a_painter_of_another_size_is_refused(make_painting: MakePainting) -> None:
    settings = make_painting("eyes")
    with pytest.raises(SettingsError, match="48×64"):
        ExampleSampler(replace(settings, painter=make_painting("mouth").painter))

"""Random numbers that belong to pairs."""

import torch

from avatarify.training.pair_random import PairRandom


def test_the_same_pair_draws_the_same() -> None:
    whole, second_half = PairRandom(1, 2, range(4)), PairRandom(1, 2, range(2, 4))
    assert torch.equal(whole.normal(3)[2:], second_half.normal(3))
    assert torch.equal(whole.uniform(2, 2)[2:], second_half.uniform(2, 2))
    picture = torch.zeros(4, 3, 5, 5)
    assert torch.equal(whole.noise(picture)[2:], second_half.noise(picture[2:]))
    left = whole.thin_plate_spline(0.1, 0.1, 3)
    right = second_half.thin_plate_spline(0.1, 0.1, 3)
    assert torch.equal(left.affine[2:], right.affine)
    assert torch.equal(left.weights[2:], right.weights)


def test_pairs_steps_and_runs_differ() -> None:
    draws = [
        PairRandom(seed, step, range(pair, pair + 1)).chance(8)
        for seed, step, pair in ((0, 0, 0), (0, 0, 1), (0, 1, 0), (1, 0, 0))
    ]
    assert len({tuple(draw[0].tolist()) for draw in draws}) == 4


def test_ranges() -> None:
    draws = PairRandom(0, 0, range(2))
    assert 0.0 <= float(draws.chance(1000).amin()) < 0.01
    assert -1.0 <= float(draws.uniform(1000).amin()) < -0.98
    assert abs(float(draws.normal(1000).mean())) < 0.1
    field = draws.noise(torch.zeros(2, 3, 20, 20))
    assert field.shape == (2, 3, 20, 20)
    assert 0.9 < float(field.std()) < 1.1
    assert not torch.equal(field, draws.noise(torch.zeros(2, 3, 20, 20)))

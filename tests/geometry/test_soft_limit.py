"""Small motion passes untouched, extreme motion is bent."""

import pytest
import torch

from avatarify.geometry.keypoints import Keypoints
from avatarify.geometry.soft_limit import CHANGE, SHIFT, SPREAD, SoftLimit, limit_motion

IDENTITY = torch.eye(2).expand(1, 2, 2, 2)
STILL = Keypoints(torch.tensor([[[-0.2, 0.0], [0.2, 0.0]]]), IDENTITY)


def test_below_the_knee_nothing_changes() -> None:
    limit = SoftLimit(0.2, 0.5)
    torch.testing.assert_close(limit.factor(torch.tensor([0.0, 0.1, 0.2])), torch.ones(3))


def test_above_it_lengths_grow_more_slowly_and_end_at_the_limit() -> None:
    limit = SoftLimit(0.2, 0.5)
    lengths = torch.linspace(0.0, 50.0, 2000, dtype=torch.float64)
    bent = lengths * limit.factor(lengths)
    assert (bent.diff() >= -1e-12).all()
    assert (bent <= lengths + 1e-12).all()
    assert bent[-1].item() == pytest.approx(0.5)
    near = torch.tensor([0.2, 0.2001], dtype=torch.float64)
    slope = (near * limit.factor(near)).diff() / near.diff()
    assert slope.item() == pytest.approx(1.0, abs=1e-3)  # no kink


def test_ordinary_motion_is_left_exactly_alone() -> None:
    moved = Keypoints(STILL.value + torch.tensor([0.1, -0.1]), 1.2 * IDENTITY)
    torch.testing.assert_close(limit_motion(STILL, moved), moved)


def test_a_face_on_its_way_out_stays_together() -> None:
    moved = Keypoints(STILL.value + torch.tensor([5.0, 0.0]), IDENTITY)
    shift = limit_motion(STILL, moved).value - STILL.value
    torch.testing.assert_close(shift[0, 0], shift[0, 1])
    assert shift[0, 0, 0].item() == pytest.approx(SHIFT.limit, abs=1e-4)


def test_keypoints_do_not_run_apart() -> None:
    moved = Keypoints(10.0 * STILL.value, IDENTITY)
    spread = (limit_motion(STILL, moved).value - STILL.value).norm(dim=-1)
    assert (spread <= SPREAD.limit).all()


def test_jacobians_stay_invertible() -> None:
    mirrored = torch.tensor([[-3.0, 0.0], [0.0, 1.0]]).expand(1, 2, 2, 2)
    bent = limit_motion(STILL, Keypoints(STILL.value, mirrored)).jacobian
    assert bent is not None
    assert (torch.linalg.det(bent) > 0).all()
    assert (bent - IDENTITY).norm(dim=(-2, -1)).max() <= CHANGE.limit + 1e-6


def test_without_jacobians_only_values_are_bent() -> None:
    still = Keypoints(STILL.value)
    moved = limit_motion(still, Keypoints(STILL.value + 3.0))
    assert moved.jacobian is None
    assert moved.value.abs().max() < 1.0


def test_impossible_limits() -> None:
    with pytest.raises(ValueError, match="knee"):
        SoftLimit(0.5, 0.5)

"""Keypoint transfer by hand."""

import pytest
import torch

from avatarify.geometry import transfer
from avatarify.geometry.keypoints import Keypoints


def square(side: float, x: float = 0.0, y: float = 0.0) -> torch.Tensor:
    corners = torch.tensor([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
    return (side * corners + torch.tensor([x, y]))[None]


def linear(a: float, b: float, c: float, d: float) -> torch.Tensor:
    return torch.tensor([[a, b], [c, d]]).expand(1, 4, 2, 2)


IDENTITY = linear(1.0, 0.0, 0.0, 1.0)


def test_the_scale_is_the_ratio_of_lengths() -> None:
    scale = transfer.movement_scale(Keypoints(square(1.0)), Keypoints(square(0.25, 0.3)))
    assert scale == pytest.approx(4.0)


def test_a_collapsed_driver_does_not_divide_by_zero() -> None:
    assert transfer.movement_scale(Keypoints(square(1.0)), Keypoints(square(0.0))) == 1.0


def test_relative_motion_adds_the_scaled_displacement() -> None:
    source, reference = Keypoints(square(1.0)), Keypoints(square(0.5, 0.1))
    driving = Keypoints(square(0.5, 0.2, -0.1))
    moved = transfer.relative(source, driving, reference, scale=2.0)
    torch.testing.assert_close(moved.value, square(1.0, 0.2, -0.2))
    assert moved.jacobian is None


def test_a_stretched_span_changes_by_its_gain_and_its_middle_stays() -> None:
    source = Keypoints(torch.tensor([[[0.0, 0.0], [0.0, 0.4], [0.5, 0.5]]]))
    # The driver's motion: all by (0.1, 0), and the first two 0.2 closer.
    moved = Keypoints(torch.tensor([[[0.1, 0.1], [0.1, 0.3], [0.6, 0.5]]]))
    stretched = transfer.stretch(source, moved, [transfer.Span(0, 1, 1.5)])
    expected = torch.tensor([[[0.1, 0.15], [0.1, 0.25], [0.6, 0.5]]])
    torch.testing.assert_close(stretched.value, expected)
    still = transfer.stretch(source, source, [transfer.Span(0, 1, 1.5)])
    assert torch.equal(still.value, source.value)


def test_beyond_the_knee_less_is_stretched() -> None:
    source = Keypoints(torch.zeros(2, 2, 2))
    moved = Keypoints(torch.tensor([[[0.05, 0.0], [-0.05, 0.0]], [[0.15, 0.0], [-0.15, 0.0]]]))
    stretched = transfer.stretch(source, moved, [transfer.Span(0, 1, 2.0, knee=0.1)]).value
    # Changes of 0.1 and 0.3: half of the extra, and a tenth of it.
    spans = (stretched[:, 0] - stretched[:, 1])[:, 0]
    torch.testing.assert_close(spans, torch.tensor([0.1 * 1.5, 0.3 * 1.1]))


def test_small_changes_of_jacobians_are_noise_and_large_ones_stay() -> None:
    source = Keypoints(torch.zeros(1, 2, 2), torch.tensor([[[[2.0, 0.0], [0.0, 1.0]]] * 2]))
    # D is diag(0.06, 0) and diag(0, 0.6): half of one is left, and 100 / 101 of the other.
    moved = source._replace(
        jacobian=torch.tensor([[[[2.12, 0.0], [0.0, 1.0]], [[2.0, 0.0], [0.0, 1.6]]]])
    )
    quiet = transfer.quieten(source, moved, noise=0.06).jacobian
    assert quiet is not None
    expected = torch.tensor([[[[2.06, 0.0], [0.0, 1.0]], [[2.0, 0.0], [0.0, 1.0 + 60.0 / 101.0]]]])
    torch.testing.assert_close(quiet, expected)
    assert transfer.quieten(source, moved, noise=0.0) is moved
    zero_order = Keypoints(torch.zeros(1, 2, 2))
    assert transfer.quieten(zero_order, zero_order, noise=0.06) is zero_order


def test_the_reference_pose_gives_the_portrait_itself() -> None:
    source = Keypoints(square(1.0), linear(1.0, 0.5, 0.0, 2.0))
    driver = Keypoints(square(0.4, 0.2), linear(3.0, 1.0, 1.0, 1.0))
    moved = transfer.relative(source, driver, driver, scale=1.7)
    torch.testing.assert_close(moved, source)


def test_relative_jacobians_apply_the_change_to_the_source() -> None:
    """The driver doubles x since the reference; so does the portrait."""
    source = Keypoints(square(1.0), linear(1.0, 1.0, 0.0, 1.0))
    reference = Keypoints(square(1.0), linear(0.0, 2.0, 1.0, 0.0))
    driving = Keypoints(square(1.0), linear(0.0, 4.0, 1.0, 0.0))
    moved = transfer.relative(source, driving, reference)
    assert moved.jacobian is not None
    torch.testing.assert_close(moved.jacobian, linear(2.0, 2.0, 0.0, 1.0))


def test_absolute_motion_is_the_drivers() -> None:
    driving = Keypoints(square(0.5), IDENTITY)
    assert transfer.absolute(driving) is driving


def test_gain_does_part_of_a_motion() -> None:
    source = Keypoints(square(1.0), IDENTITY, IDENTITY)
    moved = Keypoints(square(1.0, 0.4), linear(2.0, 0.0, 0.0, 1.0), linear(3.0, 0.0, 0.0, 1.0))
    half = transfer.amplify(source, moved, 0.5)
    assert half.jacobian is not None
    assert half.covariance is not None
    torch.testing.assert_close(half.value, square(1.0, 0.2))
    torch.testing.assert_close(half.jacobian, linear(1.5, 0.0, 0.0, 1.0))
    torch.testing.assert_close(half.covariance, linear(2.0, 0.0, 0.0, 1.0))
    twice = transfer.amplify(source, moved, 2.0)
    assert twice.jacobian is not None
    torch.testing.assert_close(twice.value, square(1.0, 0.8))
    torch.testing.assert_close(twice.jacobian, linear(3.0, 0.0, 0.0, 1.0))
    assert twice.covariance is not None
    torch.testing.assert_close(twice.covariance, linear(3.0, 0.0, 0.0, 1.0))
    assert transfer.amplify(source, moved, 1.0) is moved
    torch.testing.assert_close(transfer.amplify(source, moved, 0.0), source)


def test_an_affine_map_moves_points_and_turns_matrices() -> None:
    """Twice as wide and shifted by 0.1 to the right."""
    affine = torch.tensor([[2.0, 0.0, 0.1], [0.0, 1.0, 0.0]])
    seen = Keypoints(square(0.5), IDENTITY, IDENTITY)
    there = transfer.apply_affine(seen, affine)
    assert there.jacobian is not None
    assert there.covariance is not None
    assert there.value[0, 2].tolist() == pytest.approx([1.1, 0.5])
    torch.testing.assert_close(there.jacobian, linear(2.0, 0.0, 0.0, 1.0))
    torch.testing.assert_close(there.covariance, linear(4.0, 0.0, 0.0, 1.0))


def test_a_crop_that_follows_the_driver_moves_nothing() -> None:
    """Seen in a crop half as large, displacements look twice as large; carried back they do not."""
    source = Keypoints(square(1.0), IDENTITY)
    reference = Keypoints(square(0.5, -0.2), IDENTITY)
    in_smaller_crop = Keypoints(2.0 * reference.value - 0.3, 2.0 * IDENTITY)
    back = torch.tensor([[0.5, 0.0, 0.15], [0.0, 0.5, 0.15]])
    carried = transfer.apply_affine(in_smaller_crop, back)
    torch.testing.assert_close(transfer.relative(source, carried, reference), source)

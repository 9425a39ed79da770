"""The two orders of the Taylor expansion."""

import torch

from avatarify.geometry.grid import identity_grid
from avatarify.geometry.keypoints import Keypoints
from avatarify.geometry.sparse_motion import first_order, zero_order

SOURCE = Keypoints(torch.tensor([[[0.5, 0.0], [-0.5, 0.25]]]))
DRIVING = Keypoints(torch.tensor([[[0.0, 0.0], [-0.5, -0.25]]]))
IDENTITY = torch.eye(2).expand(1, 2, 2, 2)


def test_zero_order_shifts_the_frame_by_each_displacement() -> None:
    motion = zero_order(SOURCE, DRIVING, 4, 6)
    plane = identity_grid(4, 6, like=motion)
    assert motion.shape == (1, 3, 4, 6, 2)
    torch.testing.assert_close(motion[0, 0], plane)  # the background does not move
    torch.testing.assert_close(motion[0, 1], plane + torch.tensor([0.5, 0.0]))
    torch.testing.assert_close(motion[0, 2], plane + torch.tensor([0.0, 0.5]))


def test_first_order_with_identity_jacobians_is_zero_order() -> None:
    source, driving = (k._replace(jacobian=IDENTITY) for k in (SOURCE, DRIVING))
    torch.testing.assert_close(
        first_order(source, driving, 8, 8), zero_order(SOURCE, DRIVING, 8, 8)
    )


def test_first_order_with_equal_jacobians_is_zero_order() -> None:
    """J_s J_d⁻¹ is the identity whatever the abstract reference looks like."""
    same = torch.tensor([[2.0, 1.0], [0.0, 1.0]]).expand(1, 2, 2, 2)
    source, driving = (k._replace(jacobian=same) for k in (SOURCE, DRIVING))
    torch.testing.assert_close(
        first_order(source, driving, 8, 8), zero_order(SOURCE, DRIVING, 8, 8)
    )


def test_first_order_turns_the_frame_around_a_keypoint() -> None:
    """A quarter turn: what lies to the right of the driving keypoint lies below the source's."""
    turn = torch.tensor([[0.0, -1.0], [1.0, 0.0]]).expand(1, 2, 2, 2)
    source = SOURCE._replace(jacobian=turn)
    driving = DRIVING._replace(jacobian=IDENTITY)
    motion = first_order(source, driving, 3, 3)  # pixels at -1, 0, 1
    torch.testing.assert_close(motion[0, 1, 1, 1], torch.tensor([0.5, 0.0]))  # d_k goes to s_k
    torch.testing.assert_close(motion[0, 1, 1, 2], torch.tensor([0.5, 1.0]))  # right to below


def test_a_larger_driver_shrinks_the_step_in_the_source() -> None:
    driving = DRIVING._replace(jacobian=2.0 * IDENTITY)
    source = SOURCE._replace(jacobian=IDENTITY)
    motion = first_order(source, driving, 3, 3)
    torch.testing.assert_close(motion[0, 1, 1, 2], torch.tensor([0.5 + 0.5, 0.0]))

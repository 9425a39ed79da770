"""Landmark guidance: what it draws keypoints and Jacobians to, and how it fades."""

import pytest
import torch

from avatarify.geometry.keypoints import Keypoints
from avatarify.training.canonical_face import average_face
from avatarify.training.guidance import LandmarkGuidance, mix, ramp
from avatarify.training.settings import GuidanceSettings
from tests.training.made_faces import made_face

LANDMARKS = (13, 159, 386)
CANONICAL = average_face(made_face()[None])


def guidance(**changes: object) -> LandmarkGuidance:
    return LandmarkGuidance(GuidanceSettings(LANDMARKS, **changes), CANONICAL)  # type: ignore[arg-type]


def test_an_affine_face_has_that_affine_map_as_jacobians() -> None:
    matrix = torch.tensor([[1.1, 0.2], [-0.1, 0.9]])
    face = torch.from_numpy(CANONICAL).float() @ matrix.T + torch.tensor([0.1, -0.2])
    target = guidance().targets(face[None])
    torch.testing.assert_close(target.value[0], face[list(LANDMARKS)])
    assert target.jacobian is not None
    torch.testing.assert_close(target.jacobian[0], matrix.expand(3, 2, 2), rtol=0.0, atol=1e-5)


def test_what_was_found_right_costs_nothing() -> None:
    target = guidance().targets(torch.from_numpy(CANONICAL).float()[None])
    assert guidance().loss(target, target).item() == 0.0


def test_distances_are_weighted() -> None:
    target = Keypoints(torch.zeros(1, 3, 2), torch.eye(2).expand(1, 3, 2, 2))
    found = Keypoints(torch.full((1, 3, 2), 0.1), 2.0 * torch.eye(2).expand(1, 3, 2, 2))
    # 20 · 0.1 + 2 · (1 + 0 + 0 + 1) / 4
    loss = guidance(keypoint_weight=20.0, jacobian_weight=2.0).loss(found, target)
    assert loss.item() == pytest.approx(3.0)


def test_spans_count_what_moves_apart_and_not_what_moves_together() -> None:
    target = Keypoints(torch.zeros(1, 3, 2))
    together = Keypoints(torch.tensor([[[0.1, 0.1], [0.1, 0.1], [0.0, 0.0]]]))
    apart = Keypoints(torch.tensor([[[0.1, 0.1], [-0.1, 0.1], [0.0, 0.0]]]))
    guide = guidance(keypoint_weight=0.0, spans=((0, 1),), span_weight=20.0)
    assert guide.loss(together, target).item() == 0.0
    # 20 · (0.2 + 0) / 2
    assert guide.loss(apart, target).item() == pytest.approx(2.0)


def test_zero_order_keypoints_are_guided_by_their_places() -> None:
    target = Keypoints(torch.zeros(1, 3, 2), torch.eye(2).expand(1, 3, 2, 2))
    found = Keypoints(torch.full((1, 3, 2), 0.1))
    assert guidance(keypoint_weight=20.0).loss(found, target).item() == pytest.approx(2.0)


def test_the_share_of_own_keypoints_grows() -> None:
    guide = guidance(own_from=100, own_by=200)
    assert [guide.own_share(step) for step in (0, 100, 150, 200, 900)] == [0, 0, 0.5, 1, 1]


def test_the_guidance_fades_to_its_floor() -> None:
    guide = guidance(anneal_from=100, anneal_by=200, floor=0.2)
    assert guide.strength(0) == 1.0
    assert guide.strength(150) == pytest.approx(0.6)
    assert guide.strength(500) == pytest.approx(0.2)


def test_mixing() -> None:
    target = Keypoints(torch.zeros(1, 1, 2), torch.zeros(1, 1, 2, 2))
    found = Keypoints(torch.ones(1, 1, 2), torch.ones(1, 1, 2, 2))
    quarter = mix(target, found, 0.25)
    assert quarter.jacobian is not None
    assert bool((quarter.value == 0.25).all())
    assert bool((quarter.jacobian == 0.25).all())
    assert mix(target, found, 1.0) is found
    assert mix(target, Keypoints(found.value), 0.25).jacobian is None


def test_a_ramp_without_length_is_a_step() -> None:
    assert [ramp(step, 5, 5) for step in (4, 5)] == [0.0, 1.0]

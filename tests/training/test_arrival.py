"""The detector that looks at generated pictures, and motion between neighbours of a batch."""

import torch

from avatarify.geometry.keypoints import Keypoints
from avatarify.networks.motion_model import build
from avatarify.training.arrival import exchanged_motion, look, partners
from tests.tiny_models import tiny_config


def test_the_look_finds_what_the_detector_finds_and_teaches_it_nothing() -> None:
    torch.manual_seed(0)
    detector = build(tiny_config("compact")).keypoint_detector
    before = {name: value.clone() for name, value in detector.state_dict().items()}
    picture = torch.rand(2, 3, 32, 32, requires_grad=True)
    found = look(detector, picture)
    found.value.sum().backward()  # type: ignore[no-untyped-call]
    assert picture.grad is not None
    assert picture.grad.abs().sum() > 0.0
    assert all(parameter.grad is None for parameter in detector.parameters())
    # It was in training mode: batch norm's statistics must not have followed the picture.
    assert all(torch.equal(value, before[name]) for name, value in detector.state_dict().items())
    torch.testing.assert_close(found.value, detector(picture).value)


def test_of_two_neighbours_the_first_is_moved_by_the_second() -> None:
    for count, moved, mover in ((2, [0], [1]), (5, [0, 2], [1, 3]), (1, [], [])):
        first, second = partners(count)
        numbers = list(range(count))
        assert (numbers[first], numbers[second]) == (moved, mover)


def test_two_processes_exchange_within_their_share() -> None:
    portrait = Keypoints(torch.rand(4, 3, 2))
    source = Keypoints(torch.rand(4, 3, 2))
    driving = Keypoints(torch.rand(4, 3, 2))
    whole = exchanged_motion(portrait, source, driving).value
    halves = [
        exchanged_motion(portrait.at(share), source.at(share), driving.at(share)).value
        for share in (slice(0, 2), slice(2, 4))
    ]
    torch.testing.assert_close(whole, torch.cat(halves))


def test_the_portrait_moves_by_what_the_other_driver_moved() -> None:
    portrait = Keypoints(torch.tensor([[[0.1, 0.2]], [[0.0, 0.0]]]))
    source = Keypoints(torch.tensor([[[9.0, 9.0]], [[0.3, 0.3]]]))
    driving = Keypoints(torch.tensor([[[7.0, 7.0]], [[0.4, 0.1]]]))
    moved = exchanged_motion(portrait, source, driving).value
    torch.testing.assert_close(moved, torch.tensor([[[0.2, 0.0]]]))

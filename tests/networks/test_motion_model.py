"""All three architectures, tiny, from end to end."""

import pytest
import torch

from avatarify.geometry.keypoints import Keypoints
from avatarify.networks.motion_model import MotionModel, build
from tests.tiny_models import NUM_KEYPOINTS, picture, tiny_config, tiny_model

ARCHITECTURES = ["fomm", "monkey-net", "compact"]


def as_tensor(seed: int, side: int) -> torch.Tensor:
    return torch.from_numpy(picture(seed, side)).permute(2, 0, 1)[None].float() / 255.0


def source_of(model: MotionModel) -> torch.Tensor:
    return as_tensor(1, model.config.output_size)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_shapes_and_ranges(architecture: str) -> None:
    model = tiny_model(architecture)
    animation = model(source_of(model), as_tensor(2, 32))
    side = model.config.output_size
    assert animation.picture.shape == animation.warped_source.shape == (1, 3, side, side)
    assert animation.picture.min() >= 0.0
    assert animation.picture.max() <= 1.0
    motion = animation.motion
    small = 8 if architecture == "compact" else 16
    assert motion.grid.shape == (1, small, small, 2)
    assert motion.mask.shape == (1, NUM_KEYPOINTS + 1, small, small)
    torch.testing.assert_close(motion.mask.sum(dim=1), torch.ones(1, small, small))
    assert (motion.occlusion_map is None) == (architecture == "monkey-net")
    assert (motion.non_rigid is None) == (architecture != "monkey-net")
    assert (animation.blend is None) == (architecture != "compact")


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_two_pictures_at_once_equal_one_after_the_other(architecture: str) -> None:
    model = tiny_model(architecture)
    sources = torch.cat((source_of(model), source_of(model).flip(-1)))
    drivings = torch.cat((as_tensor(2, 32), as_tensor(3, 32)))
    together = model(sources, drivings).picture
    for index in range(2):
        one = slice(index, index + 1)
        alone = model(sources[one], drivings[one]).picture
        torch.testing.assert_close(together[one], alone, rtol=0.0, atol=1e-5)


def test_a_hint_changes_what_is_painted_and_nothing_that_is_warped_by_the_dense_flow() -> None:
    model = tiny_model("compact")
    told = model(source_of(model), as_tensor(2, 32))
    assert told.motion.hint is not None
    head = model.get_submodule("dense_motion.hint_head")
    assert isinstance(head, torch.nn.Conv2d)
    head.weight.zero_()
    untold = model(source_of(model), as_tensor(2, 32))
    assert torch.equal(told.motion.grid, untold.motion.grid)
    assert (told.painted - untold.painted).abs().max() > 1e-3


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_weight_learns(architecture: str) -> None:
    torch.manual_seed(0)
    model = build(tiny_config(architecture)).train()
    for parameter in model.parameters():
        # Some heads start at zero, which stops gradients once.
        parameter.data.add_(0.05 * torch.randn_like(parameter))
    animation = model(source_of(model), as_tensor(2, 32))
    weights = torch.rand_like(animation.picture)
    (animation.picture * weights).sum().backward()
    still = [
        name
        for name, parameter in model.named_parameters()
        if parameter.grad is None or not torch.isfinite(parameter.grad).all()
    ]
    assert still == []
    assert sum(float(p.grad.abs().sum()) for p in model.parameters() if p.grad is not None) > 0.0


def test_the_compact_model_at_the_reference_shows_the_portrait_itself() -> None:
    """Whatever it has learned: without motion, the refinement and the painting are gated out."""
    model = tiny_model("compact")
    source = source_of(model)
    encoding = model.encode(source)
    animation = model.animate(encoding, encoding.keypoints)
    torch.testing.assert_close(animation.picture, source, rtol=0.0, atol=1e-4)


@pytest.mark.parametrize("architecture", ["fomm", "compact"])
def test_first_order_with_identity_jacobians_equals_zero_order(architecture: str) -> None:
    """The whole model: with identities the Jacobians may as well not be there."""
    model = tiny_model(architecture)
    identity = torch.eye(2).expand(1, NUM_KEYPOINTS, 2, 2)
    encoding = model.encode(source_of(model))
    driving = model.detect(as_tensor(2, 32)).value
    first, zero = (
        model.animate(
            encoding._replace(keypoints=Keypoints(encoding.keypoints.value, jacobian)),
            Keypoints(driving, jacobian),
        )
        for jacobian in (identity, None)
    )
    torch.testing.assert_close(first.motion.grid, zero.motion.grid)
    torch.testing.assert_close(first.picture, zero.picture)


def test_the_output_may_be_larger_than_what_the_networks_see() -> None:
    model = tiny_model("compact")
    large = as_tensor(1, 128)
    encoding = model.encode(large)
    assert encoding.small.shape == (1, 3, 8, 8)
    assert model.animate(encoding, model.detect(as_tensor(2, 32))).picture.shape == large.shape
    assert model.at_image_size(large).shape == (1, 3, 32, 32)
    small = as_tensor(1, 32)
    assert model.at_image_size(small) is small


def test_keypoints_of_a_part_of_a_batch() -> None:
    model = tiny_model("fomm")
    both = model.detect(torch.cat((as_tensor(1, 32), as_tensor(2, 32))))
    second = both.at(slice(1, 2))
    torch.testing.assert_close(second.value, both.value[1:])
    assert second.jacobian is not None
    assert second.covariance is None
    assert both.to(torch.device("cpu")).value.device.type == "cpu"

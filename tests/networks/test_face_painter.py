"""The painter's network, and what its fields do to a picture."""

import pytest
import torch

from avatarify.networks.face_painter import Correction, FacePainter, corrected, split
from avatarify.networks.painter_config import PainterConfig

CONFIG = PainterConfig(32, 48, (3, 4, 5, 6))


def test_the_configuration_knows_every_tensor() -> None:
    shapes = {name: tuple(one.shape) for name, one in FacePainter(CONFIG).state_dict().items()}
    assert shapes == CONFIG.shapes()


def test_before_any_training_all_fields_are_zero() -> None:
    fields = FacePainter(CONFIG)(torch.rand(2, 8, 32, 48))
    assert fields.shape == (2, 6, 32, 48)
    assert not fields.any()


def test_every_weight_learns_from_the_first_steps() -> None:
    torch.manual_seed(0)
    network = FacePainter(CONFIG)
    optimiser = torch.optim.SGD(network.parameters(), lr=0.1)
    for _ in range(2):  # the last layer first: it starts at zero
        optimiser.zero_grad()
        (network(torch.rand(2, 8, 32, 48)) - 1.0).square().mean().backward()
        optimiser.step()
    assert all(one.grad is not None and one.grad.any() for one in network.parameters())


def test_fields_stay_within_their_limits() -> None:
    network = FacePainter(CONFIG)
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, std=1.0)
    flow, gain, colour = split(network(torch.rand(2, 8, 32, 48)))
    assert flow.abs().max() <= CONFIG.farthest
    assert gain.abs().max() <= CONFIG.strongest
    assert colour.abs().max() <= CONFIG.loudest


def test_where_teeth_are_drawn_they_are_lit_coarsely_and_never_coloured() -> None:
    torch.manual_seed(0)
    network = FacePainter(CONFIG)
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    patch = torch.rand(1, 8, 32, 48)
    patch[:, 6] = 1.0
    _, gain, colour = split(network(patch))
    assert not colour.any()
    steps = (gain[..., 1:] - gain[..., :-1]).abs().max()
    assert 0 < steps <= 2 * CONFIG.strongest / 8  # its cells are 8 pixels apart


def test_an_iris_can_be_left_where_it_looks() -> None:
    network = FacePainter(PainterConfig(32, 48, (3, 4, 5, 6), moved=0.0))
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    patch = torch.rand(1, 8, 32, 48)
    patch[:, 6, :, :24], patch[:, 6, :, 24:] = 1.0, 0.0
    flow = split(network(patch)).flow
    assert not flow[..., :24].any()
    assert flow[..., 24:].any()


def test_flow_moves_gain_lights_and_colour_adds() -> None:
    picture = torch.linspace(0.0, 0.5, 8).expand(1, 3, 8, 8).contiguous()
    flow, gain, colour = torch.zeros(1, 2, 8, 8), torch.zeros(1, 1, 8, 8), torch.zeros(1, 3, 8, 8)
    region = torch.ones(1, 1, 8, 8)
    flow[:, 0] = 1.0  # look one pixel further right
    moved = corrected(picture, Correction(flow, gain, colour), region)
    torch.testing.assert_close(moved[..., :-1], picture[..., 1:])
    gain += torch.log(torch.tensor(1.5))
    colour += 0.1
    lit = corrected(picture, Correction(flow, gain, colour), region)
    torch.testing.assert_close(lit, 1.5 * moved + 0.1)


def test_outside_the_region_nothing_changes() -> None:
    picture, region = torch.rand(1, 3, 16, 16), torch.zeros(1, 1, 16, 16)
    region[..., 4:12, 4:12] = 1.0
    wild = Correction(
        torch.randn(1, 2, 16, 16), torch.randn(1, 1, 16, 16), torch.ones(1, 3, 16, 16)
    )
    change = (corrected(picture, wild, region) - picture).abs().amax(dim=1, keepdim=True)
    assert change[region == 0].max() < 1e-5
    assert change[region == 1].min() > 0


@pytest.mark.parametrize("size", [(24, 48), (48, 8), (0, 16)])
def test_sides_that_cannot_be_halved_are_refused(size: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match=r"multiples of 16|between 16 and 512"):
        PainterConfig(*size)

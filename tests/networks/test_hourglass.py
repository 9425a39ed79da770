"""The U-Net keeps its input beside what it makes of it."""

import torch

from avatarify.networks.config import HourglassConfig
from avatarify.networks.hourglass import Decoder, Encoder, Hourglass

CONFIG = HourglassConfig(block_expansion=4, max_features=8, num_blocks=2)
IMAGE = torch.rand(1, 3, 16, 16)


def test_the_encoder_halves_and_keeps_every_step() -> None:
    shapes = [tuple(step.shape) for step in Encoder(CONFIG, 3)(IMAGE)]
    assert shapes == [(1, 3, 16, 16), (1, 8, 8, 8), (1, 8, 4, 4)]


def test_the_output_holds_the_input() -> None:
    hourglass = Hourglass(CONFIG, 3)
    assert hourglass.out_features == 4 + 3
    features = hourglass(IMAGE)
    assert features.shape == (1, 7, 16, 16)
    torch.testing.assert_close(features[:, 4:], IMAGE)


def test_a_last_convolution() -> None:
    assert Hourglass(CONFIG, 3, out_features=5)(IMAGE).shape == (1, 5, 16, 16)


def test_extra_features_at_every_step() -> None:
    steps = Encoder(CONFIG, 3)(IMAGE)
    extended = [torch.cat((step, step[:, :1]), dim=1) for step in steps]
    decoder = Decoder(CONFIG, 3, extra_features=1)
    assert decoder(extended).shape == (1, decoder.out_features, 16, 16)

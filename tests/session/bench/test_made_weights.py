"""Made-up weights follow the rule of the parity vectors, and make a network that behaves."""

from pathlib import Path

import torch

from avatarify.animation.checkpoint import load_model
from avatarify.networks.motion_model import build
from avatarify.session.bench.made_weights import draw_weights, made_model
from tests.published_checkpoint import write_checkpoint
from tests.tiny_models import tiny_config


def test_the_weights_are_those_of_the_parity_vectors(shared: Path, tmp_path: Path) -> None:
    published = load_model(write_checkpoint(shared, "fomm-small", tmp_path))
    own = build(published.config)
    with torch.no_grad():
        draw_weights(own)
    expected = published.state_dict()
    for name, tensor in own.state_dict().items():
        if not name.endswith("num_batches_tracked"):
            assert torch.equal(tensor, expected[name]), name


def test_they_are_always_the_same_and_paint_more_than_one_grey() -> None:
    one, other = (made_model(tiny_config("fomm")) for _ in range(2))
    for left, right in zip(one.state_dict().values(), other.state_dict().values(), strict=True):
        assert torch.equal(left, right)
    picture = torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        painted = one(picture, picture).picture
    assert 0.0 < float(painted.mean()) < 1.0
    assert float(painted.std()) > 0.01

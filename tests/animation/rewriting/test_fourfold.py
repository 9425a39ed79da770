"""Four pixels at once are what one at a time would be."""

import pytest
import torch
from torch import nn

from avatarify.animation.rewriting.fourfold import FourfoldConvolution


@pytest.mark.parametrize("taps", [1, 3, 7])
@pytest.mark.parametrize("bias", [True, False])
def test_it_is_the_plain_convolution(taps: int, bias: bool) -> None:
    torch.manual_seed(0)
    conv = nn.Conv2d(5, 3, taps, padding=taps // 2, bias=bias).requires_grad_(False)
    features = torch.randn(2, 5, 8, 12)
    found = FourfoldConvolution(conv)(features)
    torch.testing.assert_close(found, conv(features), atol=2e-5, rtol=0)

"""Winograd's convolution is the plain one, in every size."""

import pytest
import torch
from torch import nn

from avatarify.animation.rewriting.winograd import WinogradConvolution, is_worth_it, use_winograd


@pytest.mark.parametrize("size", [(4, 4), (8, 12), (5, 7), (1, 1)])
@pytest.mark.parametrize("bias", [True, False])
def test_it_is_the_plain_convolution(size: tuple[int, int], bias: bool) -> None:
    torch.manual_seed(0)
    conv = nn.Conv2d(8, 5, 3, padding=1, bias=bias).requires_grad_(False)
    features = torch.randn(2, 8, *size)
    expected = conv(features)
    for layout in (torch.contiguous_format, torch.channels_last):
        found = WinogradConvolution(conv)(features.to(memory_format=layout))
        torch.testing.assert_close(found, expected, atol=2e-5, rtol=0)


def test_only_wide_plain_convolutions_are_replaced() -> None:
    wide = nn.Conv2d(128, 128, 3, padding=1)
    others = [
        nn.Conv2d(64, 128, 3, padding=1),
        nn.Conv2d(128, 128, 3, padding=1, stride=2),
        nn.Conv2d(128, 128, 3),
        nn.Conv2d(128, 128, 7, padding=3),
        nn.Conv2d(128, 128, 3, padding=1, groups=2),
    ]
    assert is_worth_it(wide)
    inner = nn.Sequential(wide)
    network = nn.ModuleList([*others, inner])
    use_winograd(network)
    assert [type(child) for child in network][:-1] == [nn.Conv2d] * len(others)
    assert isinstance(inner[0], WinogradConvolution)

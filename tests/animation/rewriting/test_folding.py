"""Every rewriting computes the same as what it replaces."""

import pytest
import torch
from torch.nn import functional

from avatarify.animation.rewriting.folding import affine_of, joined, normalised, transposed_taps


def test_one_tap_of_each_kind_by_hand() -> None:
    # Taps 1, 10 and 100 along a row; the middle row alone, so that rows only double.
    weight = torch.zeros(1, 1, 3, 3)
    weight[0, 0, 1] = torch.tensor([1.0, 10.0, 100.0])
    # Even columns see x[i - 1] once and x[i] twice, odd ones x[i] twice and x[i + 1] once.
    row = torch.tensor([100.0, 110.0, 11.0, 1.0])
    folded = transposed_taps(weight)[0, 0]
    assert torch.equal(folded[1], row)
    assert torch.equal(folded[2], row)
    assert not folded[[0, 3]].any()


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (8, 5)])
def test_transposed_convolution_is_the_convolution_of_the_doubled_picture(
    size: tuple[int, int],
) -> None:
    torch.manual_seed(0)
    features, weight, bias = torch.randn(2, 3, *size), torch.randn(5, 3, 3, 3), torch.randn(5)
    doubled = functional.interpolate(features, scale_factor=2.0, mode="nearest")
    expected = functional.conv2d(doubled, weight, bias, padding=1)
    found = functional.conv_transpose2d(
        features, transposed_taps(weight), bias, stride=2, padding=1
    )
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)


def _norm(features: int) -> torch.nn.BatchNorm2d:
    norm = torch.nn.BatchNorm2d(features).eval().requires_grad_(False)
    torch.nn.init.uniform_(norm.weight, 0.5, 1.5)
    torch.nn.init.normal_(norm.bias)
    assert norm.running_mean is not None
    assert norm.running_var is not None
    norm.running_mean.normal_()
    norm.running_var.uniform_(0.5, 2.0)
    return norm


def test_batch_norm_is_an_affine_map() -> None:
    norm = _norm(4)
    features = torch.randn(1, 4, 3, 3)
    scale, shift = affine_of(norm)
    found = features * scale[:, None, None] + shift[:, None, None]
    torch.testing.assert_close(found.float(), norm(features))


@pytest.mark.parametrize("bias", [True, False])
def test_batch_norm_disappears_in_the_convolution_before_it(bias: bool) -> None:
    torch.manual_seed(1)
    conv, norm = torch.nn.Conv2d(3, 4, 3, bias=bias).requires_grad_(False), _norm(4)
    features = torch.randn(1, 3, 6, 6)
    found = functional.conv2d(features, *normalised(conv, norm))
    torch.testing.assert_close(found, norm(conv(features)), atol=1e-5, rtol=1e-5)


def test_joined_convolutions_answer_one_after_the_other() -> None:
    torch.manual_seed(2)
    convs = [torch.nn.Conv2d(3, outputs, 3, padding=1) for outputs in (4, 1)]
    features = torch.randn(2, 3, 6, 6)
    expected = torch.cat([conv(features) for conv in convs], dim=1)
    torch.testing.assert_close(joined(convs)(features), expected)

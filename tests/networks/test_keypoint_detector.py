"""The detector of both orders, and where its keypoints lie."""

from dataclasses import replace

import pytest
import torch

from avatarify.networks.keypoint_detector import (
    KeypointDetector,
    NearestDownscale,
    SpaceToDepthStem,
)
from tests.tiny_models import NUM_KEYPOINTS, tiny_config

IMAGE = torch.rand(2, 3, 32, 32)


def test_first_order() -> None:
    keypoints = KeypointDetector(tiny_config("fomm").keypoints)(IMAGE)
    assert keypoints.value.shape == (2, NUM_KEYPOINTS, 2)
    assert keypoints.value.abs().max() <= 1.0
    assert keypoints.covariance is None
    # Before training every Jacobian is the identity: the model starts at zero order.
    expected = torch.eye(2).expand(2, NUM_KEYPOINTS, 2, 2)
    torch.testing.assert_close(keypoints.jacobian, expected)


def test_zero_order() -> None:
    keypoints = KeypointDetector(tiny_config("monkey-net").keypoints)(IMAGE)
    assert keypoints.jacobian is None
    assert keypoints.covariance is not None
    torch.testing.assert_close(keypoints.covariance, keypoints.covariance.transpose(-1, -2))
    assert (torch.linalg.eigvalsh(keypoints.covariance) > 0.0009).all()


@pytest.mark.parametrize(("kind", "has"), [("single", True), ("none", False)])
def test_other_covariances(kind: str, has: bool) -> None:
    config = replace(tiny_config("monkey-net").keypoints, covariance=kind)  # type: ignore[arg-type]
    covariance = KeypointDetector(config)(IMAGE).covariance
    assert (covariance is not None) == has
    if covariance is not None:
        assert covariance[..., 0, 1].abs().max() == 0.0


def test_one_map_of_jacobians_for_all_keypoints() -> None:
    config = replace(tiny_config("fomm").keypoints, shared_jacobian_map=True)
    detector = KeypointDetector(config)
    assert detector.jacobian_head is not None
    assert detector.jacobian_head.out_channels == 4
    assert detector(IMAGE).jacobian.shape == (2, NUM_KEYPOINTS, 2, 2)


def test_a_head_without_padding_loses_the_border() -> None:
    config = tiny_config("fomm").keypoints
    padded = KeypointDetector(config).detect(IMAGE)[1]
    bare = KeypointDetector(replace(config, head_padding=0)).detect(IMAGE)[1]
    assert padded.shape == (2, NUM_KEYPOINTS, 16, 16)
    assert bare.shape == (2, NUM_KEYPOINTS, 10, 10)  # 7 × 7 convolutions eat 3 on each side
    torch.testing.assert_close(bare.sum(dim=(2, 3)), torch.ones(2, NUM_KEYPOINTS))


def test_the_stem_folds_every_pixel_into_channels() -> None:
    stem = SpaceToDepthStem(3, 0.5, 6)
    assert stem.block.conv.in_channels == 12
    assert stem(IMAGE).shape == (2, 6, 16, 16)
    config = replace(tiny_config("fomm").keypoints, stem_features=6)
    assert KeypointDetector(config)(IMAGE).value.shape == (2, NUM_KEYPOINTS, 2)


def test_nearest_downscale_takes_every_second_pixel() -> None:
    torch.testing.assert_close(NearestDownscale(0.5)(IMAGE), IMAGE[:, :, ::2, ::2])

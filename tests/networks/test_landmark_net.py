"""The landmark networks, tiny."""

import numpy as np
import pytest
import torch

from avatarify.geometry.face_mesh import counterparts
from avatarify.networks.landmark_net import LandmarkNet, heatmap_means
from avatarify.networks.landmark_points import (
    CLOSE_POINTS,
    LEFT_EYE_POINTS,
    MOUTH_POINTS,
    RIGHT_EYE_POINTS,
    LandmarkConfig,
)

TINY = LandmarkConfig(
    face_size=32, mouth_size=16, eye_size=16,
    face_widths=(2, 3, 4, 4), mouth_widths=(2, 3, 4), eye_widths=(2, 3, 4),
)  # fmt: skip


def test_shapes() -> None:
    net = LandmarkNet(TINY).eval()
    face = net.coarse(torch.rand(2, 3, 32, 32))
    assert face.points.shape == (2, 478, 3)
    assert face.presence.shape == face.error.shape == (2,)
    assert bool((face.error > 0).all())
    assert net.mouth(torch.rand(2, 3, 16, 16)).shape == (2, 40, 2)
    assert net.eye(torch.rand(4, 3, 16, 16)).shape == (4, 31, 2)


def test_heatmap_mean_of_one_hot_cell_is_its_centre() -> None:
    maps = torch.full((1, 1, 4, 8), -100.0)
    maps[0, 0, 1, 6] = 100.0
    # 8 columns across [-1, 1] are 0.25 wide: the centre of number 6 is at -1 + 6.5 × 0.25.
    torch.testing.assert_close(heatmap_means(maps), torch.tensor([[[0.625, -0.25]]]))


def test_heatmap_mean_of_even_heat_is_the_middle() -> None:
    torch.testing.assert_close(heatmap_means(torch.zeros(1, 3, 6, 6)), torch.zeros(1, 3, 2))


def test_left_eye_is_the_right_one_in_a_mirror() -> None:
    other = counterparts()
    assert [int(other[p]) for p in RIGHT_EYE_POINTS] == list(LEFT_EYE_POINTS)


def test_mouth_is_its_own_mirror_image() -> None:
    assert set(counterparts()[np.array(MOUTH_POINTS)].tolist()) == set(MOUTH_POINTS)


def test_no_point_is_looked_at_twice() -> None:
    assert len(set(CLOSE_POINTS)) == len(CLOSE_POINTS) == 102


def test_sizes_that_cannot_be_halved_are_refused() -> None:
    with pytest.raises(ValueError, match="mouth: 30 pixels"):
        LandmarkConfig(mouth_size=30)

"""The flow in torch against the flow in OpenCV, step by step."""

import cv2
import numpy as np
import pytest
import torch

from avatarify.geometry import device_flow, fine_flow, triangle_flow
from avatarify.geometry.device_silhouette import DeviceSurfaces
from avatarify.geometry.silhouette import NOWHERE
from tests.geometry.silhouettes import LEFT, SHAPE, STEP, TOP, triangle_before_wall

CHANCE = np.random.default_rng(3)


@pytest.mark.parametrize(("size", "sigma"), [(3, 0.8), (17, 2.0), (21, 2.5)])
@pytest.mark.parametrize("shape", [(40, 31), (6, 5), (1, 12)])
@pytest.mark.parametrize("mirrors", [True, False])
def test_blurs_are_those_of_opencv(
    size: int, sigma: float, shape: tuple[int, int], mirrors: bool
) -> None:
    plane = CHANCE.uniform(0, 1000, shape).astype(np.float32)
    border = cv2.BORDER_REFLECT_101 if mirrors else cv2.BORDER_REPLICATE
    expected = cv2.GaussianBlur(plane, (size, size), sigma, borderType=border)
    found = device_flow.blurred(torch.from_numpy(plane)[None], size, sigma, mirrors=mirrors)
    np.testing.assert_allclose(found[0].numpy(), expected, atol=2e-3)


@pytest.mark.parametrize("sigma", [0.8, 1.1, 2.0, 2.5])
def test_a_blur_of_which_only_sigma_is_known_is_as_wide_as_opencv_makes_it(sigma: float) -> None:
    dot = np.zeros((61, 61), np.float32)
    dot[30, 30] = 1.0
    wide = cv2.GaussianBlur(dot, (0, 0), sigma)
    assert device_flow.size_of_blur(sigma) == int((wide[30] > 0).sum())


def test_points_look_where_their_triangles_do_and_cracks_are_filled() -> None:
    label = np.repeat([[0, 0, 0, -1, -1, 1, 1, 1, 2, 2]], 9, axis=0).astype(np.int32)
    maps = CHANCE.uniform(-2, 2, (3, 6)).astype(np.float32)
    offset = (12.0, -4.0)
    expected = triangle_flow.look_up(maps, label, offset, 2.0)
    table = torch.from_numpy(triangle_flow.grid_maps(maps, offset, 2.0))
    found = device_flow.look_up(table, torch.from_numpy(label), has_cracks=True)
    np.testing.assert_allclose(found.permute(1, 2, 0).numpy(), expected, atol=1e-3)
    part = device_flow.look_up(table, torch.from_numpy(label[3:, 5:]), (5, 3), has_cracks=False)
    np.testing.assert_allclose(part.permute(1, 2, 0).numpy(), expected[3:, 5:], atol=1e-3)


@pytest.mark.parametrize("is_torn", [True, False])
def test_flows_are_enlarged_alike_and_torn_alike(is_torn: bool) -> None:
    x, y = np.meshgrid(np.arange(20), np.arange(14))
    source = (np.dstack([x, y]) * 2.1 + CHANCE.uniform(0, 1, (14, 20, 2))).astype(np.float32)
    if is_torn:
        source[4:9, 6:] += (30.0, 0.0)
        source[11:, :5] -= (0.0, 40.0)
    expected = fine_flow.enlarged_flow(source, 2)
    flow, edges = device_flow.enlarged_flow(torch.from_numpy(source).permute(2, 0, 1), 2)
    np.testing.assert_allclose(flow.permute(1, 2, 0).numpy(), expected.source, atol=1e-4)
    if expected.edges is None:
        assert not is_torn
        assert edges is None
    else:
        assert edges is not None
        np.testing.assert_array_equal(edges.numpy(), expected.edges > 0)


@pytest.mark.parametrize("hides", [True, False])
def test_silhouettes_run_through_the_same_pixels(hides: bool) -> None:
    hidden = np.zeros(SHAPE, np.uint8)
    if hides:
        hidden[:, 20:] = np.where(triangle_before_wall()[0].label == 0, 0, 255)[:, 20:]
    surfaces, places = triangle_before_wall(hidden)
    places[hidden > 0] = NOWHERE
    expected = fine_flow.enlarged_flow(places, STEP, surfaces)
    corners = surfaces.corners.copy()
    corners[:, :, :2] = (corners[:, :, :2] - (LEFT, TOP)) / STEP - 0.5
    own = DeviceSurfaces(
        torch.from_numpy(surfaces.label),
        torch.from_numpy(corners.astype(np.float32)),
        torch.from_numpy(triangle_flow.grid_maps(surfaces.maps, (LEFT, TOP), STEP)),
        surfaces.front_count,
        torch.from_numpy(hidden),
    )
    flow, edges = device_flow.enlarged_flow(torch.from_numpy(places).permute(2, 0, 1), STEP, own)
    differs = np.abs(flow.permute(1, 2, 0).numpy() - expected.source).max(axis=2) > 1e-2
    assert differs.mean() < 1e-3  # pixels that lie on an edge
    assert edges is not None
    assert expected.edges is not None
    assert (edges.numpy() != (expected.edges > 0)).mean() < 1e-3

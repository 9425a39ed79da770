"""The edge of a jaw, on rays whose colours are made."""

import numpy as np
import pytest
from numpy.typing import NDArray

from avatarify.animation.face.jaw_edge import FARTHEST, NEAREST, SIZES, jaw_edge

RAYS = 72
SKIN, HAIR, NECK = (220, 170, 140, 255), (40, 30, 25, 255), (190, 140, 112, 255)


def seen(ends: NDArray[np.floating], beyond: tuple[int, ...]) -> NDArray[np.uint8]:
    """Rays (R, S, 4) of skin that ends at given sizes."""
    is_skin = SIZES[None] < ends[:, None]
    return np.where(is_skin[..., None], np.array(SKIN), np.array(beyond)).astype(np.uint8)


@pytest.mark.parametrize("beyond", [HAIR, NECK, (0, 0, 0, 0)])
@pytest.mark.parametrize("end", [0.97, 1.0, 1.04])
def test_the_jaw_ends_where_its_skin_does(end: float, beyond: tuple[int, ...]) -> None:
    ends = end + 0.008 * np.sin(np.linspace(0.0, 4.0, RAYS))
    np.testing.assert_allclose(jaw_edge(seen(ends, beyond)), ends, atol=0.01)


def test_without_an_edge_the_jaw_ends_at_the_landmarks() -> None:
    found = jaw_edge(seen(np.full(RAYS, 2.0), HAIR))
    np.testing.assert_allclose(found, 1.0, atol=0.02)


def test_where_the_edge_is_lost_it_goes_on() -> None:
    """A neck as bright as the jaw, between hair on both sides of it."""
    rays = seen(np.full(RAYS, 0.98), HAIR)
    rays[30:42] = SKIN
    np.testing.assert_allclose(jaw_edge(rays), 0.98, atol=0.02)


def test_a_nearer_stronger_edge_is_not_jumped_to_from_ray_to_ray() -> None:
    """A collar below the chin is brighter than the neck is dark."""
    rays = seen(np.full(RAYS, 0.99), NECK)
    rays[:, SIZES > 1.05] = (250, 250, 255, 255)
    rays[::2, SIZES > 1.05] = NECK
    found = jaw_edge(rays)
    assert np.abs(np.diff(found)).max() < 0.02
    assert ((found > NEAREST) & (found < FARTHEST)).all()

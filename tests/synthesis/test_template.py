import torch

from avatarify.synthesis import sculpture
from avatarify.synthesis.template import template


def test_the_grid_lies_on_the_sculpture() -> None:
    assert sculpture.distance(template().vertices).abs().quantile(0.999) < 0.03


def test_the_head_is_symmetric() -> None:
    points = template().vertices[template().grid]
    mirrored = points.flip(1) * torch.tensor([-1.0, 1.0, 1.0])
    torch.testing.assert_close(points, mirrored, atol=2e-3, rtol=0)


def test_slits_have_two_edges_at_the_same_place_that_share_their_corners() -> None:
    shape = template()
    pairs = [(shape.upper_lip, shape.lower_lip)]
    pairs += list(zip(shape.upper_lids, shape.lower_lids, strict=True))
    for upper, lower in pairs:
        assert upper[0] == lower[0]
        assert upper[-1] == lower[-1]
        assert (upper[1:-1] != lower[1:-1]).all()
        torch.testing.assert_close(shape.vertices[upper], shape.vertices[lower])
        torch.testing.assert_close(shape.coordinates[upper], shape.coordinates[lower])
        assert shape.side[upper[1:-1]].eq(1).all()
        assert shape.side[lower[1:-1]].eq(-1).all()


def test_every_vertex_is_used() -> None:
    shape = template()
    assert set(shape.faces.flatten().tolist()) == set(range(len(shape.vertices)))

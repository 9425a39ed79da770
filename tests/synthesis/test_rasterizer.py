import torch

from avatarify.synthesis.rasterizer import EMPTY, interpolate, rasterize

# Clockwise on the screen: the upper left half of an 8 x 8 square.
TRIANGLE = torch.tensor([[0.0, 0.0, 1.0], [8.0, 0.0, 1.0], [0.0, 8.0, 1.0]])
FACE = torch.tensor([[0, 1, 2]])


def test_triangle_covers_the_pixels_whose_centres_lie_inside() -> None:
    covered = rasterize(TRIANGLE[None], FACE, 8, 8).face[0] >= 0
    ys, xs = torch.meshgrid(torch.arange(8), torch.arange(8), indexing="ij")
    assert torch.equal(covered, (xs + 0.5) + (ys + 0.5) <= 8)


def test_back_of_a_triangle_is_not_drawn() -> None:
    assert (rasterize(TRIANGLE[None], FACE.flip(1), 8, 8).face == EMPTY).all()


def test_nearer_triangle_wins_in_each_picture_of_a_batch() -> None:
    far, near = TRIANGLE + torch.tensor([0, 0, 4.0]), TRIANGLE + torch.tensor([0, 0, 1.0])
    faces = torch.tensor([[0, 1, 2], [3, 4, 5]])
    vertices = torch.stack((torch.cat((far, near)), torch.cat((near, far))))
    fragments = rasterize(vertices, faces, 8, 8)
    assert fragments.face[:, 1, 1].tolist() == [1, 0]
    torch.testing.assert_close(fragments.depth[:, 1, 1], torch.tensor([2.0, 2.0]))


def test_triangle_behind_the_camera_or_outside_is_skipped() -> None:
    behind = TRIANGLE * torch.tensor([1.0, 1.0, -1.0])
    outside = TRIANGLE + torch.tensor([20.0, 0.0, 0.0])
    assert (rasterize(torch.stack((behind, outside)), FACE, 8, 8).face == EMPTY).all()


def test_attributes_are_interpolated_with_perspective() -> None:
    # A floor seen at a slant: halfway on the screen lies nearer than halfway along the floor.
    # At x = 4 between depths 1 and 3, 1/z is halfway: z = 1.5, a quarter of the way.
    slanted = torch.tensor([[0.0, 0.0, 1.0], [8.0, 0.0, 3.0], [0.0, 80.0, 1.0]])
    fragments = rasterize(slanted[None] + torch.tensor([0.5, 0.5, 0]), FACE, 1, 8)
    share = interpolate(fragments, FACE, torch.tensor([[0.0], [1.0], [0.0]]))
    torch.testing.assert_close(share[0, 0, 4, 0], torch.tensor(0.25))
    torch.testing.assert_close(fragments.depth[0, 0, 4], torch.tensor(1.5))


def test_neighbours_leave_no_gap() -> None:
    generator = torch.Generator().manual_seed(0)
    xs, ys = torch.meshgrid(torch.linspace(-1, 17, 10), torch.linspace(-1, 17, 10), indexing="xy")
    points = torch.stack((xs, ys, torch.full_like(xs, 2.0)), dim=-1)
    points[1:-1, 1:-1, :2] += 0.6 * (torch.rand(8, 8, 2, generator=generator) - 0.5)
    index = torch.arange(100).view(10, 10)
    a, b, c, d = index[:-1, :-1], index[:-1, 1:], index[1:, :-1], index[1:, 1:]
    faces = torch.cat((torch.stack((a, b, c), -1), torch.stack((b, d, c), -1))).view(-1, 3)
    assert (rasterize(points.view(1, -1, 3), faces, 16, 16).face >= 0).all()

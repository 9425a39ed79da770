import torch

from avatarify.synthesis.interior import interior

WALL, ACCENT = torch.full((3, 1, 1), 0.8), torch.full((3, 1, 1), 0.4)


def room(seed: int) -> torch.Tensor:
    return interior(WALL, ACCENT, (90, 160), torch.Generator().manual_seed(seed))


def test_a_room_is_fixed_by_its_seed() -> None:
    torch.testing.assert_close(room(1), room(1))
    assert (room(1) - room(2)).abs().mean() > 0.01
    assert room(1).shape == (3, 90, 160)


def test_there_is_only_wall_behind_the_person() -> None:
    for seed in range(4):
        picture = room(seed)
        middle = picture[:, :40, 62:98]
        sides = torch.cat((picture[..., :50], picture[..., 110:]), dim=2)
        assert middle.std(dim=(1, 2)).max() < 0.6 * sides.std(dim=(1, 2)).max()

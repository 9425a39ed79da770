import torch

from avatarify.synthesis.hair import STYLES
from avatarify.synthesis.identity import HAIR_STYLES, Identity, Style, random_identity
from avatarify.synthesis.shape import SHAPE_NAMES
from avatarify.synthesis.wear import GLASSES


def draw(seed: int, style: Style = "real") -> Identity:
    return random_identity(torch.Generator().manual_seed(seed), style)


def test_a_seed_fixes_the_person() -> None:
    assert draw(1) == draw(1)
    assert draw(1) != draw(2)


def test_people_are_made_of_known_parts() -> None:
    people = [draw(seed) for seed in range(60)]
    assert {person.hair_style for person in people} <= set(STYLES) | {"bald", "buzz"}
    assert set(HAIR_STYLES) == set(STYLES) | {"bald", "buzz"}
    assert {person.glasses for person in people} == {*GLASSES, "none"}
    for person in people:
        assert set(person.shape) == set(SHAPE_NAMES)
        for color in (person.skin, person.lips, person.eyes, person.hair, person.cloth):
            assert all(0 <= channel <= 1 for channel in color)


def test_people_differ() -> None:
    people = [draw(seed) for seed in range(60)]
    assert len({person.hair_style for person in people}) >= 9
    tones = torch.tensor([sum(person.skin) for person in people])
    assert tones.max() - tones.min() > 1
    assert any(person.beard > 0 for person in people)
    assert 0.5 < torch.tensor([person.shape["jaw_width"] for person in people]).std() < 1.5


def test_cartoons_have_larger_eyes() -> None:
    def eyes(style: Style) -> float:
        return sum(draw(seed, style).shape["eye_size"] for seed in range(20))

    assert eyes("cartoon") > eyes("real") + 20

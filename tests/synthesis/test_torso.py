import pytest

from avatarify.synthesis.identity import Identity
from avatarify.synthesis.torso import torso


def test_shoulders_are_as_wide_as_asked() -> None:
    narrow = torso(Identity(shoulders=0.8)).vertices
    wide = torso(Identity(shoulders=1.2)).vertices
    assert abs(float(wide[:, 0].max() / narrow[:, 0].max()) - 1.5) < 0.05


@pytest.mark.parametrize("collar", [0.0, 0.5, 1.0])
def test_the_collar_closes_around_the_neck(collar: float) -> None:
    points = torso(Identity(collar_height=collar)).vertices
    inner = points[points[:, 1].argsort()]
    near_axis = points[(points[:, 0].square() + (points[:, 2] + 3).square()).sqrt() < 3.0]
    assert len(near_axis) > 50  # inside the neck, of which the thinnest has a radius of 3.3
    assert near_axis[:, 1].max() < -16
    assert inner[0, 1] < -37

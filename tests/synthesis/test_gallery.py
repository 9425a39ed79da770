"""The pictures that ship."""

from pathlib import Path

import numpy as np
import pytest

from avatarify.media.image_file import read_image
from avatarify.synthesis.avatars import AVATARS
from avatarify.synthesis.portrait import portrait

ASSETS = Path(__file__).resolve().parents[2] / "assets"


def test_every_avatar_ships_with_its_credit() -> None:
    pictures = {path.stem for path in (ASSETS / "avatars").glob("*.png")}
    assert pictures == set(AVATARS)
    assert len(pictures) >= 8
    credits_text = (ASSETS / "avatars" / "CREDITS.md").read_text(encoding="utf-8")
    for name in AVATARS:
        assert f"`{name}.png`" in credits_text


@pytest.mark.parametrize("name", AVATARS)
def test_avatars_are_small_squares(name: str) -> None:
    from PIL import Image

    path = ASSETS / "avatars" / f"{name}.png"
    assert path.stat().st_size < 400_000
    with Image.open(path) as picture:
        assert picture.size == (512, 512)


def test_the_gallery_is_diverse() -> None:
    assert {identity.style for identity in AVATARS.values()} == {"real", "cartoon"}
    assert len({identity.hair_style for identity in AVATARS.values()}) >= 6
    tones = [sum(identity.skin) for identity in AVATARS.values()]
    assert max(tones) - min(tones) > 1


def test_the_demo_clip_is_small() -> None:
    assert (ASSETS / "demo_driving.mp4").stat().st_size < 1_500_000


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_an_avatar_is_drawn_again_as_it_ships() -> None:
    drawn = portrait(AVATARS["kenji"], 512).astype(np.float32)
    shipped = read_image(ASSETS / "avatars" / "kenji.png").astype(np.float32)
    assert np.abs(drawn - shipped).mean() < 1

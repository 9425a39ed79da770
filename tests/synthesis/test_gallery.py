"""The pictures that ship."""

from pathlib import Path

import numpy as np
import pytest

from avatarify.media.image_file import read_image
from avatarify.session.avatars.layers_file import read_layers
from avatarify.synthesis.avatars import AVATARS
from avatarify.synthesis.portrait import portrait, room
from avatarify.tracking.face import BLENDSHAPE_NAMES

ASSETS = Path(__file__).resolve().parents[2] / "assets"


def test_every_avatar_ships_with_its_credit() -> None:
    pictures = {path.stem for path in (ASSETS / "avatars").glob("*.png")}
    assert pictures == set(AVATARS)
    assert len(pictures) >= 8
    credits_text = (ASSETS / "avatars" / "CREDITS.md").read_text(encoding="utf-8")
    for name in AVATARS:
        assert f"`{name}.png`" in credits_text


@pytest.mark.parametrize("name", AVATARS)
def test_avatars_are_wide_and_small(name: str) -> None:
    path = ASSETS / "avatars" / f"{name}.png"
    assert path.stat().st_size < 700_000
    assert path.with_suffix(".npz").stat().st_size < 80_000
    assert read_image(path).shape == (720, 1280, 3)


@pytest.mark.parametrize("name", AVATARS)
def test_landmarks_and_matte_lie_beside_every_avatar(name: str) -> None:
    with np.load(ASSETS / "avatars" / f"{name}.npz") as known:
        landmarks, matte = known["landmarks"], known["matte"]
    assert (landmarks.shape, landmarks.dtype) == ((478, 3), np.float32)
    assert (matte.shape, matte.dtype) == ((720, 1280), np.uint8)
    low, high = landmarks[:468, :2].min(axis=0), landmarks[:468, :2].max(axis=0)
    assert 0.395 <= (high - low)[1] / 720 <= 0.455
    assert abs((high + low)[0] / 2 - 640) < 12
    assert 0.44 <= (high + low)[1] / 2 / 720 <= 0.49
    assert landmarks[1, 2] < landmarks[[234, 454], 2].min()  # the nose is nearer than the ears
    assert not matte[:8].any()  # room above the hair
    assert matte[-1].max() == 255  # shoulders reach the lower edge
    assert matte[landmarks[1, 1].astype(int), landmarks[1, 0].astype(int)] == 255
    assert 200 < np.count_nonzero((matte > 0) & (matte < 255)) < 0.05 * matte.size


def test_the_gallery_is_diverse() -> None:
    assert {identity.style for identity in AVATARS.values()} == {"real", "cartoon"}
    assert len({identity.hair_style for identity in AVATARS.values()}) >= 6
    tones = [sum(identity.skin) for identity in AVATARS.values()]
    assert max(tones) - min(tones) > 1


def test_the_demo_clip_is_small() -> None:
    assert (ASSETS / "demo_driving.mp4").stat().st_size < 1_500_000


def test_the_demo_motion_describes_the_demo_clip() -> None:
    with np.load(ASSETS / "demo_motion.npz") as motion:
        landmarks, scores = motion["landmarks"], motion["blendshapes"]
        times, size = motion["times_s"], motion["size"]
    count = 240  # eight seconds at 30 frames a second
    assert (landmarks.shape, landmarks.dtype) == ((count, 478, 3), np.float32)
    assert (scores.shape, scores.dtype) == ((count, 52), np.float32)
    np.testing.assert_allclose(times, np.arange(count) / 30)
    assert size.tolist() == [256, 256]
    assert 0 < landmarks[..., :2].min() < landmarks[..., :2].max() < 256
    gap = landmarks[:, 14, 1] - landmarks[:, 13, 1]
    assert np.corrcoef(gap, scores[:, BLENDSHAPE_NAMES.index("jawOpen")])[0, 1] > 0.8
    lids = landmarks[:, 145, 1] - landmarks[:, 159, 1]
    assert np.corrcoef(lids, scores[:, BLENDSHAPE_NAMES.index("eyeBlinkRight")])[0, 1] < -0.8


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_an_avatar_is_drawn_again_as_it_ships() -> None:
    drawn = portrait(AVATARS["kenji"], (720, 1280))
    shipped = read_image(ASSETS / "avatars" / "kenji.png").astype(np.float32)
    assert np.abs(drawn.image - shipped).mean() < 1
    with np.load(ASSETS / "avatars" / "kenji.npz") as known:
        lids = [159, 145, 386, 374]  # which are the renderer's; the outline is the tracker's
        kept = known["landmarks"][lids, :2]
        np.testing.assert_allclose(kept, drawn.landmarks[lids, :2], atol=0.5)
        assert np.abs(known["matte"].astype(float) - drawn.matte).mean() < 1
    layers = read_layers(ASSETS / "avatars" / "kenji.npz", (720, 1280))
    assert layers is not None
    assert layers.room is not None
    behind = room(AVATARS["kenji"], (720, 1280))
    assert np.abs(layers.room.astype(float) - behind).mean() < 2

import io
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image as Pillow

from avatarify.frames import Image
from avatarify.media.image_file import read_image
from avatarify.session.avatars.known_avatar import avatar_of
from avatarify.session.avatars.layers_file import PortraitLayers, read_layers, write_layers

AVATARS = Path(__file__).resolve().parents[3] / "assets" / "avatars"
SIZE = (48, 64)


@pytest.fixture
def room() -> Image:
    y, x = np.mgrid[: SIZE[0], : SIZE[1]]
    return np.stack([2 * x, 3 * y, x + y], axis=2).astype(np.uint8)


@pytest.fixture
def layers(room: Image) -> PortraitLayers:
    landmarks = np.random.default_rng(0).uniform(0, 48, (478, 3)).astype(np.float32)
    matte = np.zeros(SIZE, np.uint8)
    matte[10:40, 20:50] = 255
    return PortraitLayers(landmarks, matte, room)


def test_what_is_kept_comes_back(tmp_path: Path, layers: PortraitLayers) -> None:
    write_layers(tmp_path / "anna.npz", layers)
    found = read_layers(tmp_path / "anna.npz", SIZE)
    assert found is not None
    np.testing.assert_array_equal(found.landmarks, layers.landmarks)
    np.testing.assert_array_equal(found.matte, layers.matte)
    assert found.room is not None
    assert layers.room is not None
    assert cv2.PSNR(found.room, layers.room) > 35


def test_most_pictures_have_no_room_of_their_own(tmp_path: Path, layers: PortraitLayers) -> None:
    write_layers(tmp_path / "anna.npz", layers._replace(room=None))
    found = read_layers(tmp_path / "anna.npz", SIZE)
    assert found is not None
    assert found.room is None


def test_a_room_of_another_picture_is_refused_unseen(
    tmp_path: Path, layers: PortraitLayers
) -> None:
    huge = io.BytesIO()
    Pillow.new("RGB", (9000, 9000)).save(huge, "JPEG")
    for packed in (huge.getvalue(), b"no picture", b""):
        np.savez(
            tmp_path / "anna.npz",
            landmarks=layers.landmarks,
            matte=layers.matte,
            room=np.frombuffer(packed, np.uint8),
        )
        assert read_layers(tmp_path / "anna.npz", SIZE) is None


def test_of_a_room_only_what_the_person_hides_is_taken(layers: PortraitLayers) -> None:
    picture = np.full((*SIZE, 3), 200, np.uint8)
    avatar = avatar_of("anna", picture, layers)
    assert avatar.with_room() is avatar
    assert avatar.backdrop is not None
    assert layers.room is not None
    np.testing.assert_array_equal(avatar.backdrop[10:40, 20:50], layers.room[10:40, 20:50])
    assert (avatar.backdrop[layers.matte == 0] == 200).all()


@pytest.mark.parametrize("name", sorted(path.stem for path in AVATARS.glob("*.png")))
def test_built_in_avatars_know_their_rooms(name: str) -> None:
    """Seamlessly: beside the person's outline the room is what the picture shows."""
    picture = read_image(AVATARS / f"{name}.png")
    layers = read_layers(AVATARS / f"{name}.npz", (picture.shape[0], picture.shape[1]))
    assert layers is not None
    assert layers.room is not None
    seen = layers.matte == 0
    assert np.abs(layers.room[seen].astype(int) - picture[seen]).mean() < 1.0

"""Profiles hold numbers, never a picture of the user."""

from pathlib import Path

import numpy as np
import pytest

from avatarify.geometry.face_gains import FaceGains
from avatarify.session.avatars.profiles import (
    AvatarProfile,
    DrivingReference,
    ProfileStore,
    avatar_key,
)
from avatarify.tracking.follow import Framing


def test_a_profile_comes_back_with_its_reference(tmp_path: Path) -> None:
    keypoints = np.linspace(-1, 1, 20, dtype=np.float32).reshape(10, 2)
    reference = DrivingReference("compact", (("keypoints", keypoints),))
    profile = AvatarProfile(
        framing=Framing(zoom=1.1, offset_x=-0.2),
        gain=0.8,
        gains=FaceGains(mouth=1.5, gaze=0.0),
        mirror=True,
        reference=reference,
    )
    store = ProfileStore(tmp_path)
    store.save("ada", profile)
    loaded = store.load("ada")
    assert loaded is not None
    assert loaded.reference is not None
    assert loaded == profile
    name, values = loaded.reference.arrays[0]
    assert name == "keypoints"
    np.testing.assert_allclose(values, keypoints, atol=1e-6)


def test_an_avatar_never_seen_has_no_profile(tmp_path: Path) -> None:
    assert ProfileStore(tmp_path).load("nobody") is None


def test_a_profile_from_before_the_gains_of_parts_is_read(tmp_path: Path) -> None:
    (tmp_path / "ada.json").write_text('{"gain": 0.8, "mirror": true}')
    assert ProfileStore(tmp_path).load("ada") == AvatarProfile(gain=0.8, mirror=True)


def test_an_impossible_gain_of_a_part_is_left_out_alone(tmp_path: Path) -> None:
    (tmp_path / "ada.json").write_text('{"gains": {"mouth": 9, "eyes": 0.5, "nose": 1}}')
    assert ProfileStore(tmp_path).load("ada") == AvatarProfile(gains=FaceGains(eyes=0.5))


@pytest.mark.parametrize(
    "broken",
    [
        '"gain": 99',
        '"gain": "high"',
        '"gain": 1' + "0" * 400,
        '"gain": 1e999',
        '"gains": [[[[]]]]',
        '"framing": {"zoom": 1' + "0" * 400 + "}",
        '"reference": {"model": "m"}',
        '"reference": {"model": "m", "arrays": {"keypoints": [NaN]}}',
        '"reference": {"model": "m", "arrays": {"keypoints": [1' + "0" * 400 + "]}}",
        '"reference": {"model": "m", "arrays": {"keypoints": [[1], [2, 3]]}}',
        '"reference": {"model": "m", "arrays": {"keypoints": ' + "[" * 90 + "1" + "]" * 90 + "}}",
        '"reference": {"model": "m", "arrays": ["keypoints"]}',
        '"reference": 3',
    ],
)
def test_a_broken_value_is_left_out_alone_and_the_file_kept(tmp_path: Path, broken: str) -> None:
    content = f'{{"mirror": true, {broken}}}'
    (tmp_path / "ada.json").write_text(content)
    assert ProfileStore(tmp_path).load("ada") == AvatarProfile(mirror=True)
    assert (tmp_path / "ada.json.broken").read_text() == content


@pytest.mark.parametrize("content", ["{", "[" * 200_000, "[]", '{"gain": 0.5'])
def test_a_profile_that_is_broken_as_a_whole_is_none_and_put_aside(
    tmp_path: Path, content: str
) -> None:
    (tmp_path / "ada.json").write_text(content)
    assert ProfileStore(tmp_path).load("ada") is None
    assert (tmp_path / "ada.json.broken").read_text() == content


def test_an_unwritable_folder_does_not_disturb_the_call(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    ProfileStore(tmp_path / "file").save("ada", AvatarProfile())
    assert "could not be written" in caplog.text


def test_the_key_follows_the_pixels() -> None:
    image = np.zeros((4, 6, 3), np.uint8)
    assert avatar_key(image) == avatar_key(image.copy())
    assert avatar_key(image) != avatar_key(image.reshape(6, 4, 3))

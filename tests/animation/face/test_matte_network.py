"""The network that tells people from rooms: its arithmetic, its square, its file."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file
from torch import nn

from avatarify.animation.face.backdrop import fill_backdrop
from avatarify.animation.face.matte import person_matte
from avatarify.animation.face.matte_file import (
    levels_of,
    read_matte_weights,
    save_matte_weights,
)
from avatarify.animation.face.matte_frame import ODDS, REACH, SIDE, MatteFrame
from avatarify.animation.face.matte_network import MatteNetwork, shipped_matte_network
from avatarify.animation.face.matte_prior import height_of_face, person_prior
from avatarify.errors import CheckpointError
from avatarify.frames import Image
from avatarify.geometry.face_mesh import OVAL
from avatarify.media.image_file import read_image
from avatarify.networks.matte_net import INPUTS, MatteNet, folded
from avatarify.zoo.store import SHIPPED_FOLDER
from tests.drivers import AVATARS, landmarks_of

Points = NDArray[np.float32]

HEADER = {"kind": "matte", "format": "1"}


def trained(widths: tuple[int, ...] = (4, 5, 6), seed: int = 0) -> MatteNet:
    """A network whose norms have seen something."""
    torch.manual_seed(seed)
    net = MatteNet(widths)
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias)
            assert module.running_mean is not None
            assert module.running_var is not None
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 2.0)
    return net.eval()


def halved(picture: Image, landmarks: Points) -> tuple[Image, Points]:
    """A picture and its points at half the size, where a matte costs a third."""
    small = cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    return small.astype(np.uint8), landmarks * np.float32(0.5)


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder that is searched first."""
    monkeypatch.setenv("AVATARIFY_MODELS", str(tmp_path))
    shipped_matte_network.cache_clear()
    yield tmp_path
    shipped_matte_network.cache_clear()


@pytest.mark.parametrize("widths", [(4, 5), (4, 5, 6), (20, 32, 48, 64, 96)])
@pytest.mark.parametrize("size", [(96, 64), (192, 192)])
def test_without_torch_it_computes_the_same(widths: tuple[int, ...], size: tuple[int, int]) -> None:
    net = trained(widths)
    seen = np.random.default_rng(1).uniform(0, 1, (INPUTS, *size)).astype(np.float32)
    with torch.inference_mode():
        told = net(torch.from_numpy(seen[None]))[0, 0].numpy()
    np.testing.assert_allclose(MatteNetwork(folded(net))(seen), told, atol=1e-4)


def test_the_square_lies_around_the_face() -> None:
    landmarks = landmarks_of().astype(np.float64)
    frame = MatteFrame.of(landmarks)
    assert frame.scale == pytest.approx(SIDE / (REACH * height_of_face(landmarks)))
    middle = landmarks[list(OVAL), :2].mean(axis=0)
    x, y = frame.to_square[:, :2] @ middle + frame.to_square[:, 2]
    assert x == pytest.approx(SIDE / 2)
    assert SIDE / 2 - y == pytest.approx(0.25 / REACH * SIDE)


def test_what_the_network_sees() -> None:
    picture = read_image(AVATARS / "maya.png")
    landmarks = landmarks_of()
    frame = MatteFrame.of(landmarks)
    seen = frame.see(picture, landmarks)
    assert seen.shape == (INPUTS, SIDE, SIDE)
    assert seen.dtype == np.float32
    x, y = (frame.to_square[:, :2] @ landmarks[4, :2] + frame.to_square[:, 2]).astype(int)
    nose = picture[int(landmarks[4, 1]), int(landmarks[4, 0])] / 255.0
    np.testing.assert_allclose(seen[:3, y, x], nose, atol=0.12)
    assert seen[3:5, y, x].tolist() == [1.0, 1.0]
    assert seen[5].max() * ODDS == pytest.approx(5.0)
    beyond = seen[3] == 0.0
    assert beyond.any()  # the square is higher than the picture
    assert (seen[:3, beyond] == 0.0).all()


def test_what_it_says_comes_back_to_its_place() -> None:
    landmarks = landmarks_of()
    frame, size = MatteFrame.of(landmarks), (360, 640)  # a copy half as large
    odds = np.zeros((SIDE, SIDE), np.float32)
    x, y = frame.to_square[:, :2] @ landmarks[4, :2] + frame.to_square[:, 2]
    cv2.circle(odds, (round(float(x)), round(float(y))), 8, 4.0, -1)
    laid, counts = frame.back(odds, size, 0.5)
    assert laid.shape == counts.shape == size
    rows, columns = np.nonzero(laid > 2.0)
    assert abs(columns.mean() + 0.5 - landmarks[4, 0] / 2) < 1
    assert abs(rows.mean() + 0.5 - landmarks[4, 1] / 2) < 1
    assert counts[rows, columns] == pytest.approx(1.0)
    assert counts[:, 0].max() == 0.0


def test_the_prior_moves_with_what_it_says(models: Path) -> None:
    """A network that takes everything for room leaves no more than the face."""
    weights = folded(trained())
    weights["head.weight"][:] = 0.0
    weights["head.bias"][:] = -9.0
    picture, landmarks = halved(read_image(AVATARS / "maya.png"), landmarks_of())
    without = person_matte(picture, landmarks, has_network=False)
    save_matte_weights(weights, models / "matte.safetensors")
    matte = person_matte(picture, landmarks)
    tall, (x, chin) = height_of_face(landmarks), landmarks[152, :2].astype(int)
    shoulder = slice(chin + int(0.5 * tall), chin + int(0.6 * tall))
    assert without[shoulder, x - 5 : x + 5].mean() > 200
    assert matte[int(landmarks[4, 1]), int(landmarks[4, 0])] == 255
    assert matte[shoulder, x - 5 : x + 5].max() == 0, "where it is sure, nothing thin is left"


@pytest.mark.parametrize("doubt", [-1.5, -0.5])
def test_beside_a_head_it_is_believed_sooner_than_beside_clothes(
    models: Path, doubt: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A network that doubts everything: below the chin colours decide, above it they do not."""
    weights = folded(trained())
    weights["head.weight"][:] = 0.0
    weights["head.bias"][:] = doubt
    save_matte_weights(weights, models / "matte.safetensors")
    picture, landmarks = halved(read_image(AVATARS / "maya.png"), landmarks_of())
    matte = person_matte(picture, landmarks)
    monkeypatch.setattr("avatarify.animation.face.matte._BESIDE_HEAD", 0.0)
    alike = person_matte(picture, landmarks)
    tall, chin = height_of_face(landmarks), int(landmarks[152, 1])
    above, below = slice(0, chin - int(0.25 * tall)), slice(chin + 2, None)
    assert matte[above].sum(dtype=np.int64) < 0.97 * alike[above].sum(dtype=np.int64)
    assert np.abs(matte[below].astype(int) - alike[below]).mean() < 1.0


def test_what_was_written_is_read(tmp_path: Path) -> None:
    weights = folded(trained())
    save_matte_weights(weights, tmp_path / "matte.safetensors", {"steps": "7"})
    read = read_matte_weights(tmp_path / "matte.safetensors")
    assert read.keys() == weights.keys()
    assert levels_of(read) == 3
    for name, tensor in weights.items():
        np.testing.assert_allclose(read[name], tensor, rtol=1e-3, atol=1e-6)


def broken() -> dict[str, dict[str, NDArray[np.float16]]]:
    weights = {name: value.astype(np.float16) for name, value in folded(trained()).items()}
    missing = {name: value for name, value in weights.items() if name != "up1.weight"}
    nan = {**weights, "stem.bias": np.full(4, np.nan, np.float16)}
    other = {**weights, "head.weight": np.zeros((3, 3, 4, 5), np.float16)}
    more = {**weights, "more": np.zeros(3, np.float16)}
    return {"missing": missing, "not finite": nan, "head.weight": other, "more": more}


@pytest.mark.parametrize("words", ["missing", "not finite", "head.weight", "more"])
def test_tensors_that_do_not_fit_are_refused(words: str, tmp_path: Path) -> None:
    save_file(broken()[words], tmp_path / "matte.safetensors", HEADER)
    with pytest.raises(CheckpointError, match=words):
        read_matte_weights(tmp_path / "matte.safetensors")


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ({}, "holds no matte"),
        ({**HEADER, "kind": "x"}, "no matte"),
        ({**HEADER, "format": "2"}, "newer"),
    ],
)
def test_other_files_are_refused(header: dict[str, str], words: str, tmp_path: Path) -> None:
    save_matte_weights(folded(trained()), tmp_path / "matte.safetensors")
    save_file(load_file(tmp_path / "matte.safetensors"), tmp_path / "other.safetensors", header)
    with pytest.raises(CheckpointError, match=words):
        read_matte_weights(tmp_path / "other.safetensors")


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    save_file({}, tmp_path / "matte.safetensors", HEADER)
    with pytest.raises(CheckpointError, match="missing"):
        read_matte_weights(tmp_path / "matte.safetensors")


def test_a_broken_file_is_told_and_done_without(
    models: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (models / "matte.safetensors").write_bytes(b"nothing")
    assert shipped_matte_network() is None
    assert "damaged" in caplog.text
    picture, landmarks = halved(read_image(AVATARS / "maya.png"), landmarks_of())
    np.testing.assert_array_equal(
        person_matte(picture, landmarks), person_matte(picture, landmarks, has_network=False)
    )


def test_the_file_that_ships_is_whole_and_small() -> None:
    path = SHIPPED_FOLDER / "matte.safetensors"
    assert path.stat().st_size < 2_000_000
    assert levels_of(read_matte_weights(path)) == 5
    assert shipped_matte_network() is shipped_matte_network() is not None


def overlap(found: NDArray[np.bool_], true: NDArray[np.bool_]) -> float:
    return float((found & true).sum() / (found | true).sum())


def before_clutter(name: str) -> tuple[Image, NDArray[np.uint8]]:
    """A built-in avatar before boards and lamps, some in colours of its own."""
    with np.load(AVATARS / f"{name}.npz") as kept:
        matte, landmarks = kept["matte"], kept["landmarks"]
    picture = read_image(AVATARS / f"{name}.png")
    chance, room = np.random.default_rng(5), fill_backdrop(picture, matte)
    height, width = matte.shape
    own = [picture[int(landmarks[i, 1]), int(landmarks[i, 0])].tolist() for i in (50, 10, 152)]
    for number in range(24):
        x, y = chance.integers(0, width), chance.integers(0, height)
        colour = own[number % 3] if number % 2 else chance.integers(0, 256, 3).tolist()
        size = chance.integers(20, 260, 2)
        cv2.rectangle(room, (x, y), (x + int(size[0]), y + int(size[1])), colour, -1)
    blurred = cv2.GaussianBlur(room, (0, 0), 4.0)
    share = matte[..., None] / 255.0
    laid = picture.astype(np.float64) * share + blurred * (1.0 - share)
    return np.round(laid).astype(np.uint8), matte


@pytest.mark.parametrize("name", ["maya", "omar", "ingrid", "nia"])
def test_people_are_told_from_cluttered_rooms(name: str) -> None:
    """Avatars that no training saw; without the network boards come along."""
    whole, matte = before_clutter(name)
    picture, landmarks = halved(whole, landmarks_of(name))
    true = halved(matte, landmarks)[0] > 127
    alone, both = (
        overlap(person_matte(picture, landmarks, has_network=asked) > 127, true)
        for asked in (False, True)
    )
    assert both > 0.9
    assert both > alone - 0.005


def test_the_square_ends_before_a_wide_picture_does() -> None:
    """Beyond it the landmarks' guess stays."""
    landmarks = landmarks_of()
    small = landmarks * 0.2 + np.array([500.0, 200.0, 0.0])
    prior = person_prior(small, (720, 1280))
    _, counts = MatteFrame.of(small).back(np.zeros((SIDE, SIDE), np.float32), (720, 1280), 1.0)
    assert 0 < (counts > 0).mean() < 0.4
    assert prior.log_odds.shape == counts.shape

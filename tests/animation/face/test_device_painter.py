"""The person painted in torch, against what the processor paints."""

from collections.abc import Iterator

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from avatarify.animation.face.backdrop import fill_backdrop
from avatarify.animation.face.device_painter import DevicePainter
from avatarify.animation.face.processor_painter import ProcessorPainter
from avatarify.animation.face.puppet import FacePuppet
from avatarify.geometry.face_motion import neck_joint
from avatarify.geometry.face_transfer import MovedFace
from avatarify.geometry.similarity import Similarity, rotation_from_vector
from avatarify.media.image_file import read_image
from tests.drivers import AVATARS, landmarks_of

CPU = torch.device("cpu")
LEAST_DB = 45.0
SIZE = (180, 320)


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def _small(name: str, scale: float = 0.25) -> FacePuppet:
    """A built-in avatar's layers, made small."""
    picture = read_image(AVATARS / f"{name}.png")
    with np.load(AVATARS / f"{name}.npz") as kept:
        matte, landmarks = kept["matte"], kept["landmarks"] * scale
    size = round(picture.shape[1] * scale), round(picture.shape[0] * scale)
    picture, matte = _resized(picture, size), _resized(matte, size)
    return FacePuppet(picture, landmarks, matte, fill_backdrop(picture, matte))


def _resized(image: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(np.uint8)


def _noisy(yaw: float = 0.0, shift: float = 0.0) -> tuple[FacePuppet, np.ndarray]:
    """A portrait that looks aside, full of detail, and fills its picture from edge to edge."""
    coarse = np.random.default_rng(5).integers(0, 255, (SIZE[0] // 6, SIZE[1] // 6, 3), np.uint8)
    picture = cv2.resize(coarse, SIZE[::-1], interpolation=cv2.INTER_CUBIC).astype(np.uint8)
    face = landmarks_of("maya").astype(np.float64) * 0.25 + (shift, 0.0, 0.0)
    joint = neck_joint(face)
    face = (face - joint) @ rotation_from_vector(np.array([0.0, yaw, 0.0])).T + joint
    matte = np.full(SIZE, 255, np.uint8)
    return FacePuppet(picture, face, matte, np.zeros_like(picture)), face


def _turned(face: np.ndarray, turn: tuple[float, float, float], shift: float = 0.0) -> MovedFace:
    joint, rotation = neck_joint(face), rotation_from_vector(np.array(turn))
    sideways = shift * np.linalg.norm(face[33] - face[263])  # of the outer eye corners' distance
    head = Similarity(1.0, rotation, joint - rotation @ joint + np.array([sideways, 5.3, 0.0]))
    return MovedFace(head.apply(face), head)


def _psnr_db(puppet: FacePuppet, face: MovedFace, device: torch.device = CPU) -> float:
    expected = ProcessorPainter(puppet).draw(face)
    return float(cv2.PSNR(DevicePainter(puppet, device).draw(face), expected))


@pytest.fixture(scope="module")
def maya() -> FacePuppet:
    return _small("maya")


@pytest.mark.parametrize(
    "turn", [(0.0, 0.0, 0.0), (0.0, 0.7, 0.0), (0.1, -0.7, 0.1), (0.35, 0.2, 0.0), (-0.3, 0.0, 0.2)]
)
def test_turns_and_tears_are_painted_alike(
    maya: FacePuppet, turn: tuple[float, float, float]
) -> None:
    face = _turned(landmarks_of("maya") * 0.25, turn, 0.3)
    assert _psnr_db(maya, face) >= LEAST_DB


@pytest.mark.parametrize("yaw", [0.6, -0.6])
def test_mirrored_skin_is_painted_alike(yaw: float) -> None:
    puppet, landmarks = _noisy(yaw)
    face = _turned(landmarks, (0.0, -yaw, 0.0))
    assert puppet.mirrored(face) is not None
    assert _psnr_db(puppet, face) >= LEAST_DB


@pytest.mark.parametrize(("shift", "scale"), [(90.0, 1.0), (-95.5, 1.3), (0.0, 0.6), (20.25, 2.5)])
def test_portraits_that_touch_the_edges_are_painted_alike(shift: float, scale: float) -> None:
    puppet, landmarks = _noisy(0.4, shift)
    head = Similarity(scale, np.eye(3), np.array([17.3 - 0.2 * shift, -30.6, 0.0]))
    assert _psnr_db(puppet, MovedFace(head.apply(landmarks), head)) >= LEAST_DB


def test_grids_of_odd_sizes_are_painted_alike() -> None:
    """A picture of 179 x 317 pixels has no whole number of cells, and a margin of 63.4."""
    picture = np.random.default_rng(6).integers(0, 255, (179, 317, 3), np.uint8)
    picture = cv2.GaussianBlur(picture, (0, 0), 2.0).astype(np.uint8)
    matte = np.zeros(picture.shape[:2], np.uint8)
    matte[31:, 85:240] = 255
    landmarks = landmarks_of("omar") * 0.25
    puppet = FacePuppet(picture, landmarks, matte, np.full_like(picture, 90))
    for yaw in (0.0, 0.5, -0.6):
        assert _psnr_db(puppet, _turned(landmarks, (0.05, yaw, 0.0), 0.2)) >= LEAST_DB


def test_a_whole_avatar_is_painted_alike() -> None:
    puppet = _small("omar", 1.0)
    assert _psnr_db(puppet, _turned(landmarks_of("omar"), (0.1, 0.6, 0.0), -0.2)) >= LEAST_DB


def test_every_picture_has_memory_of_its_own(maya: FacePuppet) -> None:
    painter = DevicePainter(maya, CPU)
    face = _turned(landmarks_of("maya") * 0.25, (0.0, 0.3, 0.0))
    first, second = painter.draw(face), painter.draw(face)
    assert not np.may_share_memory(first, second)
    kept = first.copy()
    second[...] = 0
    np.testing.assert_array_equal(painter.draw(face), kept)
    np.testing.assert_array_equal(first, kept)
    assert first.dtype == np.uint8
    assert first.flags.c_contiguous


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a card: never run on CUDA so far")
def test_a_card_paints_alike() -> None:
    puppet, landmarks = _noisy(0.6)
    for yaw in (0.0, -0.6, 0.4):
        face = _turned(landmarks, (0.0, yaw, 0.0), 0.2)
        assert _psnr_db(puppet, face, torch.device("cuda")) >= LEAST_DB

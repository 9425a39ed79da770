"""Turned heads: what is compared, and that a head that turns back is the portrait."""

from pathlib import Path

import numpy as np
import pytest

from avatarify.animation.animator import PortraitAnimator
from avatarify.animation.torch_engine import TorchEngine
from avatarify.errors import SettingsError
from avatarify.geometry.face_mesh import CHIN
from avatarify.media.image_file import read_image, write_image
from avatarify.session.avatars.library import BUILT_IN_FOLDER
from avatarify.training.evaluation.turned_head import (
    detail_inside,
    far_from,
    head_mask,
    psnr_inside_db,
    read_turns,
    score_turns,
    turns_table,
)
from tests.tiny_models import tiny_model


def test_decibels_count_the_mask_only() -> None:
    truth = np.zeros((4, 4, 3), np.uint8)
    picture = truth.copy()
    picture[0, 0] = 255  # wrong all over, but outside
    picture[1, 1] = 25  # a tenth (25.5) of full scale would be 20 dB
    inside = np.zeros((4, 4), bool)
    inside[1, 1] = True
    assert psnr_inside_db(picture, truth, inside) == pytest.approx(20.17, abs=0.01)
    inside[2, 2] = True  # half of the pixels are right: 3 dB more
    assert psnr_inside_db(picture, truth, inside) == pytest.approx(23.18, abs=0.01)
    assert psnr_inside_db(truth, truth, inside) == 99.0


def test_detail_is_the_sum_of_steps_over_the_truths() -> None:
    truth = np.zeros((9, 9, 3), np.uint8)
    truth[4, 4] = 100
    inside = np.ones((9, 9), bool)
    assert detail_inside(truth // 2, truth, inside) == pytest.approx(0.5)
    assert detail_inside(np.zeros_like(truth), truth, inside) == 0.0


def test_the_head_ends_at_the_chin_and_the_room_begins_behind_twelve_pixels() -> None:
    matte = np.zeros((40, 60), np.uint8)
    matte[5:, 10:20] = 255
    landmarks = np.zeros((478, 3))
    landmarks[CHIN, 1] = 15.0
    head = head_mask(matte, landmarks)
    assert head.sum() == 10 * 10  # rows 5 to 14, columns 10 to 19
    far = far_from(matte)
    assert far[10].nonzero()[0].tolist() == list(range(32, 60))  # 32 is 13 from 19
    assert not far[:, :20].any()


def test_a_portrait_that_is_turned_by_nothing_is_itself(tmp_path: Path) -> None:
    image = np.ascontiguousarray(read_image(BUILT_IN_FOLDER / "omar.png")[::2, ::2])
    with np.load(BUILT_IN_FOLDER / "omar.npz") as known:
        landmarks, matte = known["landmarks"] / 2, known["matte"][::2, ::2]
    for index in range(2):
        write_image(tmp_path / f"{index:02d}.png", image)
    np.savez(
        tmp_path / "turns.npz",
        rotation_deg=np.array([[0, 0, 0], [1, 0, 0]], np.float32),
        landmarks=np.stack([landmarks] * 2).astype(np.float32),
        mattes=np.stack([matte] * 2),
    )
    model = PortraitAnimator(TorchEngine(tiny_model("compact")))
    (score,) = score_turns(read_turns(tmp_path), model)
    assert score.rotation_deg == (1.0, 0.0, 0.0)
    assert score.still.head_db == 99.0
    assert score.room_db == 99.0
    assert score.face.head_db >= 38.0
    assert score.still.detail == pytest.approx(1.0)
    assert score.squares[1].shape == (512, 512, 3)
    assert f"| {tmp_path.name} | +1°, +0° |" in turns_table([score])


def test_a_folder_without_turns_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="render --turns"):
        read_turns(tmp_path)

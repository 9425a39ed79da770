from pathlib import Path

import numpy as np
import pytest

from avatarify.errors import SettingsError
from avatarify.geometry.face_mesh import counterparts
from avatarify.training.landmarks.face_crops import join_crops, mean_face, read_empty
from tests.training.made_faces import made_face

SIDE = 32


def write(
    folder: Path, name: str, points: np.ndarray[tuple[int, int, int], np.dtype[np.float32]]
) -> None:
    count = len(points)
    np.savez(
        folder / f"{name}.npz",
        images=np.full((count, SIDE, SIDE, 3), len(name), np.uint8),
        points=points,
        shapes=np.zeros((count, 52), np.float32),
        poses=np.repeat(np.eye(4, dtype=np.float32)[None], count, axis=0),
    )


def faces(count: int) -> np.ndarray[tuple[int, int, int], np.dtype[np.float32]]:
    flat = 10.0 * made_face()
    face = np.concatenate((flat, np.zeros((478, 1), np.float32)), axis=1)
    return np.repeat(face[None], count, axis=0).astype(np.float32)


def test_crops_are_joined_and_some_left_out(tmp_path: Path) -> None:
    write(tmp_path, "c_a", faces(3))
    write(tmp_path, "c_held", faces(4))
    write(tmp_path, "s_bb", faces(1))
    crops = join_crops(tmp_path, ("c_held",))
    assert len(crops) == 4
    assert crops.names.tolist() == ["c_a", "c_a", "c_a", "s_bb"]
    assert crops.images[:, 0, 0, 0].tolist() == [3, 3, 3, 4]


def test_folder_without_crops_is_said(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="holds no crops"):
        join_crops(tmp_path, ())
    with pytest.raises(SettingsError, match="holds no pictures"):
        read_empty(tmp_path / "empty.npy")


def test_the_one_open_mouth_is_drawn_more_often_than_each_closed_one(tmp_path: Path) -> None:
    points = faces(20)
    points[7, 14, 1] += 6.0
    write(tmp_path, "c_a", points)
    weights = join_crops(tmp_path, ()).draw_weights({})
    assert weights.sum() == pytest.approx(1.0)
    # It is one of 20, the others 19 of 20: (19 / 1) to the power of 0.6 as often.
    assert weights[7] / weights[0] == pytest.approx(19**0.6)


def test_shares_hold_for_names_that_begin_so(tmp_path: Path) -> None:
    write(tmp_path, "c_a", faces(5))
    write(tmp_path, "r_a", faces(5))
    weights = join_crops(tmp_path, ()).draw_weights({"r_": 3.0})
    assert weights[5:].sum() == pytest.approx(0.75)


def test_mean_of_turned_faces_is_upright_symmetric_and_one_wide() -> None:
    face = faces(1)[0]
    face[468, :2], face[473, :2] = (-4.0, -3.0), (4.0, -3.0)
    many = []
    for angle in (-0.3, 0.3):
        turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        many.append(np.concatenate((face[:, :2] @ turn + 50.0, face[:, 2:]), axis=1))
    other = counterparts()
    mean = mean_face(np.stack(many).astype(np.float32), other)
    np.testing.assert_allclose(mean[other] * (-1, 1, 1), mean, atol=1e-5)
    assert mean[473, 0] - mean[468, 0] == pytest.approx(1.0, abs=1e-5)
    assert mean[152, 1] > mean[10, 1]

from pathlib import Path

import numpy as np
import pytest

from avatarify.errors import SettingsError
from avatarify.geometry.face_mesh import RIGID
from avatarify.geometry.similarity import fit_similarity
from avatarify.training.landmarks.face_crops import join_crops
from avatarify.training.landmarks.mixed import Mixing, mix_people
from avatarify.training.landmarks.moved import Moving, move_faces
from avatarify.training.landmarks.new_shape import carried, new_shape

FARTHEST = 0.22
"""Of the irises' distance."""


def test_mixed_people_are_new_and_labelled(crops: Path, tracker: Path) -> None:
    names: list[str] = []
    mix_people(Mixing(crops, tracker, people=3, pictures=6), names.append)
    assert names == ["x_00000", "x_00001", "x_00002"]
    faces = join_crops(crops, ())
    prepared = faces.points[np.isin(faces.names, ["c_leo", "s_nia"])]
    for name in names:
        own = faces.points[faces.names == name]
        assert 3 <= len(own) <= 6
        assert min(_unlike(face, known) for face in own for known in prepared) > 0.01
        mouths = own[:, 291, 0] - own[:, 61, 0]
        assert mouths.min() > 20.0  # pixels; all of them are faces with a mouth
    images = faces.images[faces.names == "x_00000"]
    assert images.shape[1:] == (288, 288, 3)


def _unlike(face: np.ndarray, known: np.ndarray) -> float:
    """Return the mean distance of points of two faces, of the irises' distance."""
    rigid = list(RIGID)
    laid = fit_similarity(known[rigid], face[rigid]).apply(known)
    unit = np.linalg.norm(face[468] - face[473])
    return float(np.linalg.norm((laid - face)[:, :2], axis=1).mean() / unit)


def test_a_number_makes_the_same_person_again(crops: Path, tracker: Path) -> None:
    settings = Mixing(crops, tracker, people=1, pictures=4)
    mix_people(settings, lambda _name: None)
    target = crops / "x_00000.npz"
    first = dict(np.load(target))
    names: list[str] = []
    mix_people(settings, names.append)
    assert names == []  # what is there stays
    target.unlink()
    move_faces(Moving(crops, tracker, per_face=3), lambda _name: None)  # made files mix nothing
    mix_people(settings, lambda _name: None)
    np.testing.assert_array_equal(np.load(target)["images"], first["images"])


def test_nobody_is_made_of_stills_alone(crops: Path, tracker: Path) -> None:
    with pytest.raises(SettingsError, match="there are none"):
        mix_people(Mixing(crops, tracker, left_out=("c_leo",)), lambda _name: None)


def test_new_shapes_differ_and_stay_near(crops: Path) -> None:
    faces = join_crops(crops, ())
    face, other = (faces.points[row].astype(np.float64) for row in (0, 2))
    shapes = [new_shape(face, [other, other], np.random.default_rng(seed)) for seed in range(20)]
    unit = np.linalg.norm(face[468] - face[473])
    ways = np.linalg.norm(np.stack(shapes) - face, axis=2) / unit
    assert ways.max() < FARTHEST + 1e-6
    assert ways.mean(axis=1).min() > 0.01
    widths = [np.linalg.norm(shape[61] - shape[291]) / unit for shape in shapes]
    assert max(widths) > 1.2 * min(widths)
    gaps = [shape[14, 1] - shape[13, 1] for shape in shapes]
    assert min(gaps) > -0.02 * unit  # lips never cross


def test_carried_points_follow_less_and_less() -> None:
    points = np.zeros((6, 3))
    points[:, 0] = range(6)
    moved = carried(points, [0], np.array([[0.0, 2.0, 0.0]]), 2.0)
    assert moved[0, 1] == 2.0
    assert (np.diff(moved[:, 1]) < 0.0).all()
    assert moved[5, 1] < 0.01

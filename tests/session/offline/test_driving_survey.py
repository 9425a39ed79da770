from collections.abc import Sequence

import numpy as np
import pytest

from avatarify.errors import FaceNotFoundError, SettingsError
from avatarify.frames import Frame, Image
from avatarify.session.offline.driving_survey import (
    DrivingSurvey,
    FaceFinder,
    Surveyor,
    shape_distance,
)
from avatarify.tracking.crop import Crop
from avatarify.tracking.face import BLENDSHAPE_NAMES, LANDMARK_COUNT, Face

PICTURE = np.zeros((400, 600, 3), np.uint8)


def _face(x: float, y: float, side: float = 100.0, *, yaw: float = 0.0) -> Face:
    """A face whose landmarks fill the square of `side` pixels around (x, y), turned by radians."""
    spread = np.random.default_rng(0).uniform(-0.5, 0.5, (LANDMARK_COUNT, 3))
    spread[:4, :2] = [(-0.5, -0.5), (0.5, -0.5), (-0.5, 0.5), (0.5, 0.5)]
    landmarks = (spread * side + (x, y, 0)).astype(np.float32)
    transform = np.eye(4, dtype=np.float32)
    transform[0, 0] = transform[2, 2] = np.cos(yaw)
    transform[0, 2], transform[2, 0] = np.sin(yaw), -np.sin(yaw)
    return Face(landmarks, np.zeros(len(BLENDSHAPE_NAMES), np.float32), transform)


def _survey(
    faces: Sequence[Face | None],
    *,
    avatar: Face | None = None,
    reference: int | None = None,
    crops: bool = True,
) -> DrivingSurvey:
    def find(_: Image, time_s: float) -> Face | None:
        return faces[round(time_s * 25)]

    return _look(find, len(faces), avatar=avatar, reference=reference, crops=crops)


def _look(
    find: FaceFinder | None,
    count: int,
    *,
    avatar: Face | None = None,
    reference: int | None = None,
    crops: bool = True,
) -> DrivingSurvey:
    surveyor = Surveyor(find, avatar, reference, crops=crops)
    for index in range(count):
        surveyor.see(Frame(PICTURE, index / 25, index))
    return surveyor.finish("clip.mp4")


def test_a_trembling_box_gives_one_crop_for_all_frames() -> None:
    noise = np.random.default_rng(1).normal(0, 3, (60, 3))
    survey = _survey([_face(300 + dx, 200 + dy, 100 + ds) for dx, dy, ds in noise])
    assert len(set(survey.crops)) == 1
    crop = survey.crops[0]
    assert crop.center_x == pytest.approx(300, abs=1)
    assert crop.center_y == pytest.approx(200, abs=1)
    assert crop.size == pytest.approx(190, abs=2)


def test_a_face_that_turns_about_stays_in_its_crop() -> None:
    survey = _survey([_face(300 + 30 * np.sin(index / 5), 200) for index in range(60)])
    assert len(set(survey.crops)) == 1


def test_a_face_that_walks_away_is_followed() -> None:
    walk = [_face(150 + 3 * index, 200) for index in range(100)]
    survey = _survey([_face(150, 200)] * 20 + walk)
    assert survey.crop_at(10) == survey.crop_at(0)
    last = survey.crop_at(119)
    assert last is not None
    assert last.center_x == pytest.approx(447, abs=0.25 * 190)


def test_single_wrong_faces_do_not_make_the_crop_follow() -> None:
    faces: list[Face | None] = [_face(300, 200)] * 100
    faces[40] = _face(550, 350, 30)
    crops = _survey(faces).crops
    assert len(set(crops)) == 1
    assert crops[0].size == pytest.approx(190, abs=1e-3)


def test_frames_without_a_face_use_the_crop_of_the_others() -> None:
    faces: list[Face | None] = [None, None, _face(300, 200), None, _face(300, 200), None]
    survey = _survey(faces)
    assert len(survey.crops) == 6
    assert len(set(survey.crops)) == 1


def test_a_clip_without_any_face_is_told() -> None:
    with pytest.raises(FaceNotFoundError, match=r"found in clip\.mp4 \(3 frames\)"):
        _survey([None, None, None])


def test_without_crops_no_face_is_needed() -> None:
    survey = _survey([None, None], crops=False)
    assert survey.crop_at(1) is None
    assert survey.reference.index == 0


def test_the_reference_is_the_frame_most_like_the_avatar() -> None:
    faces: list[Face | None] = [
        _face(300, 200, yaw=0.6),
        None,
        _face(300, 200, yaw=0.0),
        _face(300, 200, yaw=0.6),
    ]
    assert _survey(faces, avatar=_face(50, 50, 60)).reference.index == 2
    assert _survey(faces, avatar=_face(50, 50, 60, yaw=0.6)).reference.index == 0


@pytest.mark.parametrize(
    ("count", "words"),
    [(1, r"it has 1 frame, counted.* --reference 0, or"), (3, r"has 3 frames,.* 0 to 2, or auto")],
)
def test_a_reference_behind_the_end_is_refused(count: int, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        _survey([_face(300, 200)] * count, reference=9)


def test_a_chosen_reference_is_taken() -> None:
    assert _survey([_face(300, 200)] * 5, reference=3).reference.index == 3


def test_a_reference_behind_the_end_is_told() -> None:
    with pytest.raises(SettingsError, match=r"no frame 9 in clip\.mp4.*--reference 0 to 4"):
        _survey([_face(300, 200)] * 5, reference=9)


def _looks(faces: Sequence[Face | None], fps: float) -> list[int]:
    """Return the indices of the frames that the tracker was shown."""
    looks: list[int] = []

    def find(_: Image, time_s: float) -> Face | None:
        looks.append(round(time_s * fps))
        return faces[looks[-1]]

    surveyor = Surveyor(find, None, None, crops=True)
    for index in range(len(faces)):
        surveyor.see(Frame(PICTURE, index / fps, index))
    assert len(surveyor.finish("clip.mp4").crops) == len(faces)
    return looks


def test_a_face_in_place_is_looked_at_now_and_then_once_there_are_frames_to_spare() -> None:
    looks = _looks([_face(300, 200)] * 90, 30.0)
    assert looks == [*range(30), *range(34, 90, 5)]


def test_few_pictures_a_second_are_all_looked_at() -> None:
    assert _looks([_face(300, 200)] * 60, 6.0) == list(range(60))


def test_a_face_that_leaves_its_place_or_the_picture_is_looked_at_in_every_frame() -> None:
    walking = [_face(150 + 5 * index, 200) for index in range(60)]
    looks = _looks([_face(150, 200)] * 40 + walking, 30.0)
    assert looks[-45:] == list(range(55, 100))
    lost: list[Face | None] = [None] * 20
    assert _looks([*[_face(300, 200)] * 42, *lost], 30.0)[-18:] == list(range(44, 62))


def test_a_chosen_reference_may_be_a_frame_that_is_not_looked_at() -> None:
    for reference in (50, 51):
        surveyor = Surveyor(lambda *_: _face(300, 200), None, reference, crops=True)
        for index in range(60):
            surveyor.see(Frame(PICTURE, index / 30, index))
        assert surveyor.finish("clip.mp4").reference.index == reference


def test_without_a_tracker_the_middle_is_cut_and_the_first_frame_is_the_reference() -> None:
    survey = _look(None, 1, reference=0)
    assert survey.crop_at(0) == survey.crop_at(99) == Crop(300, 200, 320)
    assert survey.reference.index == 0
    assert survey.frame_count is None


def test_without_a_tracker_one_frame_is_enough() -> None:
    surveyor = Surveyor(None, None, 1, crops=True)
    surveyor.see(Frame(PICTURE, 0.0, 0))
    assert not surveyor.is_done
    surveyor.see(Frame(PICTURE, 0.04, 1))
    assert surveyor.is_done


def test_the_shape_distance_knows_neither_place_nor_size() -> None:
    assert shape_distance(_face(300, 200, 100), _face(80, 90, 37)) == pytest.approx(0, abs=1e-9)


def test_the_shape_distance_sees_a_turned_head() -> None:
    narrow = _face(300, 200)
    squeezed = Face(narrow.landmarks * np.array([0.8, 1, 1], np.float32), narrow.blendshapes)
    assert shape_distance(narrow, squeezed) > 1e-3

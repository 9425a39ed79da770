"""From pictures to saved motion, with a tracker that can be checked by hand."""

from pathlib import Path
from threading import Event

import numpy as np
import pytest

from avatarify.errors import FaceNotFoundError, VideoError
from avatarify.frames import Image
from avatarify.geometry.face_mesh import EYES
from avatarify.media import motion_file
from avatarify.media.composition import rotate
from avatarify.media.image_file import write_image
from avatarify.media.image_folder import ImageFolder
from avatarify.media.motion_file import Motion
from avatarify.session.offline.motion_tracking import track_motion
from avatarify.tracking.face import Face
from avatarify.tracking.landmarker import LandmarkerMode
from avatarify.tracking.own_finder import OwnFinder
from avatarify.zoo.store import SHIPPED_FOLDER
from tests.drivers import small_portrait

OWN = SHIPPED_FOLDER / "landmarks.safetensors"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Five pictures of 40 by 60 pixels; number n is 10 n grey levels bright."""
    for index in range(5):
        write_image(tmp_path / f"{index}.png", np.full((40, 60, 3), 10 * index, np.uint8))
    return tmp_path


def find_brightness(image: Image, time_s: float) -> Face | None:
    """All landmarks lie at (n, time); there is no face in picture 2."""
    level = float(image[0, 0, 0]) / 10
    if level == 2:
        return None
    landmarks = np.full((478, 3), (level, time_s, 0), np.float32)
    return Face(landmarks, np.full(52, level / 10, np.float32))


def tracked(folder: Path, stop: Event | None = None, stop_after: int = 99) -> Motion | None:
    stop, seen = stop or Event(), []

    def advance() -> None:
        seen.append(1)
        if len(seen) >= stop_after:
            stop.set()

    with ImageFolder(folder, 10) as source:
        return track_motion(source, find_brightness, advance, stop)


def test_each_frame_has_its_row(folder: Path) -> None:
    motion = tracked(folder)
    assert motion is not None
    assert motion.size == (40, 60)
    np.testing.assert_allclose(motion.times_s, np.arange(5) / 10)
    assert motion.has_face.tolist() == [True, True, False, True, True]
    np.testing.assert_allclose(motion.landmarks[3], np.full((478, 3), (3, 0.3, 0)), rtol=1e-6)
    np.testing.assert_allclose(motion.blendshapes[3], np.full(52, 0.3), rtol=1e-6)
    assert np.isnan(motion.landmarks[2]).all()
    assert np.isnan(motion.blendshapes[2]).all()


def test_what_is_stopped_keeps_what_was_seen(folder: Path) -> None:
    motion = tracked(folder, stop_after=2)
    assert motion is not None
    assert motion.frame_count == 2


def test_nothing_is_kept_of_what_is_stopped_before_a_face(folder: Path) -> None:
    for name in ("0.png", "1.png"):
        (folder / name).unlink()
    assert tracked(folder, stop_after=1) is None


def test_frames_without_any_face_are_told(folder: Path) -> None:
    for name in ("0.png", "1.png", "3.png", "4.png"):
        (folder / name).unlink()
    with pytest.raises(FaceNotFoundError, match=r"found in .* \(1 frame\)"):
        tracked(folder)


def find_square(image: Image, time_s: float) -> Face | None:
    """The corners of what is white are the landmarks, in turn."""
    rows, columns = np.nonzero(image[..., 0] > 127)
    xs, ys = (columns.min(), columns.max()), (rows.min(), rows.max())
    corners = [(x, y, 0) for y in ys for x in xs]
    landmarks = np.array([corners[index % 4] for index in range(478)], np.float32)
    return Face(landmarks, np.zeros(52, np.float32))


def test_a_clip_that_changes_its_shape_goes_on_with_the_face_where_it_was(tmp_path: Path) -> None:
    places = [((60, 40), (10, 30, 8)), ((60, 40), (12, 30, 8)), ((40, 120), (80, 10, 16))]
    places += [((40, 120), (84, 10, 16)), ((60, 40), (5, 5, 8))]
    for index, (size, (x, y, side)) in enumerate(places):
        image = np.zeros((*size, 3), np.uint8)
        image[y : y + side + 1, x : x + side + 1] = 255
        write_image(tmp_path / f"{index}.png", image)
    with ImageFolder(tmp_path, 10) as source:
        motion = track_motion(source, find_square, lambda: None, Event())
    assert motion is not None
    assert motion.size == (60, 40)
    corners = motion.landmarks[:, :4, :2]
    lefts, widths = corners[:, 0, 0], corners[:, 1, 0] - corners[:, 0, 0]
    np.testing.assert_allclose(widths, 8, atol=0.1)
    # 4 pixels where all is twice as large are 2 here; at each change the face stays.
    np.testing.assert_allclose(lefts, [10, 12, 12, 14, 14], atol=0.2)
    np.testing.assert_allclose(corners[:, 0, 1], 30, atol=0.2)


def test_what_is_too_long_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(motion_file, "MOST_FRAMES", 3)
    with pytest.raises(VideoError, match="more than 3 frames"):
        tracked(folder)


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_head_that_lies_on_its_side_is_turned_upright(tmp_path: Path, degrees: int) -> None:
    lying = rotate(small_portrait("maya")[0], degrees)
    for index in range(30):
        write_image(tmp_path / f"{index:02}.png", lying)
    with ImageFolder(tmp_path, 10) as source, OwnFinder(OWN, LandmarkerMode.VIDEO) as finder:
        motion = track_motion(source, finder.find, lambda: None, Event())
    assert motion is not None
    seen = motion.landmarks[20:][motion.has_face[20:]]
    assert len(seen) == 10
    way = seen[:, EYES[1].outer, :2] - seen[:, EYES[0].outer, :2]
    np.testing.assert_allclose(np.degrees(np.arctan2(way[:, 1], way[:, 0])), 0.0, atol=15.0)

from pathlib import Path

import cv2
import numpy as np
import pytest

from avatarify.animation.face.processor_painter import ProcessorPainter
from avatarify.animation.face.puppet import FacePuppet
from avatarify.geometry.average_face import face_in_the_middle
from avatarify.geometry.face_mesh import OVAL
from avatarify.geometry.face_motion import read_motion
from avatarify.geometry.face_transfer import FaceTransfer, MovedFace
from avatarify.geometry.similarity import Similarity
from tests.animation.face.round_heads import SKIN, round_head
from tests.geometry.face_shapes import made_face

SIDE = 400
REPOSITORY = Path(__file__).resolve().parents[3]


def _picture() -> np.ndarray:
    chance = np.random.default_rng(1)
    coarse = chance.integers(0, 255, (SIDE // 8, SIDE // 8, 3), dtype=np.uint8)
    return np.repeat(np.repeat(coarse, 8, axis=0), 8, axis=1)


def _matte() -> np.ndarray:
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    head = ((x - 200) / 110) ** 2 + ((y - 190) / 150) ** 2 < 1
    body = (y > 320) & (abs(x - 200) < 150)
    return ((head | body) * 255).astype(np.uint8)


def _puppet() -> FacePuppet:
    backdrop = np.full((SIDE, SIDE, 3), (20, 90, 160), np.uint8)
    return FacePuppet(_picture(), made_face(), _matte(), backdrop)


def _painter() -> ProcessorPainter:
    return ProcessorPainter(_puppet())


def _turned(yaw: float, shift: tuple[float, float] = (0.0, 0.0)) -> MovedFace:
    face = made_face()
    motion = read_motion(face, face)._replace(turn=np.array([0.0, yaw, 0.0]), shift=np.array(shift))
    return FaceTransfer(face)(motion, face)


def test_at_rest_the_person_is_the_picture() -> None:
    painted = _painter().draw(FaceTransfer(made_face()).still())
    inside = _matte() == 255
    difference = painted[inside].astype(float) - _picture()[inside]
    assert abs(difference).max() <= 1  # the person covers the backdrop


def test_the_room_stands_still_while_the_head_moves() -> None:
    painter = _painter()
    for face in (_turned(0.4), _turned(-0.4), _turned(0.0, (0.3, 0.1))):
        layer = painter.warp(face)
        painted = painter.draw(face)
        there = np.zeros((SIDE, SIDE), np.uint8)
        there[layer.place] = layer.person[..., 3]
        np.testing.assert_array_equal(painted[there == 0], painter.puppet.backdrop[there == 0])


def test_a_moved_head_takes_its_pixels_along() -> None:
    face = made_face()
    shift = Similarity(1.0, np.eye(3), np.array([16.0, 0.0, 0.0]))
    painted = _painter().draw(MovedFace(shift.apply(face), shift))
    before, after = _picture()[200:212, 180:220], painted[200:212, 196:236]
    assert np.abs(before.astype(float) - after).mean() < 2.0


def test_shoulders_stay_on_the_lower_edge() -> None:
    painted = _painter().draw(_turned(0.0, (0.4, -0.3)))
    moved = np.abs(painted[-1, 120:280].astype(float) - _picture()[-1, 120:280])
    assert (moved > 8).any(axis=1).mean() < 0.15  # edges of the pattern, by parts of a pixel


def test_nobody_comes_in_over_the_upper_edge() -> None:
    """A head that moves down leaves the room behind it, not its own mirror image."""
    face = made_face()
    down = Similarity(1.0, np.eye(3), np.array([0.0, 80.0, 0.0]))
    layer = _painter().warp(MovedFace(down.apply(face), down))
    assert layer.person[: max(0, 60 - layer.top), :, 3].max(initial=0) == 0


def test_a_turn_leaves_no_hole_in_the_face() -> None:
    """Seen on a whole head: the corners of the mouth and eyes are made up in the other tests."""
    kept = np.load(REPOSITORY / "assets" / "avatars" / "omar.npz")
    matte, landmarks = kept["matte"], kept["landmarks"]
    black = np.zeros((*matte.shape, 3), np.uint8)
    painter = ProcessorPainter(FacePuppet(black, landmarks, matte, black))
    transfer = FaceTransfer(landmarks)
    rest = read_motion(landmarks, landmarks)
    for yaw, pitch in ((-0.6, 0.0), (0.6, 0.0), (0.0, 0.35), (0.0, -0.35)):
        face = transfer(rest._replace(turn=np.array([pitch, yaw, 0.0])), landmarks)
        layer = painter.warp(face)
        holes = layer.person[..., 3] < 64
        _, parts, sizes, _ = cv2.connectedComponentsWithStats(holes.astype(np.uint8))
        rim = {*np.unique(parts[[0, -1]]).tolist(), *np.unique(parts[:, [0, -1]]).tolist()}
        inside = [sizes[k, cv2.CC_STAT_AREA] for k in range(1, len(sizes)) if k not in rim]
        assert sum(inside) < 30


@pytest.mark.parametrize("yaw", [0.5, -0.5])
@pytest.mark.parametrize("has_ears", [False, True])
def test_a_head_that_turns_shows_its_hair_and_not_its_face_twice(
    yaw: float, has_ears: bool
) -> None:
    """A skull keeps its width: where the front was there is hair above the ears, all the way."""
    face = np.asarray(face_in_the_middle((SIDE, SIDE)), np.float64)
    person = round_head(face, (SIDE, SIDE), has_ears=has_ears)
    room = np.full((SIDE, SIDE, 3), (20, 90, 200), np.uint8)
    puppet = FacePuppet(person[..., :3], face, person[..., 3], room)
    motion = read_motion(face, face)._replace(turn=np.array([0.0, yaw, 0.0]))
    moved = FaceTransfer(face)(motion, face)
    painted = ProcessorPainter(puppet).draw(moved).astype(int)
    row = round(float(moved.landmarks[[105, 334], 1].mean()))
    ends = np.flatnonzero(person[row, :, 3])
    is_room = np.abs(painted[row] - (20, 90, 200)).max(axis=1) < 40
    assert is_room[ends[0] + 6 : ends[-1] - 6].sum() == 0
    is_skin = np.abs(painted[row] - SKIN).max(axis=1) < 40
    runs = np.count_nonzero(np.diff(np.concatenate([[0], is_skin.astype(int)])) == 1)
    assert runs == 1
    outline = moved.landmarks[list(OVAL), 0]
    found = np.flatnonzero(is_skin)
    assert outline.min() - 8 < found[0] < found[-1] < outline.max() + 8


def test_another_backdrop_stands_behind_the_person() -> None:
    green = np.zeros((SIDE, SIDE, 3), np.uint8)
    green[:] = (0, 255, 0)
    painted = _painter().draw(FaceTransfer(made_face()).still(), green)
    assert (painted[:10] == (0, 255, 0)).all()
    inside = _matte() == 255
    assert np.abs(painted[inside].astype(float) - _picture()[inside]).max() <= 1


def test_the_back_shows_through_holes_of_the_front_little_by_little() -> None:
    """A matte that is half room would change at once when a head begins to turn."""
    puppet = _puppet()
    levels = []
    for yaw in np.radians(np.arange(0.0, 25.0, 0.5)):
        face = _turned(float(yaw))
        motion = puppet.motion(face)
        uncovered = puppet.uncovered(motion, face.head)
        is_front = (motion.label >= 0) & (motion.label < puppet.sheet.front_count)
        levels.append(0.0 if uncovered is None else float(np.median(uncovered.seen[is_front])))
    assert levels[0] == 0.0
    assert levels[-1] == 255.0
    assert max(np.diff(levels)) < 90.0

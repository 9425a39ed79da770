"""Light on a built-in avatar's skin, whose portrait is lit from a side that the test chooses."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from avatarify.animation.face.animator import FaceAnimator, FaceLayers, FacePortrait
from avatarify.animation.face.sheet import Sheet
from avatarify.animation.face.skin_light import SkinLight
from avatarify.frames import Image
from avatarify.geometry.face_mesh import INNER_LIPS_LOWER, INNER_LIPS_UPPER, MESH_COUNT
from avatarify.geometry.face_motion import face_unit, neck_joint
from avatarify.geometry.face_transfer import MovedFace
from avatarify.geometry.similarity import Similarity, rotation_from_vector
from avatarify.media.image_file import read_image
from tests.animation.face.round_heads import round_outline
from tests.drivers import AVATARS, landmarks_of
from tests.geometry.smiles import CORNERS, smile

SIZE = (720, 1280)
NOSE, RIGHT_CHEEK, LEFT_CHEEK = 4, 50, 280  # the person's own: right is on the picture's left
Points = NDArray[np.floating]


def lit_from(side: float, level: float = 120.0) -> Image:
    """A head that is grey all over, brighter towards one side of the picture."""
    face = landmarks_of()
    across = (np.arange(SIZE[1]) - face[NOSE, 0]) / np.ptp(face[:, 0])
    row = np.clip(level * np.exp(side * np.clip(across, -0.6, 0.6)), 0, 255)
    return np.tile(np.round(row).astype(np.uint8)[None, :, None], (SIZE[0], 1, 3))


def turned(yaw: float, nod: float = 0.0, name: str = "maya") -> MovedFace:
    """Positive yaw turns the nose to the picture's left."""
    face = landmarks_of(name).astype(np.float64)
    joint, rotation = neck_joint(face), rotation_from_vector(np.array([nod, yaw, 0.0]))
    head = Similarity(1.0, rotation, joint - rotation @ joint)
    return MovedFace(head.apply(face), head)


def light_of(picture: Image) -> SkinLight:
    face = landmarks_of()
    sheet = Sheet(face, SIZE, round_outline(face, SIZE))
    return SkinLight(picture, face, sheet)


def gain(light: SkinLight, face: MovedFace, landmark: int) -> float:
    """How much brighter even grey becomes at a landmark."""
    canvas = np.full((*SIZE, 3), 100, np.uint8)
    light.draw(canvas, face)
    x, y = face.landmarks[landmark, :2].astype(int)
    return float(canvas[y, x].mean()) / 100


def test_at_rest_nothing_changes() -> None:
    canvas = np.random.default_rng(1).integers(0, 256, (*SIZE, 3), np.uint8)
    before = canvas.copy()
    light_of(lit_from(0.8)).draw(canvas, turned(0.0))
    np.testing.assert_array_equal(canvas, before)


def test_light_is_told_from_the_brighter_side() -> None:
    right, left = light_of(lit_from(0.8)).light, light_of(lit_from(-0.8)).light
    assert right[0] > 0.1
    assert left[0] < -0.1


@pytest.mark.parametrize("yaw", [0.45, -0.45])
def test_turned_away_from_the_light_skin_darkens(yaw: float) -> None:
    away, towards = light_of(lit_from(np.sign(yaw) * 0.8)), light_of(lit_from(-np.sign(yaw) * 0.8))
    for place in (NOSE, RIGHT_CHEEK, LEFT_CHEEK):
        assert gain(away, turned(yaw), place) < gain(towards, turned(yaw), place) - 0.05
    assert gain(away, turned(yaw), NOSE) < 0.95


def test_gains_are_limited() -> None:
    light = light_of(lit_from(3.0, 60.0))
    for face in (turned(0.8), turned(-0.8), turned(0.0, 0.5), turned(0.0, -0.5)):
        canvas = np.full((*SIZE, 3), 100, np.uint8)
        light.draw(canvas, face)
        assert canvas.min() >= 70
        assert canvas.max() <= 118


def test_it_does_not_trace_the_mesh() -> None:
    canvas = np.full((*SIZE, 3), 200, np.uint8)
    face = turned(0.4)
    light_of(lit_from(0.8)).draw(canvas, face)
    x, y = face.landmarks[[NOSE, 152], :2].mean(axis=0).astype(int)
    inner = canvas[y - 60 : y + 10, x - 40 : x + 40, 0].astype(int)
    for axis in (0, 1):
        assert np.abs(np.diff(inner, axis=axis)).max() <= 2


@pytest.fixture(scope="module", params=["maya", "omar", "leo"])
def unlit_and_lit(request: pytest.FixtureRequest) -> tuple[str, list[FaceAnimator]]:
    """A built-in avatar, taken apart once without and once with light."""
    name = str(request.param)
    with np.load(AVATARS / f"{name}.npz") as kept:
        portrait = FacePortrait(
            read_image(AVATARS / f"{name}.png"), kept["landmarks"], kept["matte"]
        )
    animators = [FaceAnimator(layers=layers) for layers in (FaceLayers(light=False), FaceLayers())]
    for animator in animators:
        animator.set_source(portrait)
    return name, animators


@pytest.mark.parametrize(("yaw", "nod"), [(0.5, 0.0), (-0.5, 0.0), (0.0, 0.4), (0.3, -0.3)])
def test_the_room_is_untouched(
    yaw: float, nod: float, unlit_and_lit: tuple[str, list[FaceAnimator]]
) -> None:
    name, animators = unlit_and_lit
    pictures, alphas = [], []
    for animator in animators:
        animator.calibrate(landmarks_of(name))
        driver = turned(yaw, nod, name).landmarks
        pictures.append(animator.animate(driver).astype(int))
        alphas.append(animator.cut_out(driver)[..., 3])
    change = np.abs(pictures[1] - pictures[0]).max(axis=2)
    assert change.max() > 10
    to_person = cv2.distanceTransform((alphas[0] == 0).astype(np.uint8), cv2.DIST_L2, 5)
    assert change[to_person > 8].max() == 0
    assert change[to_person > 0].max() <= 12  # a rim that is hardly seen, along a beard


@pytest.mark.parametrize("level", [215, 235, 255])
def test_highlights_do_not_become_stains(level: int) -> None:
    """Whole faces, and a forehead alone, as bright as this."""
    forehead = lit_from(0.8)
    x, y = landmarks_of()[151, :2].astype(int)
    cv2.circle(forehead, (int(x), int(y)), 40, (level, level - 20, level - 40), -1)
    for picture in (forehead, np.full((*SIZE, 3), level, np.uint8)):
        light = light_of(picture)
        for face in (turned(0.6), turned(-0.6), turned(0.0, 0.4), turned(0.0, -0.4)):
            canvas = np.full((*SIZE, 3), level, np.uint8)
            light.draw(canvas, face)
            x, y = face.landmarks[151, :2].astype(int)
            assert canvas[y, x].max() <= max(level, 250) + 1


@pytest.mark.parametrize("yaw", [-0.35, 0.35])
def test_skin_does_not_flicker_when_landmarks_tremble(yaw: float) -> None:
    """As in a webcam's noise: a third of a pixel; the light itself rests."""
    light, chance = light_of(lit_from(0.8)), np.random.default_rng(3)
    calm, seen = turned(yaw), []
    for _ in range(24):
        shift = np.append(chance.normal(0, 0.35, 2), 0.0)
        head = Similarity(1.0, calm.head.rotation, calm.head.shift + shift)
        canvas = np.full((*SIZE, 3), 200, np.uint8)
        light.draw(canvas, MovedFace(calm.landmarks + shift, head))
        places = (calm.landmarks[[NOSE, 151], :2] + shift[:2]).astype(np.float32).tolist()
        seen.append([cv2.getRectSubPix(canvas, (16, 16), place).mean() for place in places])
    assert np.diff(seen, 2, axis=0).std(axis=0).max() < 0.12


def test_light_may_be_calmer_than_the_head() -> None:
    light, face = light_of(lit_from(0.8)), turned(0.5)
    canvas = np.full((*SIZE, 3), 100, np.uint8)
    light.draw(canvas, face._replace(light_rotation=np.eye(3)))
    assert (canvas == 100).all()
    assert gain(light, face._replace(light_rotation=face.head.rotation), NOSE) == gain(
        light, face, NOSE
    )


@pytest.mark.parametrize("level", [0, 128, 255])
def test_pictures_without_light_give_no_nonsense(level: int) -> None:
    light = light_of(np.full((*SIZE, 3), level, np.uint8))
    assert np.isfinite(light.light).all()
    canvas = np.full((*SIZE, 3), 128, np.uint8)
    light.draw(canvas, turned(0.5))
    assert 85 < canvas.min() <= canvas.max() < 155


def test_a_head_beyond_the_picture_is_no_error() -> None:
    light, rotation = light_of(lit_from(0.8)), turned(0.4).head.rotation
    for shift in ((-5000.0, 0, 0), (5000.0, 0, 0), (0, 5000.0, 0), (0, -5000.0, 0), (600.0, 0, 0)):
        head = Similarity(1.0, rotation, np.array(shift))
        canvas = np.full((*SIZE, 3), 100, np.uint8)
        light.draw(canvas, MovedFace(head.apply(landmarks_of().astype(np.float64)), head))


def smiling(size: float = 0.12, name: str = "maya", sides: tuple[int, ...] = CORNERS) -> MovedFace:
    face = landmarks_of(name).astype(np.float64)
    face[:MESH_COUNT] += smile(size, sides) * face_unit(face)
    return MovedFace(face, Similarity(1.0, np.eye(3), np.zeros(3)))


def beside_the_mouth(canvas: Image, face: MovedFace, corner: int) -> float:
    """The darkest level on the way from a corner of the mouth to the wing of the nose."""
    wing = {61: 129, 291: 358}[corner]
    start, end = face.landmarks[[corner, wing], :2]
    out = 0.1 * (face.landmarks[291, :2] - face.landmarks[61, :2])
    out = out if corner == 291 else -out
    ways = [start + share * (end - start) + out for share in (0.3, 0.5, 0.7)]
    return min(float(canvas[int(y), int(x)].mean()) for x, y in ways)


def test_a_smile_folds_the_skin_beside_it() -> None:
    light, face = light_of(lit_from(0.0)), smiling()
    canvas = np.full((*SIZE, 3), 100, np.uint8)
    light.draw(canvas, face)
    for corner in CORNERS:
        assert beside_the_mouth(canvas, face, corner) < 97
    x, y = face.landmarks[151, :2].astype(int)
    assert (canvas[y - 5 : y + 5, x - 5 : x + 5] == 100).all()  # foreheads do not fold here


def test_without_folds_only_turns_count() -> None:
    face = landmarks_of()
    sheet = Sheet(face, SIZE, round_outline(face, SIZE))
    light = SkinLight(lit_from(0.8), face, sheet, has_folds=False)
    canvas = np.full((*SIZE, 3), 100, np.uint8)
    light.draw(canvas, smiling())
    assert (canvas == 100).all()
    assert gain(light, turned(0.5), NOSE) != 1.0


def test_folds_spare_the_open_mouth() -> None:
    face = smiling()
    below = np.flatnonzero(landmarks_of()[:, 1] > landmarks_of()[13, 1])
    jaw = {*below.tolist(), *INNER_LIPS_LOWER[1:-1]} - {*INNER_LIPS_UPPER}
    face.landmarks[list(jaw), 1] += 0.2 * face_unit(face.landmarks)
    canvas = np.full((*SIZE, 3), 100, np.uint8)
    light_of(lit_from(0.0)).draw(canvas, face)
    middle = face.landmarks[[13, 14], :2].mean(axis=0).astype(int)
    assert np.abs(canvas[middle[1], middle[0]].astype(int) - 100).max() <= 1


def test_folds_turn_with_the_head_and_end_at_its_edge() -> None:
    light = light_of(lit_from(0.0))
    face, head = smiling(), turned(0.6).head
    both = MovedFace(head.apply(face.landmarks), head, light_rotation=np.eye(3))
    canvas = np.full((*SIZE, 3), 100, np.uint8)
    light.draw(canvas, both)
    assert beside_the_mouth(canvas, both, 291) < 97
    hull = cv2.convexHull(np.round(both.landmarks[:MESH_COUNT, :2]).astype(np.int32))
    outside = np.ones(SIZE, np.uint8)
    cv2.fillPoly(outside, [hull], 0)
    assert (canvas[cv2.erode(outside, np.ones((9, 9), np.uint8)) > 0] == 100).all()


def test_folds_do_not_make_highlights_worse() -> None:
    light = light_of(np.full((*SIZE, 3), 245, np.uint8))
    for face in (smiling(), smiling(-0.2), smiling(0.3)):
        canvas = np.full((*SIZE, 3), 245, np.uint8)
        light.draw(canvas, face)
        assert canvas.max() <= 251

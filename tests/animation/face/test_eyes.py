import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from avatarify.animation.face.eyes import Eyeballs
from avatarify.frames import Image
from avatarify.geometry.face_mesh import EYES, EyeIndices
from avatarify.geometry.face_transfer import FaceTransfer, MovedFace
from avatarify.geometry.similarity import Similarity, rotation_from_vector
from tests.geometry.face_shapes import made_face

Face = NDArray[np.floating]

SKIN, WHITE, IRIS = (190, 140, 110), (235, 232, 228), (40, 60, 90)
RADIUS = 7.0
STILL = Similarity(1.0, np.eye(3), np.zeros(3))


def face_with_eyes(gap: float = 16.0) -> Face:
    face = made_face(eye_gap=gap)
    for eye in EYES:
        face[list(eye.rim)] = face[eye.iris] + RADIUS * np.array(
            [(1, 0, 0), (0, -1, 0), (-1, 0, 0), (0, 1, 0)]
        )
    return face


def painted(face: Face, side: int = 400) -> Image:
    """A portrait with nothing but eyes: even skin, white openings, dark discs."""
    picture = np.full((side, side, 3), SKIN, np.uint8)
    for eye in EYES:
        ball = np.full_like(picture, WHITE)
        radius = np.linalg.norm(face[eye.rim[0], :2] - face[eye.iris, :2])
        centre = np.round((face[eye.iris, :2] - 0.5) * 16).astype(int).tolist()
        cv2.circle(ball, centre, round(radius * 16), IRIS, -1, cv2.LINE_AA, 4)
        mask = np.zeros(picture.shape[:2], np.uint8)
        outline = np.round((face[list(eye.loop), :2] - 0.5) * 16).astype(np.int32)
        cv2.fillPoly(mask, [outline], 255, cv2.LINE_AA, 4)
        share = mask[..., None] / 255.0
        picture = np.round(share * ball + (1 - share) * picture).astype(np.uint8)
    return picture


def drawn(eyes: Eyeballs, landmarks: Face, head: Similarity = STILL) -> Image:
    canvas = eyes.skin.copy()
    eyes.draw(canvas, MovedFace(landmarks, head))
    return canvas


def around(picture: Image, face: Face, eye: EyeIndices) -> NDArray[np.float64]:
    """The picture within 24 pixels of where an eye's iris rests."""
    x, y = np.round(face[eye.iris, :2]).astype(int)
    return picture[y - 24 : y + 24, x - 24 : x + 24].astype(float)


def iris_mass(picture: Image, face: Face, eye: EyeIndices) -> tuple[float, NDArray[np.float64]]:
    """How many pixels of iris there are, and (x, y) of their middle, from the window's corner."""
    window = around(picture, face, eye)[..., 0]
    share = np.clip((170.0 - window) / (170.0 - IRIS[0]), 0, 1)
    y, x = np.mgrid[: share.shape[0], : share.shape[1]]
    return share.sum(), np.array([(share * x).sum(), (share * y).sum()]) / max(share.sum(), 1.0)


@pytest.mark.parametrize("scale", [0.35, 1.0, 4.0])
def test_eyes_at_rest_are_those_of_the_portrait(scale: float) -> None:
    """Eyes 12, 35 and 140 pixels wide."""
    face = face_with_eyes() * scale
    picture = painted(face, round(400 * scale))
    canvas = drawn(Eyeballs(picture, face), FaceTransfer(face).still().landmarks)
    assert np.abs(canvas.astype(int) - picture).max() <= 2


def test_noise_at_rest_is_that_of_the_portrait() -> None:
    face = face_with_eyes()
    noise = np.random.default_rng(1).integers(-30, 30, (400, 400, 3))
    picture = np.clip(painted(face) + noise, 0, 255).astype(np.uint8)
    canvas = drawn(Eyeballs(picture, face), face)
    assert np.abs(canvas.astype(int) - picture).max() <= 6


def test_the_mesh_is_given_skin_without_eyes() -> None:
    face = face_with_eyes()
    skin = Eyeballs(painted(face), face).skin
    assert np.abs(skin.astype(int) - SKIN).max() <= 25


def test_an_iris_goes_where_its_landmarks_go() -> None:
    face = face_with_eyes(gap=18)
    eyes = Eyeballs(painted(face), face)
    for step in ((5.0, 0.0, 0.0), (-4.0, 0.0, 0.0), (0.0, 1.5, 0.0)):
        looking = face.copy()
        for eye in EYES:
            looking[[eye.iris, *eye.rim]] += step
        for eye in EYES:
            mass, rest = iris_mass(drawn(eyes, face), face, eye)
            moved_mass, moved = iris_mass(drawn(eyes, looking), face, eye)
            np.testing.assert_allclose(moved - rest, step[:2], atol=0.6)
            assert moved_mass == pytest.approx(mass, rel=0.1)


def test_what_an_iris_leaves_is_white() -> None:
    face = face_with_eyes()
    looking = face.copy()
    for eye in EYES:
        looking[[eye.iris, *eye.rim], 0] += 9.0
    canvas = drawn(Eyeballs(painted(face), face), looking)
    for eye in EYES:
        x, y = np.round(face[eye.iris, :2]).astype(int)
        assert np.abs(canvas[y, x - 4].astype(int) - WHITE).max() <= 20


def test_a_wider_opening_shows_a_whole_iris_and_no_skin() -> None:
    face = face_with_eyes(gap=10)  # which covers a part of the disc, 14 high
    eyes, wide = Eyeballs(painted(face), face), face.copy()
    for eye in EYES:
        wide[list(eye.upper), 1] -= 4.0
    for eye in EYES:
        before, _ = iris_mass(drawn(eyes, face), face, eye)
        after, _ = iris_mass(drawn(eyes, wide), face, eye)
        assert after > 1.1 * before
        window = around(drawn(eyes, wide), face, eye)
        assert np.abs(window[24 - 7, 24 - 10] - WHITE).max() <= 25  # above the old margin


def test_shut_eyes_show_nothing_but_lids() -> None:
    face = face_with_eyes()
    shut = face.copy()
    for eye in EYES:
        shut[list(eye.upper)] = shut[list(eye.lower)]
    canvas = drawn(Eyeballs(painted(face), face), shut)
    for eye in EYES:
        window = around(canvas, face, eye)
        assert window[..., 0].min() > IRIS[0] + 40  # the line of the lids is dark skin
        assert (window[..., 2] > 190).mean() < 0.02  # the white has 228 of blue, the skin 110


def test_eyes_go_with_the_head() -> None:
    face = face_with_eyes()
    turn = rotation_from_vector(np.array([0.0, 0.0, 0.3]))
    head = Similarity(1.1, turn, np.array([40.0, -30.0, 0.0]))
    moved = head.apply(face)
    canvas = drawn(Eyeballs(painted(face), face), moved, head)
    for eye in EYES:
        x, y = np.round(moved[eye.iris, :2] - 0.5).astype(int)
        assert np.abs(canvas[y, x].astype(int) - IRIS).max() <= 20


def test_a_portrait_with_shut_eyes_is_left_alone() -> None:
    face = face_with_eyes(gap=0.5)
    picture = painted(face)
    eyes = Eyeballs(picture, face)
    np.testing.assert_array_equal(drawn(eyes, face_with_eyes()), picture)


def test_eyes_may_leave_the_picture() -> None:
    face = face_with_eyes()
    eyes = Eyeballs(painted(face), face)
    for way in ((-190.0, 0.0, 0.0), (0.0, 215.0, 0.0), (900.0, 900.0, 0.0)):
        assert drawn(eyes, face + way).shape == (400, 400, 3)
    beyond = face - (0.0, 300.0, 0.0)
    np.testing.assert_array_equal(Eyeballs(painted(face), beyond).skin, painted(face))

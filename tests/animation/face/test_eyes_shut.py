import numpy as np
import pytest
from numpy.typing import NDArray

from avatarify.animation.face.eyes_shut import ShutLids, shows_shut_eyes
from avatarify.animation.face.face_picture import FacePicture
from avatarify.frames import Image
from avatarify.geometry.average_face import face_in_the_middle
from avatarify.geometry.face_mesh import EYES, RIGHT_EYE, EyeIndices
from avatarify.geometry.face_transfer import MovedFace
from avatarify.geometry.similarity import Similarity

Face = NDArray[np.floating]

SIDE = 400
SKIN, LIDS = (180, 140, 120), (180, 140, 220)
STILL = Similarity(1.0, np.eye(3), np.zeros(3))


def open_face() -> Face:
    return face_in_the_middle((SIDE, SIDE)).astype(np.float64)


def shut_face(share: float = 0.0, eyes: tuple[EyeIndices, ...] = EYES) -> Face:
    """The open face with its upper lids brought down; `share` of the opening remains."""
    face = open_face()
    for eye in eyes:
        upper, lower = list(eye.upper), list(eye.lower)
        face[upper] = face[lower] + share * (face[upper] - face[lower])
    return face


def skin() -> Image:
    return np.full((SIDE, SIDE, 3), SKIN, np.uint8)


def blue_lids(face: Face, shift: int = 0) -> FacePicture:
    """A picture of shut eyes with painted lids, `shift` pixels to the right."""
    picture = skin()
    for eye in EYES:
        middle = face[[eye.outer, eye.inner], :2].mean(axis=0)
        y, x = np.mgrid[:SIDE, :SIDE] + 0.5
        near = ((x - middle[0]) / 18) ** 2 + ((y - middle[1] + 3) / 7) ** 2 < 1
        picture[near] = LIDS
    return FacePicture(np.roll(picture, shift, axis=1), face + np.array([shift, 0.0, 0.0]))


def blue_at(picture: Image, face: Face, eye: EyeIndices) -> float:
    """How much of the painted lids is seen just above the meeting lids, 0 to 1."""
    x, y = face[list(eye.lower), :2].mean(axis=0)
    patch = picture[int(y) - 4 : int(y) - 1, int(x) - 4 : int(x) + 4, 2].astype(float)
    return float((patch.mean() - SKIN[2]) / (LIDS[2] - SKIN[2]))


def drawn(lids: ShutLids, face: Face) -> Image:
    canvas = skin()
    lids.draw(canvas, MovedFace(face, STILL))
    return canvas


def test_shut_eyes_show_the_lids_of_the_further_picture() -> None:
    lids = ShutLids(FacePicture(skin(), open_face()), blue_lids(shut_face(), shift=7))
    canvas = drawn(lids, shut_face())
    for eye in EYES:
        assert blue_at(canvas, shut_face(), eye) > 0.95


def test_open_eyes_stay_those_of_the_portrait() -> None:
    lids = ShutLids(FacePicture(skin(), open_face()), blue_lids(shut_face()))
    np.testing.assert_array_equal(drawn(lids, open_face()), skin())
    np.testing.assert_array_equal(drawn(lids, shut_face(0.55)), skin())


def test_lids_come_in_step_by_step_and_only_over_the_eye_that_closes() -> None:
    lids = ShutLids(FacePicture(skin(), open_face()), blue_lids(shut_face()))
    seen = [
        int(drawn(lids, shut_face(share))[..., 2].max()) for share in (0.5, 0.42, 0.33, 0.24, 0.1)
    ]
    assert (np.diff(seen) > 3).all()
    wink = drawn(lids, shut_face(eyes=(RIGHT_EYE,)))
    np.testing.assert_array_equal(wink[:, SIDE // 2 :], skin()[:, SIDE // 2 :])
    assert blue_at(wink, shut_face(), RIGHT_EYE) > 0.95


def test_lids_follow_the_head() -> None:
    lids = ShutLids(FacePicture(skin(), open_face()), blue_lids(shut_face()))
    here = drawn(lids, shut_face())
    there = drawn(lids, shut_face() + np.array([12.0, -9.0, 0.0]))
    np.testing.assert_allclose(np.roll(here, (-9, 12), (0, 1)), there, atol=2)


def test_lids_take_the_light_of_the_portrait() -> None:
    """The further picture was taken in a room half as bright."""
    further = blue_lids(shut_face())
    dark = FacePicture((further.picture // 2).astype(np.uint8), further.landmarks)
    lids = ShutLids(FacePicture(skin(), open_face()), dark)
    canvas = drawn(lids, shut_face())
    np.testing.assert_allclose(canvas.astype(int), drawn_bright(further), atol=4)


def drawn_bright(further: FacePicture) -> Image:
    return drawn(ShutLids(FacePicture(skin(), open_face()), further), shut_face())


@pytest.mark.parametrize("shift", [-150.0, 150.0, 1000.0])
def test_eyes_beyond_the_edge_are_no_trouble(shift: float) -> None:
    lids = ShutLids(FacePicture(skin(), open_face()), blue_lids(shut_face()))
    canvas = drawn(lids, shut_face() + np.array([shift, shift, 0.0]))
    assert canvas.shape == (SIDE, SIDE, 3)


def test_a_picture_with_open_eyes_gives_no_lids() -> None:
    assert shows_shut_eyes(shut_face())
    assert not shows_shut_eyes(open_face())
    assert not shows_shut_eyes(shut_face(eyes=(RIGHT_EYE,)))
    lids = ShutLids(FacePicture(skin(), open_face()), FacePicture(skin(), open_face()))
    np.testing.assert_array_equal(drawn(lids, shut_face()), skin())

"""The average face at play, read as a driver's."""

import numpy as np
import pytest

from avatarify.geometry.average_face import average_face
from avatarify.geometry.face_motion import read_motion
from avatarify.geometry.posed_face import REHEARSAL_S, FacePose, posed_face, rehearsed

REST = posed_face(FacePose())


def test_at_rest_it_is_the_average_face() -> None:
    np.testing.assert_allclose(REST, average_face())


@pytest.mark.parametrize("turn_deg", [-15.0, 15.0])
def test_a_turn_is_read_as_that_turn(turn_deg: float) -> None:
    posed = posed_face(FacePose(turn_deg=turn_deg))
    motion = read_motion(REST, posed)
    assert np.rad2deg(abs(motion.turn[1])) == pytest.approx(15, abs=0.01)
    assert np.sign(posed[1, 0]) == np.sign(turn_deg)  # the nose points there
    np.testing.assert_allclose(motion.shift, 0, atol=1e-6)
    np.testing.assert_allclose(motion.expression, 0, atol=1e-6)


def test_a_nod_takes_the_nose_down() -> None:
    assert posed_face(FacePose(nod_deg=10))[1, 1] > REST[1, 1] + 0.1


def test_a_blink_shuts_the_lids_and_nothing_else() -> None:
    motion = read_motion(REST, posed_face(FacePose(blink=1)))
    np.testing.assert_allclose(motion.lids, 0)
    np.testing.assert_allclose(motion.lips, motion.lips_reference)


def test_an_open_mouth_is_widest_in_the_middle() -> None:
    motion = read_motion(REST, posed_face(FacePose(jaw=1)))
    opened = motion.lips - motion.lips_reference
    assert opened.argmax() == 4
    assert opened[4] == pytest.approx(0.2, abs=0.02)
    assert (opened > 0).all()
    np.testing.assert_allclose(motion.lids, 1, atol=1e-6)


def test_a_smile_draws_both_corners_apart_and_up() -> None:
    went = posed_face(FacePose(smile=1)) - REST
    np.testing.assert_allclose(went[291, :2], (0.075, -0.075), atol=1e-4)
    np.testing.assert_allclose(went[61, :2], (-0.075, -0.075), atol=1e-4)


def test_the_rehearsal_shows_everything_and_begins_at_rest() -> None:
    poses = [rehearsed(time_s) for time_s in np.arange(0, REHEARSAL_S, 0.05)]
    assert poses[0] == rehearsed(REHEARSAL_S) == FacePose()
    for part in ("jaw", "smile", "blink", "brows"):
        assert max(getattr(pose, part) for pose in poses) > 0.95
    turns = [pose.turn_deg for pose in poses]
    assert min(turns) < -14
    assert max(turns) > 14

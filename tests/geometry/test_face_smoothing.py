import numpy as np

from avatarify.geometry.face_motion import FaceMotion, read_motion
from avatarify.geometry.face_smoothing import FaceSmoother, FaceTremble
from tests.geometry.face_shapes import made_face


def _still() -> FaceMotion:
    return read_motion(made_face(eye_gap=20), made_face(eye_gap=20))


def test_the_noise_of_a_still_driver_falls_to_a_third() -> None:
    chance, smooth, still = np.random.default_rng(5), FaceSmoother(), _still()
    before, after = [], []
    for frame in range(240):
        noisy = still._replace(
            expression=still.expression + chance.normal(0, FaceTremble().expression, (468, 3)),
            turn=chance.normal(0, FaceTremble().turn, 3),
        )
        calm = smooth(noisy, frame / 30)
        before.append(np.append(noisy.expression[13], noisy.turn))
        after.append(np.append(calm.expression[13], calm.turn))
    ratio = np.std(before[60:], axis=0) / np.std(after[60:], axis=0)
    assert ratio.min() >= 3.0


def test_a_blink_comes_at_most_a_frame_late() -> None:
    smooth, still = FaceSmoother(), _still()
    course = [1.0] * 30 + [0.6, 0.15, 0.0, 0.0, 0.4, 0.85] + [1.0] * 10
    shown = [
        float(smooth(still._replace(lids=np.full(2, lid)), frame / 30).lids[0])
        for frame, lid in enumerate(course)
    ]
    assert shown[33] < 0.15  # the driver's eye was shut for two frames; so is the avatar's
    late = np.interp(0.5, [shown[31], shown[30]], [31, 30]) - np.interp(0.5, [0.15, 0.6], [31, 30])
    assert late <= 1.0


def test_a_fast_turn_comes_at_most_a_frame_late() -> None:
    smooth, still, speed = FaceSmoother(), _still(), np.radians(90) / 30
    shown = 0.0
    for frame in range(40):
        turn = np.array([0.0, max(0, frame - 30) * speed, 0.0])
        shown = float(smooth(still._replace(turn=turn), frame / 30).turn[1])
    assert turn[1] - shown <= speed


def test_parts_do_not_disturb_one_another() -> None:
    smooth, still = FaceSmoother(), _still()
    for frame in range(20):
        calm = smooth(still._replace(turn=np.array([0.0, frame * 0.05, 0.0])), frame / 30)
    np.testing.assert_allclose(calm.expression, still.expression, atol=1e-12)

import numpy as np

from avatarify.tracking.landmark_crops import FaceFrame
from avatarify.tracking.landmark_reader import Reading, in_picture
from avatarify.tracking.steady_points import SteadyPoints

UNIT = 80.0
LEVEL = np.random.default_rng(0).normal(size=(478, 3)).astype(np.float32)


def reading(x: float, noise: float = 0.0, seed: int = 0) -> Reading:
    frame = FaceFrame(x, 200.0, UNIT, 0.1)
    points = in_picture(LEVEL, frame)
    points += np.random.default_rng(seed).normal(0, noise, points.shape).astype(np.float32)
    return Reading(points, frame, 1.0, 0.01)


def test_noise_of_a_face_at_rest_falls_to_half_or_less() -> None:
    steady = SteadyPoints()
    noise = 0.006 * UNIT
    raw = [reading(300.0, noise, seed) for seed in range(60)]
    smooth = [steady.smooth(r, i / 30).points for i, r in enumerate(raw)]
    before = np.stack([r.points for r in raw])[30:].std(axis=0).mean()
    after = np.stack(smooth)[30:].std(axis=0).mean()
    assert after < 0.5 * before


def test_a_moving_head_lags_by_less_than_a_frame() -> None:
    steady = SteadyPoints()
    speed = 8.0  # pixels a frame: a tenth of the face
    for i in range(40):
        smooth = steady.smooth(reading(300.0 + speed * i), i / 30)
    lag = 300.0 + speed * 39 - smooth.frame.x
    assert 0.0 <= lag < speed


def test_another_size_starts_anew() -> None:
    steady = SteadyPoints()
    steady.smooth(reading(300.0), 0.0)
    frame = FaceFrame(50.0, 50.0, UNIT / 4, 0.0)
    near = Reading(in_picture(LEVEL, frame), frame, 1.0, 0.01)
    np.testing.assert_allclose(steady.smooth(near, 0.03).points, near.points, atol=1e-3)

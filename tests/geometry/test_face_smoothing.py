from collections.abc import Iterator
from itertools import islice

import numpy as np

from avatarify.geometry.face_motion import FaceMotion, read_motion
from avatarify.geometry.face_smoothing import FaceSmoother, FaceTremble, smoothed_both_ways
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


def _noisy(frames: int) -> Iterator[tuple[FaceMotion, float]]:
    chance, still = np.random.default_rng(5), _still()
    for frame in range(frames):
        tremble = chance.normal(0, FaceTremble().expression, (468, 3))
        turn = chance.normal(0, FaceTremble().turn, 3)
        yield still._replace(expression=still.expression + tremble, turn=turn), frame / 30


def test_both_ways_a_still_driver_is_as_calm() -> None:
    raw = np.array([motion.turn for motion, _ in _noisy(400)])
    calm = np.array([motion.turn for motion in smoothed_both_ways(_noisy(400))])
    assert calm.shape == raw.shape
    assert (np.std(raw[60:-60], axis=0) / np.std(calm[60:-60], axis=0)).min() >= 2.5


def test_both_ways_a_film_played_backwards_is_smoothed_alike() -> None:
    """So nothing is late, and nothing shows where frames were taken together."""
    track = list(_noisy(200))
    there = np.array([motion.turn for motion in smoothed_both_ways(track)])
    backwards = [(motion, -time_s) for motion, time_s in reversed(track)]
    back = np.array([motion.turn for motion in smoothed_both_ways(backwards)])
    np.testing.assert_allclose(back[::-1], there, atol=0.02 * FaceTremble().turn)


def test_both_ways_neither_a_blink_nor_a_turn_comes_late() -> None:
    still, speed = _still(), np.radians(90) / 30
    lids = [1.0] * 30 + [0.6, 0.15, 0.0, 0.0, 0.15, 0.6] + [1.0] * 30
    turns = [speed * min(max(frame - 20, 0), 30) for frame in range(len(lids))]
    track = (
        (still._replace(lids=np.full(2, lid), turn=np.array([0.0, turn, 0.0])), frame / 30)
        for frame, (lid, turn) in enumerate(zip(lids, turns, strict=True))
    )
    shown = list(smoothed_both_ways(track))
    seen = np.array([motion.lids[0] for motion in shown])
    assert abs(seen[30:33] - seen[33:36][::-1]).max() < 0.1  # it opens as it shuts: no lag
    assert seen[32:34].max() < 0.1
    middle = np.array([motion.turn[1] for motion in shown])[30:40]
    assert np.abs(middle - turns[30:40]).max() < 0.1 * speed


def test_both_ways_a_part_of_a_long_track_is_held_and_no_more() -> None:
    read: list[float] = []

    def track() -> Iterator[tuple[FaceMotion, float]]:
        for motion, time_s in _noisy(1000):
            read.append(time_s)
            yield motion, time_s

    first = list(islice(smoothed_both_ways(track()), 3))
    assert len(first) == 3
    assert len(read) < 120


def test_both_ways_one_frame_stays_as_it_is_and_none_gives_none() -> None:
    still = _still()._replace(turn=np.array([0.1, 0.2, 0.3]))
    (only,) = smoothed_both_ways([(still, 0.0)])
    np.testing.assert_allclose(only.turn, still.turn)
    np.testing.assert_allclose(only.expression, still.expression)
    assert not list(smoothed_both_ways([]))


def test_light_rests_while_a_driver_sits_still() -> None:
    chance, smooth, still = np.random.default_rng(5), FaceSmoother(), _still()
    shown = []
    for frame in range(240):
        turn = np.array([0.1, 0.3, 0.0]) + chance.normal(0, FaceTremble().turn, 3)
        calm = smooth(still._replace(turn=turn, light_turn=turn), frame / 30)
        shown.append(calm.light_turn)
    settled = np.array(shown[60:])
    assert (np.diff(settled, axis=0) != 0.0).any(axis=1).mean() < 0.05
    assert np.ptp(settled, axis=0).max() < 0.25 * FaceTremble().turn
    assert np.abs(shown[-1] - [0.1, 0.3, 0.0]).max() < 3 * FaceTremble().turn


def test_light_follows_a_turn_by_a_fifth_of_a_second() -> None:
    smooth, still = FaceSmoother(), _still()
    for frame in range(37):
        turn = np.array([0.0, 0.5 * min(1.0, max(0.0, (frame - 20) / 10)), 0.0])
        light = smooth(still._replace(turn=turn, light_turn=turn), frame / 30).light_turn
    np.testing.assert_allclose(light, turn, atol=0.05)


def test_light_starts_anew_with_a_new_reference() -> None:
    smooth, still = FaceSmoother(), _still()
    smooth(still, 0.0)
    smooth.reset()
    turn = np.array([0.0, 0.001, 0.0])
    np.testing.assert_array_equal(smooth(still._replace(light_turn=turn), 1.0).light_turn, turn)

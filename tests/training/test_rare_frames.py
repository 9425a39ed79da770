import numpy as np

from avatarify.training.rare_frames import LIDS, LIPS, rare_frames


def faces(
    lids: list[float], lips: list[float]
) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """Eyes and mouths one unit wide and as high as given."""
    landmarks = np.zeros((len(lids), 478, 2), np.float32)
    for points in (*LIDS, LIPS):
        upper, _, _, right = points
        landmarks[:, right, 0] = 1.0
        landmarks[:, upper, 1] = lips if points == LIPS else lids
    return landmarks


def test_the_most_closed_lids_and_the_most_open_mouth_are_rare() -> None:
    lids, lips = [0.3] * 20, [0.1] * 20
    lids[4] = 0.02
    lips[11] = 0.6
    assert rare_frames(faces(lids, lips)).tolist() == [4, 11]


def test_one_closed_eye_is_enough() -> None:
    landmarks = faces([0.3] * 20, [0.1] * 20)
    landmarks[7, LIDS[1][0], 1] = 0.0
    assert 7 in rare_frames(landmarks)


def test_a_still_is_its_own_rarity() -> None:
    assert rare_frames(faces([0.3], [0.1])).tolist() == [0]

import numpy as np

from avatarify.training.rare_frames import LIDS, LIPS, OUTER_CORNERS, calm_frames, rare_frames


def faces(
    lids: list[float], lips: list[float], mouth_widths: list[float] | None = None
) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """Eyes one unit wide, lids and lips as far apart as given, outer corners two apart."""
    landmarks = np.zeros((len(lids), 478, 2), np.float32)
    widths = mouth_widths or [1.0 + 1e-4 * index for index in range(len(lids))]
    for points in (*LIDS, LIPS):
        upper, _, left, right = points
        is_mouth = points == LIPS
        landmarks[:, right, 0] = landmarks[:, left, 0] + (widths if is_mouth else 1.0)
        landmarks[:, upper, 1] = lips if is_mouth else lids
    landmarks[:, OUTER_CORNERS[1], 0] = 2.0
    landmarks[:, LIDS[1][2], 0] = 1.0
    return landmarks


def test_closed_lids_and_open_wide_and_narrow_mouths_are_rare() -> None:
    lids, lips, widths = [0.3] * 20, [0.1] * 20, [1.0] * 20
    lids[4] = 0.02
    lips[11] = 0.6
    widths[7], widths[15] = 1.3, 0.7
    assert rare_frames(faces(lids, lips, widths)).tolist() == [4, 7, 11, 15]


def test_one_closed_eye_is_enough() -> None:
    landmarks = faces([0.3] * 20, [0.1] * 20)
    landmarks[7, LIDS[1][0], 1] = 0.0
    assert 7 in rare_frames(landmarks)


def test_a_still_is_its_own_rarity() -> None:
    assert rare_frames(faces([0.3], [0.1])).tolist() == [0]


def test_open_eyes_over_closed_lips_are_calm() -> None:
    lids = [0.3, 0.3, 0.3, 0.05, 0.3]
    lips = [0.0, 0.5, 0.0, 0.0, 0.4]
    assert calm_frames(faces(lids, lips)).tolist() == [0, 2]


def test_who_is_never_calm_may_show_any_frame() -> None:
    lids = [0.05, 0.3, 0.3]
    lips = [0.0, 0.5, 0.4]
    assert calm_frames(faces(lids, lips)).tolist() == [0, 1, 2]

"""The mouth's box, its error and detail, and its teeth, in pictures that can be checked by hand."""

import numpy as np
import pytest

from avatarify.frames import Image
from avatarify.tracking.face import Face
from avatarify.training.evaluation.measures import INNER_LIPS, LIPS, OUTER_LIPS
from avatarify.training.evaluation.mouth import (
    Moment,
    MouthScores,
    detail,
    mouth_box,
    mouth_scores,
    teeth_share,
)

SKIN, DARK, TOOTH = (200, 150, 130), (40, 20, 20), (210, 205, 195)


def ellipse(count: int, half_width: float, half_height: float) -> list[tuple[float, float]]:
    angles = np.linspace(0, 2 * np.pi, count, endpoint=False)
    return [(256 + half_width * np.cos(a), 256 + half_height * np.sin(a)) for a in angles]


def face(half_width: float = 40.0, half_height: float = 30.0) -> Face:
    """A mouth in the middle of 512²: 100 pixels wide, 60 high, with an opening."""
    landmarks = np.zeros((478, 3), np.float32)
    landmarks[list(OUTER_LIPS), :2] = ellipse(len(OUTER_LIPS), 50, 30)
    landmarks[list(INNER_LIPS), :2] = ellipse(len(INNER_LIPS), half_width, half_height)
    return Face(landmarks, np.zeros(52, np.float32))


def mouth(teeth_rows: int, skin: tuple[int, int, int] = SKIN) -> Image:
    """Skin with a dark rectangle around the middle whose upper rows are teeth, 256²."""
    picture = np.full((256, 256, 3), skin, np.uint8)
    picture[108:148, 100:156] = DARK
    picture[108 : 108 + teeth_rows, 100:156] = TOOTH
    return picture


def test_the_box_has_a_margin_of_a_fifth_of_the_width() -> None:
    # At 256²: 50 wide and 30 high around 128, and 0.2 · 50 on every side.
    assert mouth_box(face()) == (slice(103, 153), slice(93, 163))


def test_the_lips_are_forty_landmarks() -> None:
    assert len(set(LIPS)) == 40


def test_a_tiny_mouth_has_no_box() -> None:
    far = Face(face().landmarks / np.float32(20), np.zeros(52, np.float32))
    assert mouth_box(far) is None
    assert mouth_scores([Moment(mouth(0), mouth(0), far, far)], mouth(0)) == MouthScores()


def test_the_detail_of_stripes() -> None:
    assert detail(np.full((8, 8, 3), 90, np.uint8)) == 0.0
    stripes = np.zeros((8, 8, 3), np.uint8)
    stripes[:, ::2] = 10  # each column differs from its two neighbours by 10
    assert detail(stripes) == pytest.approx(20.0)


def test_only_the_box_counts() -> None:
    true = mouth(5)
    elsewhere = true.copy()
    elsewhere[:90] = 0
    found = mouth_scores([Moment(true, elsewhere, face(), face())], true)
    assert (found.l1, found.l1_still, found.sharpness) == (0.0, 0.0, 1.0)


def test_error_and_detail_of_a_smear() -> None:
    true = mouth(0)
    rows, columns = slice(103, 153), slice(93, 163)
    smear = true.copy()
    smear[rows, columns] = 100
    found = mouth_scores([Moment(true, smear, face(), face())], mouth(5))
    assert found.l1 == pytest.approx(np.abs(true[rows, columns] - 100.0).mean() / 255)
    # 5 rows of 56 teeth in a box of 50 by 70 are what stays wrong when nothing moves.
    wrong = np.abs(np.subtract(TOOTH, DARK)).mean() / 255
    assert found.l1_still == pytest.approx(wrong * 5 * 56 / (50 * 70))
    assert found.sharpness == 0.0


def test_teeth_are_bright_and_grey() -> None:
    assert teeth_share(mouth(0), face()) == 0.0
    assert teeth_share(mouth(40), face()) == 1.0
    # The opening is an ellipse around row 128: teeth down to there are its upper half.
    assert teeth_share(mouth(20), face()) == pytest.approx(0.5, abs=0.03)
    tongue = mouth(40)
    tongue[108:148, 100:156] = (210, 90, 90)
    assert teeth_share(tongue, face()) == 0.0


def test_teeth_in_the_dark_are_those_of_dark_skin() -> None:
    dim = (mouth(40) * 0.3).astype(np.uint8)
    assert teeth_share(dim, face()) == 1.0  # 63 is over 0.55 · 90


def test_a_shut_mouth_shows_no_teeth() -> None:
    assert teeth_share(mouth(40), face(30.0, 0.2)) is None


def test_teeth_come_and_go_together() -> None:
    rows = list(range(2, 26, 2))
    moments = [Moment(mouth(n), mouth(8 + n // 2), face(), face()) for n in rows]
    found = mouth_scores(moments, mouth(0))
    assert found.teeth == pytest.approx(1.0, abs=0.03)
    assert found.teeth_true is not None
    shares = [teeth_share(mouth(n), face()) for n in rows]
    assert found.teeth_true == pytest.approx(np.mean(np.array(shares, float)))
    still = mouth_scores([Moment(mouth(n), mouth(9), face(), face()) for n in rows], mouth(0))
    assert still.teeth == 0.0


def test_a_driver_without_teeth_is_not_asked_for_them() -> None:
    moments = [Moment(mouth(0), mouth(5), face(), face())] * 12
    found = mouth_scores(moments, mouth(0))
    assert (found.teeth, found.teeth_true, found.teeth_output) == (None, None, None)
    assert found.sharpness is not None

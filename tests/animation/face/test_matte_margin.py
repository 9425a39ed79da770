"""What a person is beyond the picture."""

import numpy as np

from avatarify.animation.face.matte_margin import extended_person


def _cut_head() -> np.ndarray:
    """40 columns of hair that touch the upper edge, a face below, clothes along the lower edge."""
    person = np.zeros((100, 120, 4), np.uint8)
    person[:30, 40:80] = (50, 40, 30, 255)
    person[30:70, 45:75] = (220, 170, 150, 255)
    person[70:, :] = (30, 60, 120, 255)
    return person


def test_picture_itself_is_untouched() -> None:
    person = _cut_head()
    wide = extended_person(person, 20)
    assert wide.shape == (140, 160, 4)
    np.testing.assert_array_equal(wide[20:120, 20:140], person)


def test_hair_goes_on_as_a_dome() -> None:
    alpha = extended_person(_cut_head(), 20)[:20, :, 3]
    widths = (alpha > 127).sum(axis=1)
    assert widths[19] in (39, 40, 41), "as wide as the cut beside it"
    assert (np.diff(widths) >= 0).all(), "narrower and narrower upwards"
    assert widths[19 - 12] == 0, "0.3 of 40 columns high"
    assert widths[19 - 9] > 0
    np.testing.assert_array_equal(alpha, extended_person(_cut_head(), 20)[:20, ::-1, 3])


def test_rounded_head_goes_on_as_it_is_round() -> None:
    """width² = 200 (y + 4): the top is 4 rows above the edge."""
    person = np.zeros((100, 120, 4), np.uint8)
    for y in range(60):
        half = round(0.5 * (200.0 * (y + 4)) ** 0.5)
        person[y, 60 - half : 60 + half] = (50, 40, 30, 255)
    widths = (extended_person(person, 20)[:20, :, 3] > 127).sum(axis=1)
    assert np.count_nonzero(widths) == 4
    np.testing.assert_allclose(widths[16:], [10, 17, 22, 26], atol=2)


def test_no_second_face_above_the_hair() -> None:
    above = extended_person(_cut_head(), 60)[:60]
    assert above[..., 0].max() <= 50, "made of hair alone"


def test_clothes_go_on_at_the_other_edges() -> None:
    wide = extended_person(_cut_head(), 20)
    assert (wide[130, :, 3] == 255).all()
    np.testing.assert_array_equal(wide[110, 5], (30, 60, 120, 255))


def test_head_below_the_edge_has_nothing_above() -> None:
    person = _cut_head()
    person[:5] = 0
    assert extended_person(person, 10)[:10].max() == 0


def test_a_pattern_that_the_side_edge_cuts_does_not_repeat_as_pickets() -> None:
    person = np.zeros((100, 200, 4), np.uint8)
    person[40:, :] = (30, 60, 120, 255)
    person[40:, 193:197] = (250, 250, 250, 255)  # a strand of hair beside the edge
    beyond = extended_person(person, 60)[60 + 70, 60 + 200 :, 0].astype(int)
    assert beyond[3:7].max() > 200, "the strand is mirrored once"
    assert np.ptp(beyond[20:]) < 25, "and runs together farther out"
    assert beyond[20:].mean() > 60

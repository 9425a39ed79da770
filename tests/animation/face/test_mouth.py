from itertools import pairwise

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from avatarify.animation.face.face_picture import FacePicture
from avatarify.animation.face.mouth import MouthInside
from avatarify.animation.face.mouth_colours import between_lips, mouth_colours, softness
from avatarify.animation.face.mouth_light import (
    lip_light,
    lower_rim,
    mouth_light,
    opening_mask,
    wide_open,
)
from avatarify.animation.face.mouth_teeth import PlateGrid, lower_plates, upper_plate
from avatarify.frames import Image
from avatarify.geometry.face_mesh import EYES, INNER_LIPS, OUTER_LIPS
from avatarify.geometry.face_transfer import MovedFace
from avatarify.geometry.similarity import Similarity, rotation_from_vector
from tests.geometry.face_shapes import made_face

Colour = tuple[int, int, int]
Face = NDArray[np.floating]

SKIN, LIPS, TOOTH = (200, 150, 125), (170, 90, 85), (235, 225, 200)
STILL = Similarity(1.0, np.eye(3), np.zeros(3))


def portrait(
    face: Face, skin: Colour = SKIN, lips: Colour = LIPS, inside: Colour | None = None
) -> Image:
    """Even skin, even lips, and what is between them."""
    picture = np.full((400, 400, 3), skin, np.uint8)
    for loop, colour in ((OUTER_LIPS, lips), (INNER_LIPS, inside or lips)):
        points = np.round((face[list(loop), :2] - 0.5) * 16).astype(np.int32)
        cv2.fillPoly(picture, [points], colour, cv2.LINE_AA, 4)
    return picture


def dimmed(colour: Colour, percent: int) -> Colour:
    red, green, blue = (percent * value // 100 for value in colour)
    return red, green, blue


def opened(gap: float, jaw: float | None = None) -> Face:
    """A face whose lips are `gap` pixels apart; the chin follows by half of it."""
    face = made_face(lip_gap=gap)
    face[[152, 148, 377, 176, 400], 1] += gap / 2 if jaw is None else jaw
    return face


def drawn(mouth: MouthInside, picture: Image, face: Face, head: Similarity = STILL) -> Image:
    canvas = picture.copy()
    mouth.draw(canvas, MovedFace(head.apply(face), head))
    return canvas


def inner(face: Face) -> NDArray[np.bool_]:
    return opening_mask(face[list(INNER_LIPS), :2], (400, 400)) > 0.99


def test_at_rest_the_portrait_is_untouched() -> None:
    cases: list[tuple[float, Colour | None]] = [
        (0.0, None),
        (1.5, None),
        (14.0, (60, 25, 22)),
        (14.0, TOOTH),
    ]
    for gap, inside in cases:
        face = made_face(lip_gap=gap)
        picture = portrait(face, inside=inside)
        np.testing.assert_array_equal(drawn(MouthInside(picture, face), picture, face), picture)


def test_the_head_may_move_while_the_lips_rest() -> None:
    face = made_face()
    picture = portrait(face)
    head = Similarity(1.1, rotation_from_vector(np.array([0.1, 0.2, 0.3])), np.array([9.0, 4, 0]))
    canvas = drawn(MouthInside(picture, face), picture, face, head)
    np.testing.assert_array_equal(canvas, picture)


def test_nothing_is_drawn_outside_of_the_lips() -> None:
    face = made_face()
    picture = portrait(face)
    open_face = opened(24.0)
    canvas = drawn(MouthInside(picture, face), picture, open_face)
    lips = opening_mask(open_face[list(INNER_LIPS), :2], (400, 400)) > 0
    near = cv2.dilate(lips.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    np.testing.assert_array_equal(canvas[~near], picture[~near])
    assert np.abs(canvas[lips].astype(int) - picture[lips]).mean() > 20


def test_a_mouth_fades_in() -> None:
    face = made_face()
    picture = portrait(face)
    mouth = MouthInside(picture, face)
    frames = [drawn(mouth, picture, opened(gap)) for gap in np.arange(0, 6.01, 0.25)]
    steps = [np.abs(a.astype(int) - b).max() for a, b in pairwise(frames)]
    assert steps[0] == steps[1] == 0  # less than 0.008 of 100 pixels is the tracker's noise
    assert max(steps) < 70
    assert np.abs(frames[-1].astype(int) - picture).max() > 25


def test_upper_teeth_hang_on_the_skull_and_lower_ones_on_the_jaw() -> None:
    face = made_face()
    picture = portrait(face)
    mouth = MouthInside(picture, face)

    def bright_rows(jaw: float) -> tuple[int, int]:
        canvas = drawn(mouth, picture, opened(40.0, jaw))
        column = canvas[:, 197:199].mean(axis=(1, 2))
        rows = np.flatnonzero((column > 120) & inner(opened(40.0))[:, 198])
        return rows[rows < 262].max(), rows[rows > 270].min()

    upper, lower = bright_rows(13.0)
    further = bright_rows(17.0)
    assert upper == pytest.approx(265 - 4, abs=4)  # just below the line of shut lips, 260
    assert further[0] == upper
    assert further[1] - lower == pytest.approx(0.5 * 4, abs=1.1)


def test_a_rolled_head_takes_its_teeth_along() -> None:
    face = made_face()
    picture = portrait(face)
    mouth = MouthInside(picture, face)
    centre = np.array([200.0, 200.0, 0.0])
    turn = rotation_from_vector(np.array([0.0, 0.0, np.pi / 2]))  # x to the right becomes down
    head = Similarity(1.0, turn, centre - turn @ centre)
    upright = drawn(mouth, picture, opened(30.0))
    rolled = drawn(mouth, np.rot90(picture, -1).copy(), opened(30.0), head)
    again = np.rot90(rolled, 1)
    assert np.abs(again.astype(int) - upright)[inner(opened(30.0))].mean() < 6  # shadows stay


def test_a_grey_portrait_keeps_to_grey() -> None:
    face = made_face()
    picture = portrait(face, (140, 140, 140), (90, 90, 90))
    canvas = drawn(MouthInside(picture, face), picture, opened(40.0))
    assert np.ptp(canvas[inner(opened(40.0))].astype(int), axis=1).max() <= 2


def test_the_darker_the_portrait_the_darker_its_teeth() -> None:
    teeth = [
        mouth_colours(portrait(made_face(), dimmed(SKIN, k)), made_face()).teeth
        for k in (100, 60, 30)
    ]
    assert teeth[0].max() > teeth[1].max() > teeth[2].max()
    assert teeth[0][0] > teeth[0][1] > teeth[0][2]  # ivory
    assert teeth[0][2] / teeth[0][0] > SKIN[2] / SKIN[0]  # paler than skin


def test_dark_skin_in_good_light_has_white_teeth() -> None:
    """The whites of the eyes tell good light from bad."""
    face, skin = made_face(), (110, 74, 58)
    picture = portrait(face, skin)
    dim = mouth_colours(picture, face).teeth
    for eye in EYES:
        cv2.fillPoly(
            picture, [np.round(face[list(eye.loop), :2]).astype(np.int32)], (205, 200, 195)
        )
    lit = mouth_colours(picture, face).teeth
    assert dim.max() < 160
    assert 215 < lit.max() <= 246


def test_lips_shade_what_is_near_them_most_of_all_the_upper_one() -> None:
    mask = np.zeros((60, 100), np.float32)
    mask[10:50, 10:90] = 1
    light = mouth_light(mask, 100.0, lip_light(0.4, 1.0))
    light /= light.max()
    assert light[11, 50] < 0.8 < light[48, 50]
    assert mouth_light(mask, 100.0, lip_light(0.02, 1.3))[30, 50] < 0.85


def test_who_laughs_bares_teeth_and_gums_to_the_light() -> None:
    mask = np.zeros((60, 100), np.float32)
    mask[10:50, 10:90] = 1
    usual, wide = (mouth_light(mask, 100.0, lip_light(0.4, widening)) for widening in (1.0, 1.3))
    assert wide[30, 50] == 1.0
    below_lip = [light[11, 50] / light[30, 50] for light in (usual, wide)]
    assert below_lip[0] < 0.8 < below_lip[1]


def test_between_the_lip_of_a_laugh_and_the_teeth_there_is_flesh_and_no_dark() -> None:
    """A lip that rises far shows gums, which are as bright as lips."""
    colours = mouth_colours(portrait(made_face()), made_face())
    grid = PlateGrid.spanning(0.33, -0.20, 0.035, 300.0)
    plate = upper_plate(grid, colours)[:, grid.width // 2]
    _, v = grid.coordinates()
    gum, tooth = plate[v[:, 0] < -0.145], plate[(v[:, 0] > -0.11) & (v[:, 0] < -0.03)]
    assert gum[:, 3].min() == 255
    assert gum[:, 0].mean() > 0.8 * colours.lips[0]
    assert tooth[:, 1].min() > 1.2 * gum[:, 1].max()


def test_the_rim_is_at_the_lower_lip() -> None:
    mask = np.zeros((40, 10), np.float32)
    mask[10:30] = 1
    rim = lower_rim(mask, 4.0)
    assert rim[29, 5] == pytest.approx(7 / 8)  # of eight rows from here on one is open
    assert rim[20, 5] == 0


def test_central_incisors_are_the_widest() -> None:
    face = made_face()
    grid = PlateGrid.spanning(0.33, -0.2, 0.035, 920.0)  # ten texels per millimetre
    plate = upper_plate(grid, mouth_colours(portrait(face), face))
    row = plate[int((-0.04 + 0.2) * 920), :, 0]
    middle = grid.width // 2
    seams = [
        n for n in range(middle - 2, middle + 170) if row[n] == row[max(0, n - 25) : n + 26].min()
    ]
    assert seams[0] == pytest.approx(middle, abs=3)
    assert seams[1] - middle == pytest.approx(86, abs=4)  # 8.6 mm
    assert 86 > seams[2] - seams[1] > 50  # 6.7 mm, seen aslant


def test_plates_are_premultiplied() -> None:
    face = made_face()
    grid = PlateGrid.spanning(0.33, -0.18, 0.16, 200.0)
    for plate in lower_plates(grid, mouth_colours(portrait(face), face), (0.5, 1.0)):
        assert plate.shape == (68, 132, 4)
        assert (plate[..., :3].max(axis=2) <= plate[..., 3] + 0.5).all()


def test_own_teeth_stay_where_the_skull_is() -> None:
    face = opened(26.0)
    picture = portrait(face, inside=(50, 20, 18))
    teeth = np.zeros_like(picture)
    teeth[252:262, 180:220] = (150, 240, 150)  # no drawn tooth is green
    own = inner(face) & (teeth.max(axis=2) > 0)
    picture[own] = teeth[own]
    mouth = MouthInside(picture, face)
    wider = opened(44.0)
    canvas = drawn(mouth, picture, wider).astype(int)
    green = (canvas[..., 1] > canvas[..., 0] + 30) & inner(wider)
    rows = np.flatnonzero(green[:, 198:202].all(axis=1))
    assert rows.min() <= 256
    assert rows.max() == pytest.approx(261, abs=3)


def test_white_teeth_of_a_smile_stay_white_when_it_moves() -> None:
    calm, lips = made_face(lip_gap=24.0), [*INNER_LIPS, *OUTER_LIPS]
    middle = calm[[61, 291], 0].mean()
    face, narrower = calm.copy(), calm.copy()
    face[lips, 0] = middle + 1.35 * (calm[lips, 0] - middle)
    narrower[lips, 0] = middle + 1.2 * (calm[lips, 0] - middle)
    picture = portrait(face, inside=(250, 246, 242))
    canvas = drawn(MouthInside(picture, face), picture, narrower)
    rows, columns = np.nonzero(inner(narrower))
    tooth = canvas[round(float(rows.mean())) - 4, round(float(columns.mean()))]
    assert int(tooth.min()) > 0.85 * 242


def test_a_strip_below_the_teeth_does_not_float_in_a_mouth_that_opens() -> None:
    face = opened(20.0)
    picture = portrait(face, inside=TOOTH)
    strip = inner(face)
    strip[: round(face[14, 1]) - 6] = False
    picture[strip] = (60, 240, 60)  # too green for a tooth
    wider = opened(60.0)
    canvas = drawn(MouthInside(picture, face), picture, wider).astype(int)
    assert not ((canvas[..., 1] > canvas[..., 0] + 10) & inner(wider)).any()


def test_lips_that_close_cover_own_teeth() -> None:
    face = made_face(lip_gap=20.0)
    picture = portrait(face, inside=TOOTH)
    shut = made_face()
    squeezed = np.full_like(picture, LIPS)
    squeezed[259:261, 180:220] = TOOTH  # what a warp leaves between lips that close
    MouthInside(picture, face).draw(squeezed, MovedFace(shut, STILL))
    line = squeezed[259:261, 185:215].astype(int)
    assert (line <= np.array(LIPS) + 10).all()
    assert line.mean() < 0.9 * np.mean(LIPS)


def test_lips_that_are_shut_in_the_portrait_get_no_line() -> None:
    face = made_face(lip_gap=1.5)
    picture = portrait(face)
    tighter = made_face()
    canvas = drawn(MouthInside(picture, face), picture, tighter)
    np.testing.assert_array_equal(canvas, picture)


def test_a_mouth_of_teeth_closes_without_a_jump() -> None:
    face = made_face(lip_gap=20.0)
    picture = portrait(face, inside=TOOTH)
    mouth = MouthInside(picture, face)
    frames = []
    for gap in np.arange(20.0, -0.01, -0.25):
        moved = made_face(lip_gap=gap)
        frames.append(drawn(mouth, portrait(moved, inside=TOOTH), moved).astype(int))
    edges = [np.abs(a - b).mean(axis=2) for a, b in pairwise(frames)]
    assert max(float(np.percentile(step[252:268, 180:220], 90)) for step in edges) < 40


def test_own_teeth_are_left_to_the_warp_while_it_hardly_stretches_them() -> None:
    face = opened(26.0)
    picture = portrait(face, inside=(50, 20, 18))
    mouth = MouthInside(picture, face)
    warped = np.full_like(picture, 99)
    for gap, is_drawn in ((28.0, False), (44.0, True)):
        canvas = warped.copy()
        mouth.draw(canvas, MovedFace(opened(gap), STILL))
        assert bool((canvas != warped).any()) == is_drawn


def test_lower_teeth_of_the_portrait_go_with_the_jaw_however_little_shows() -> None:
    face = opened(16.0)
    picture = portrait(face, inside=TOOTH)
    rows = slice(262, 267)  # below the upper teeth, above the lower lip
    strip = np.zeros(picture.shape[:2], np.bool_)
    strip[rows] = inner(face)[rows]
    picture[259:262][inner(face)[259:262]] = (90, 45, 40)  # between the rows
    picture[strip] = (225, 235, 225)
    mouth = MouthInside(picture, face)
    wider = opened(40.0)
    canvas = drawn(mouth, picture, wider).astype(int)
    column = canvas[:, 198:202].mean(axis=1)
    found = np.flatnonzero((column[:, 1] > column[:, 0] + 2) & inner(wider)[:, 200])
    found = found[found > 265]  # below the upper teeth
    went = 0.5 * 12 + 0.37 * 12  # shares of the chin's way and of the lower lip's
    assert len(found) >= 2
    assert 262 + went - 4 < found.mean() < 267 + went + 4


def test_the_tongue_is_bright_behind_the_lower_teeth_and_falls_off_into_the_throat() -> None:
    face = made_face()
    grid = PlateGrid.spanning(0.33, -0.32, 0.16, 200.0)
    dark, plate = lower_plates(grid, mouth_colours(portrait(face), face), (0.5, 1.0))
    aside = round((0.06 + 0.33) * 200)  # beside the furrow
    rows = [round((v + 0.32) * 200) for v in (-0.03, -0.08, -0.13, -0.18, -0.23)]
    light = plate[rows, aside, :3].max(axis=1)
    assert (np.diff(light) < 0).all()
    assert light[-1] < 0.4 * light[0]
    assert plate[rows[1], 2, 3] == 0  # dark beside it
    assert dark[rows[1], aside, 0] == pytest.approx(0.5 * plate[rows[1], aside, 0])
    gum = (round((0.03 + 0.32) * 200), round(0.33 * 200))
    np.testing.assert_array_equal(dark[gum], plate[gum])  # the same teeth


def test_a_wide_mouth_shows_a_lit_tongue_and_dark_above_it() -> None:
    face = made_face()
    picture = portrait(face)
    wide = opened(60.0)
    canvas = drawn(MouthInside(picture, face), picture, wide).astype(int)
    column = canvas[:, 203:207].mean(axis=1)
    throat, tongue = column[267:270].mean(axis=0), column[278:282].mean(axis=0)
    assert tongue[0] > 0.7 * LIPS[0]
    assert tongue[0] - tongue[1] > 40  # flesh
    assert throat[0] < 0.5 * tongue[0]
    assert (np.diff(column[267:280, 0]) >= 0).all()


def test_light_falls_on_the_tongue_when_the_mouth_opens_wide() -> None:
    assert wide_open(0.1) == 0.0
    assert wide_open(0.4) == 1.0
    assert 0.2 < wide_open(0.2) < wide_open(0.25) < 1.0
    mask = np.ones((60, 60), np.float32)
    narrow, usual = (mouth_light(mask, 100.0, lip_light(0.35, w))[30, 30] for w in (0.7, 1.1))
    assert 0.5 < narrow < usual
    assert mouth_light(mask, 100.0, lip_light(0.1, 0.7))[30, 30] < 0.45


@pytest.mark.parametrize("lips", [LIPS, (150, 60, 50), (120, 104, 108)])
def test_a_tongue_is_flesh_whatever_the_lips(lips: Colour) -> None:
    face = made_face()
    tongue = mouth_colours(portrait(face, lips=lips), face).tongue
    assert tongue[0] == max(tongue)
    assert 1.0 - tongue.min() / tongue.max() > 95 / 255  # or it would pass for a tooth


def test_the_line_between_lips_is_darker_and_redder_than_they() -> None:
    lips = np.array(LIPS, np.float32)
    line = between_lips(lips)
    assert (line < lips).all()
    assert line[1] / line[0] < lips[1] / lips[0]
    grey = between_lips(np.array([90, 90, 90], np.float32))
    assert np.ptp(grey) < 1e-3


def test_a_second_picture_lends_its_teeth() -> None:
    face, smiling = made_face(), opened(24.0)
    second = portrait(smiling, inside=(50, 20, 18))
    rows = slice(252, 263)
    second[rows, 178:222][inner(smiling)[rows, 178:222]] = (150, 240, 150)
    picture = portrait(face)
    mouth = MouthInside(picture, face, FacePicture(second, smiling))
    canvas = drawn(mouth, picture, opened(30.0)).astype(int)
    green = (canvas[..., 1] > canvas[..., 0] + 20) & inner(opened(30.0))
    assert green[252:262, 190:210].mean() > 0.5
    without = drawn(MouthInside(picture, face), picture, opened(30.0)).astype(int)
    assert not (without[..., 1] > without[..., 0] + 10).any()


def test_blur_of_a_face_is_noticed() -> None:
    face = made_face()
    chance = np.random.default_rng(0)
    layers = [
        cv2.resize(chance.normal(0, 2 + k, (400 // k, 400 // k)), (400, 400))
        for k in (1, 2, 4, 8, 16, 32)
    ]
    sharp = np.repeat(np.clip(128 + sum(layers), 0, 255).astype(np.uint8)[..., None], 3, axis=2)
    found = [
        softness(sharp if s == 0 else cv2.GaussianBlur(sharp, (0, 0), s).astype(np.uint8), face)
        for s in (0, 1.0, 3)
    ]
    assert found[0] < found[1] < found[2] <= 3 / 140


@pytest.mark.parametrize("scale", [0.25, 3.0])
def test_faces_may_be_small_or_large(scale: float) -> None:
    side = round(400 * scale)
    face = made_face() * scale
    large = cv2.resize(portrait(made_face()), (side, side), interpolation=cv2.INTER_AREA)
    picture = large.astype(np.uint8)
    mouth = MouthInside(picture, face)
    np.testing.assert_array_equal(drawn(mouth, picture, face), picture)
    wide = opened(40.0) * scale
    canvas = drawn(mouth, picture, wide)
    mask = opening_mask(wide[list(INNER_LIPS), :2], (side, side)) > 0.99
    values = canvas[mask].max(axis=1)
    assert np.percentile(values, 95) > 120 > np.percentile(values, 20)  # teeth and dark


def test_a_mouth_may_leave_the_picture() -> None:
    face = made_face()
    picture = portrait(face)
    mouth = MouthInside(picture, face)
    for shift in ((-195.0, 0.0, 0.0), (0.0, 140.0, 0.0), (900.0, 0.0, 0.0)):
        drawn(mouth, picture, opened(30.0), Similarity(1.0, np.eye(3), np.array(shift)))

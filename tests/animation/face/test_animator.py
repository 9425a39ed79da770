"""The face engine on a built-in avatar: whole, cut out, and taken apart."""

import numpy as np
import pytest

from avatarify.animation.face.animator import FaceAnimator, FacePortrait, FaceSettings
from avatarify.animation.face.backdrop import fill_backdrop
from avatarify.animation.face.figure import draw_face_explanation
from avatarify.animation.face.panels import face_panels, landmark_picture
from tests.drivers import landmarks_of, small_portrait, turned


@pytest.fixture(scope="module")
def portrait() -> FacePortrait:
    image, layers = small_portrait("maya")
    return FacePortrait(image, layers.landmarks, layers.matte)


@pytest.fixture
def animator(portrait: FacePortrait) -> FaceAnimator:
    animator = FaceAnimator()
    animator.set_source(portrait)
    animator.calibrate(landmarks_of("omar"))
    return animator


TURNED = turned(landmarks_of("omar"), 0.25, 0.05)


def test_a_portrait_is_needed() -> None:
    with pytest.raises(ValueError, match="set_source"):
        FaceAnimator().animate(TURNED)


def test_without_calibration_the_first_face_is_the_reference(portrait: FacePortrait) -> None:
    animator = FaceAnimator()
    animator.set_source(portrait)
    first = animator.animate(TURNED)
    np.testing.assert_array_equal(animator.reference, TURNED)
    assert np.abs(first.astype(int) - portrait.picture).mean() < 0.5


def test_or_the_portrait_stays_still_until_it_is_calibrated(portrait: FacePortrait) -> None:
    animator = FaceAnimator(FaceSettings(first_frame_is_reference=False))
    animator.set_source(portrait)
    animator.animate(landmarks_of("omar"))
    assert animator.reference is None
    still = animator.animate(TURNED)
    assert np.abs(still.astype(int) - portrait.picture).mean() < 0.5


def test_a_clip_that_is_followed_is_painted_as_frames_are(animator: FaceAnimator) -> None:
    course = [turned(landmarks_of("omar"), 0.05 * step) for step in range(4)]
    faces = list(animator.follow((face, step / 30) for step, face in enumerate(course)))
    assert len(faces) == len(course)
    last = animator.animate(course[-1])
    np.testing.assert_array_equal(animator.paint(faces[-1]), last)
    np.testing.assert_array_equal(animator.paint_alone(faces[-1]), animator.cut_out(course[-1]))


def test_a_clip_that_is_followed_is_smoothed_and_not_late(portrait: FacePortrait) -> None:
    course = [turned(landmarks_of("omar"), 0.03 * step) for step in range(12)]
    ways = {}
    for smoothing in (0.0, 0.5):
        animator = FaceAnimator(FaceSettings(smoothing=smoothing))
        animator.set_source(portrait)
        animator.calibrate(course[0])
        track = ((face, step / 30) for step, face in enumerate(course))
        ways[smoothing] = [face.landmarks[4, 0] for face in animator.follow(track)]
    speed = abs(ways[0.0][7] - ways[0.0][6])
    assert abs(ways[0.5][6] - ways[0.0][6]) < 0.2 * speed


def test_a_cut_out_person_is_opaque_in_the_face_and_absent_in_the_room(
    animator: FaceAnimator, portrait: FacePortrait
) -> None:
    cut = animator.cut_out(landmarks_of("omar"))
    assert cut.shape == (*portrait.matte.shape, 4)
    x, y = np.round(portrait.landmarks[4, :2]).astype(int)  # the tip of the nose
    assert (cut[y - 10 : y + 10, x - 10 : x + 10, 3] == 255).all()
    assert (cut[:30, :30, 3] == 0).all()
    assert (cut[:30, -30:, 3] == 0).all()


def test_a_cut_out_person_put_back_before_the_room_is_the_picture(
    animator: FaceAnimator, portrait: FacePortrait
) -> None:
    """C a + B (1 - a) is what `animate` paints, but for rounding where hardly anything is seen."""
    whole = animator.animate(TURNED, time_s=0.0).astype(float)
    cut = animator.cut_out(TURNED, time_s=0.0).astype(float)
    room = fill_backdrop(portrait.picture, portrait.matte)
    alpha = cut[..., 3:] / 255
    again = cut[..., :3] * alpha + room * (1 - alpha)
    difference = np.abs(again - whole).max(axis=2)
    assert np.quantile(difference, 0.999) <= 2.0
    assert difference.max() <= 32.0


def test_a_decomposition_disturbs_nothing_and_shows_what_was_painted(
    portrait: FacePortrait,
) -> None:
    plain, looked_at = (FaceAnimator(FaceSettings(smoothing=0.5)) for _ in range(2))
    pictures = []
    for animator in (plain, looked_at):
        animator.set_source(portrait)
        animator.calibrate(landmarks_of("omar"))
        animator.animate(landmarks_of("omar"), time_s=0.0)
    seen = looked_at.decompose(landmarks_of("omar"))
    assert seen.picture.shape == portrait.picture.shape
    assert seen.matte.shape == portrait.matte.shape
    for animator in (plain, looked_at):
        pictures.append(animator.animate(TURNED, time_s=1 / 30))
    np.testing.assert_array_equal(pictures[0], pictures[1])


def test_panels_are_as_large_as_the_portrait_and_go_from_it_to_the_result(
    animator: FaceAnimator, portrait: FacePortrait
) -> None:
    seen = animator.decompose(TURNED)
    panels = face_panels(seen, portrait.picture, portrait.landmarks)
    assert all(picture.shape == portrait.picture.shape for _, picture in panels)
    by_title = dict(panels)
    assert next(iter(by_title)) == "Avatar keypoints"
    np.testing.assert_array_equal(by_title["Result"], seen.picture)
    masks = by_title["Masks: which triangle moves what"]
    assert len(np.unique(masks.reshape(-1, 3), axis=0)) > 300  # a colour for each triangle


def test_where_nothing_moves_the_flow_is_white(
    animator: FaceAnimator, portrait: FacePortrait
) -> None:
    at_rest = animator.decompose(landmarks_of("omar"))
    moved = animator.decompose(TURNED)
    x, y = np.round(portrait.landmarks[4, :2]).astype(int)
    flows = [
        dict(face_panels(seen, portrait.picture, portrait.landmarks))["Dense flow"][y, x]
        for seen in (at_rest, moved)
    ]
    assert flows[0].min() > 245
    assert flows[1].min() < 225


def test_landmarks_are_drawn_over_a_darker_copy() -> None:
    grey = np.full((100, 100, 3), 200, np.uint8)
    landmarks = np.full((478, 3), 50.0)
    drawn = landmark_picture(grey, landmarks)
    assert (grey == 200).all()
    assert tuple(drawn[5, 5]) == (100, 100, 100)
    assert drawn[50, 50].tolist() == [90, 220, 255]


def test_the_figure_holds_nine_panels_and_their_captions(
    animator: FaceAnimator, portrait: FacePortrait
) -> None:
    driver = np.full((480, 640, 3), 127, np.uint8)
    figure = draw_face_explanation(
        animator.decompose(TURNED), portrait.picture, portrait.landmarks, driver, TURNED
    )
    assert figure.shape[1] == 1900
    assert figure.shape[0] > 3 * 19 * 100 / 3 * 720 / 1280 * 0.9
    assert (figure[:20] == 255).all()  # paper around it

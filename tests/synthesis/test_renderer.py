import cv2
import numpy as np
import pytest
import torch

from avatarify.synthesis.figure import Figure
from avatarify.synthesis.motion import Motion, express, neutral
from avatarify.synthesis.renderer import render

NOSE_TIP, CHIN, LEFT_EYE_OUTER, RIGHT_EYE_OUTER = 1, 152, 263, 33
SIZE = 96


def landmarks(person: Figure, motion: Motion) -> torch.Tensor:
    return render(person, motion, SIZE, supersampling=1).landmarks[0]


def turned(yaw: float = 0.0, pitch: float = 0.0, roll: float = 0.0) -> Motion:
    return neutral()._replace(rotation_deg=torch.tensor([[yaw, pitch, roll]]))


def test_picture_and_mask_have_their_ranges(person: Figure) -> None:
    rendering = render(person, neutral(2), SIZE)
    assert rendering.image.shape == (2, 3, SIZE, SIZE)
    assert 0 <= rendering.image.min() < rendering.image.max() <= 1
    assert rendering.mask[0, 0, SIZE // 2, SIZE // 2] == 1
    assert rendering.mask[0, 0, 2, 2] == 0
    torch.testing.assert_close(rendering.image[0], rendering.image[1])


def test_translation_moves_every_landmark_by_that_many_pixels(person: Figure) -> None:
    shift = torch.tensor([[5 / SIZE, -3 / SIZE]])
    moved = landmarks(person, neutral()._replace(translation=shift))
    expected = landmarks(person, neutral()) + torch.tensor([5.0, -3.0, 0.0])
    torch.testing.assert_close(moved, expected, atol=1e-3, rtol=0)


def test_scale_spreads_landmarks_from_the_middle(person: Figure) -> None:
    scaled = landmarks(person, neutral()._replace(scale=torch.tensor([1.2])))
    middle = torch.tensor([SIZE / 2, SIZE / 2, 0.0])
    expected = (landmarks(person, neutral()) - middle) * 1.2 + middle
    torch.testing.assert_close(scaled, expected, atol=1e-3, rtol=0)


def test_a_wide_picture_shows_the_square_in_its_middle(person: Figure) -> None:
    wide = render(person, neutral(), (SIZE, 2 * SIZE), supersampling=1)
    square = render(person, neutral(), SIZE, supersampling=1)
    assert wide.image.shape == (1, 3, SIZE, 2 * SIZE)
    shift = torch.tensor([SIZE / 2, 0.0, 0.0])
    torch.testing.assert_close(wide.landmarks, square.landmarks + shift, atol=1e-3, rtol=0)
    torch.testing.assert_close(wide.mask[..., SIZE // 2 : -SIZE // 2], square.mask)


def test_depth_has_the_scale_of_x_and_less_is_nearer(person: Figure) -> None:
    still, aside = landmarks(person, neutral()), landmarks(person, turned(yaw=30))
    assert still[NOSE_TIP, 2] < still[CHIN, 2] < still[234, 2]
    assert abs(float(still[:468, 2].mean())) < 1e-3
    # Turned by 30 degrees, points a width w apart in x differ by w sin 30 in depth.
    width = float(still[454, 0] - still[234, 0])
    depth = float(aside[454, 2] - aside[234, 2])
    assert abs(depth / (width * 0.5) - 1) < 0.15


def test_signs_of_the_angles(person: Figure) -> None:
    still = landmarks(person, neutral())
    assert landmarks(person, turned(yaw=20))[NOSE_TIP, 0] > still[NOSE_TIP, 0] + 3
    assert landmarks(person, turned(pitch=15))[NOSE_TIP, 1] < still[NOSE_TIP, 1] - 2
    rolled = landmarks(person, turned(roll=15))
    slope = rolled[LEFT_EYE_OUTER] - rolled[RIGHT_EYE_OUTER]
    angle = torch.rad2deg(torch.atan2(slope[1], slope[0]))
    assert abs(float(angle) - 15) < 0.5  # y grows downwards: the viewer's right side sinks


def test_left_and_right_are_the_persons_own(person: Figure) -> None:
    winking = landmarks(person, express(neutral(), blink_left=1.0))
    opening_left = winking[374, 1] - winking[386, 1]
    opening_right = winking[145, 1] - winking[159, 1]
    assert opening_left < 0.1
    assert opening_right > 1.5
    assert winking[386, 0] > SIZE / 2


def test_gaze_moves_the_irises(person: Figure) -> None:
    still = landmarks(person, neutral())
    looking = landmarks(person, express(neutral(), gaze_x=1.0))
    assert (looking[[468, 473], 0] - still[[468, 473], 0] > 1).all()
    torch.testing.assert_close(looking[CHIN], still[CHIN])


def test_faces_fill_the_projects_framing(person: Figure) -> None:
    box = landmarks(person, neutral())[:468]
    box = box[:, :2]
    extent = box.amax(dim=0) - box.amin(dim=0)
    assert abs(SIZE / float(extent.max()) - 1.9) < 0.15
    middle = (box.amax(dim=0) + box.amin(dim=0)) / 2
    assert (middle - SIZE / 2).abs().max() < 0.05 * SIZE


INNER_LIPS = (
    *(78, 191, 80, 81, 82, 13, 312, 311, 310, 415),
    *(308, 324, 318, 402, 317, 14, 87, 178, 88, 95),
)


@pytest.mark.parametrize("yaw", [-30.0, 0.0, 30.0])
def test_nobody_sees_through_an_open_mouth(person: Figure, yaw: float) -> None:
    laughing = {"smile_left": 1.0, "smile_right": 1.0, "upper_lip": 0.8, "lower_lip": 0.6}
    for expression in ({**laughing, "jaw_open": 0.3}, {"jaw_open": 0.9}):
        motion = express(turned(yaw=yaw), **expression)
        rendering = render(person, motion, 256, 1)
        outline = rendering.landmarks[0, list(INNER_LIPS), :2].round().int().numpy()
        inside = cv2.fillPoly(np.zeros((256, 256), np.uint8), [outline], 1).astype(bool)
        assert inside.sum() > 60
        assert rendering.mask[0, 0].numpy()[inside].mean() > 0.995

from collections.abc import Callable

import numpy as np
import pytest

from avatarify.frames import Image
from avatarify.tracking.conditions import (
    Condition,
    Light,
    Observation,
    conditions,
    measure_light,
    observe,
    outside,
)
from avatarify.tracking.face import Face
from avatarify.tracking.landmarker import FaceLandmarker

MakeFace = Callable[..., Face]
SIZE = (480, 640)


def seen(face: Face | None, light: Light | None = None, count: int = 1) -> tuple[Condition, ...]:
    return conditions(Observation(face, SIZE, 0.0, light, count))


def grey(level: int, noise: float = 0.0) -> Image:
    values = level + noise * np.random.default_rng(0).normal(size=(480, 640, 1))
    return np.repeat(values.round().clip(0, 255).astype(np.uint8), 3, axis=2)


def test_well_seen_driver_has_no_warning(make_face: MakeFace) -> None:
    assert seen(make_face(), Light(140, 1)) == ()


def test_no_face_and_several_faces(make_face: MakeFace) -> None:
    assert seen(None) == (Condition.NO_FACE,)
    assert seen(make_face(), count=2) == (Condition.SEVERAL_FACES,)


@pytest.mark.parametrize(
    ("x", "y", "size", "expected"),
    [
        (320, 240, 90, Condition.TOO_FAR),
        (320, 240, 430, Condition.TOO_NEAR),
        (100, 240, 120, Condition.OFF_CENTER),
        (320, 80, 120, Condition.OFF_CENTER),
        (20, 240, 200, Condition.CUT_OFF),
        (320, 470, 200, Condition.CUT_OFF),
    ],
)
def test_place_and_size(
    make_face: MakeFace, x: float, y: float, size: float, expected: Condition
) -> None:
    assert seen(make_face(x=x, y=y, size=size)) == (expected,)


@pytest.mark.parametrize(
    ("light", "expected"),
    [
        (Light(30, 1), Condition.TOO_DARK),
        (Light(250, 1), Condition.TOO_BRIGHT),
        (Light(140, 8), Condition.NOISY),
    ],
)
def test_light(make_face: MakeFace, light: Light, expected: Condition) -> None:
    assert seen(make_face(), light) == (expected,)


def test_brightness_and_noise_are_in_grey_values(make_face: MakeFace) -> None:
    light = measure_light(grey(120, noise=6), make_face().box)
    assert light is not None
    assert light.brightness == pytest.approx(120, abs=1)
    assert light.noise == pytest.approx(6, abs=0.4)


def test_edges_and_slopes_are_no_noise(make_face: MakeFace) -> None:
    image = grey(60)
    image[:, 320:] = 180
    image += np.linspace(0, 60, 640).astype(np.uint8)[None, :, None]
    light = measure_light(image, make_face().box)
    assert light is not None
    assert light.noise < 1


def test_face_outside_the_picture_has_no_light(make_face: MakeFace) -> None:
    assert measure_light(grey(120), make_face(x=-300).box) is None
    assert measure_light(grey(120), make_face(x=2, y=2, size=10).box) is None


def test_outside_is_in_parts_of_the_face(make_face: MakeFace) -> None:
    # 200 high and 160 wide around (640, 0): 80 beyond the right edge, 100 above the upper one.
    got = outside(make_face(x=640, y=0, size=200).box, SIZE)
    assert got == pytest.approx((0, 0.5, 0.4, 0), abs=1e-3)


def test_observation_is_of_the_first_face(make_face: MakeFace) -> None:
    faces = [make_face(), make_face(x=100)]
    observation = observe(grey(100), faces, 2.5)
    assert observation.face is faces[0]
    assert (observation.face_count, observation.image_size, observation.time_s) == (2, SIZE, 2.5)
    assert observation.light == Light(100, 0)
    assert observe(grey(100), [], 0).light is None


def test_dark_and_noisy_photographs_are_told_from_good_ones(
    image_landmarker: FaceLandmarker, still: Callable[[str], Image]
) -> None:
    good = still("s7.jpg")
    dark = (good * 0.25).astype(np.uint8)
    noisy = good + np.random.default_rng(0).normal(scale=12, size=good.shape)
    found = {}
    for name, image in (("good", good), ("dark", dark), ("noisy", noisy.clip(0, 255))):
        picture = image.astype(np.uint8)
        found[name] = conditions(observe(picture, image_landmarker.find_all(picture), 0))

    assert found["good"] == ()
    assert Condition.TOO_DARK in found["dark"]
    assert Condition.NOISY in found["noisy"]

"""Which of both ways paints the inside of a portrait's mouth."""

import logging

import numpy as np
import pytest

from avatarify.animation.face import native_mouth
from avatarify.animation.face.mouth import MouthInside
from avatarify.animation.face.native_mouth import NativeMouthInside, fastest_mouth
from avatarify.animation.native.library import native_library
from avatarify.animation.native.mouth import MouthOpening, NativeMouth
from avatarify.frames import Image
from tests.animation.face.test_mouth import portrait
from tests.geometry.face_shapes import made_face

needs_library = pytest.mark.skipif(
    native_library() is None, reason="was installed without a C compiler"
)

FACE = made_face()
PICTURE = portrait(FACE)


@pytest.fixture(scope="module")
def mouth() -> MouthInside:
    return MouthInside(PICTURE, FACE)


@needs_library
def test_the_compiled_function_paints_mouths_where_it_is(mouth: MouthInside) -> None:
    assert isinstance(fastest_mouth(mouth, PICTURE, FACE), NativeMouthInside)


@needs_library
def test_a_picture_without_its_mouth_needs_no_trial(mouth: MouthInside) -> None:
    gone = FACE + np.array([900.0, 0.0, 0.0])
    assert isinstance(fastest_mouth(mouth, PICTURE, gone), NativeMouthInside)


@needs_library
@pytest.mark.parametrize("fails_at", [1, 2])
def test_a_mouth_that_looks_different_is_painted_by_opencv(
    mouth: MouthInside,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    fails_at: int,
) -> None:
    """Each opening that is tried counts."""
    right, count = NativeMouth.draw, 0

    def draw(self: NativeMouth, canvas: Image, opening: MouthOpening) -> None:
        nonlocal count
        count += 1
        right(self, canvas, opening)
        if count == fails_at:
            canvas //= 2

    monkeypatch.setattr(NativeMouth, "draw", draw)
    with caplog.at_level(logging.WARNING):
        assert fastest_mouth(mouth, PICTURE, FACE) is mouth
    assert "OpenCV paints the mouth instead" in caplog.text


def test_without_compiled_functions_opencv_paints_the_mouth(
    mouth: MouthInside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(native_mouth, "native_library", lambda: None)
    assert fastest_mouth(mouth, PICTURE, FACE) is mouth

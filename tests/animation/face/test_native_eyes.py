"""Which of both ways paints a portrait's eyes."""

import logging

import numpy as np
import pytest

from avatarify.animation.face import native_eyes
from avatarify.animation.face.eyes import Eyeballs
from avatarify.animation.face.native_eyes import NativeEyeballs, fastest_eyeballs
from avatarify.animation.native.eye import NativeEye
from avatarify.animation.native.library import native_library
from avatarify.frames import Image
from avatarify.geometry.face_transfer import FaceTransfer
from avatarify.geometry.similarity import Similarity
from tests.animation.face.test_eyes import face_with_eyes, painted

needs_library = pytest.mark.skipif(
    native_library() is None, reason="was installed without a C compiler"
)


@pytest.fixture(scope="module")
def eyeballs() -> Eyeballs:
    return Eyeballs(painted(face_with_eyes()), face_with_eyes())


@pytest.fixture(scope="module")
def transfer() -> FaceTransfer:
    return FaceTransfer(face_with_eyes())


@needs_library
def test_compiled_functions_paint_eyes_where_they_are(
    eyeballs: Eyeballs, transfer: FaceTransfer
) -> None:
    assert isinstance(fastest_eyeballs(eyeballs, transfer), NativeEyeballs)


@needs_library
def test_a_portrait_without_open_eyes_needs_no_painting() -> None:
    face = face_with_eyes(gap=0.5)
    picture = painted(face)
    layer = fastest_eyeballs(Eyeballs(picture, face), FaceTransfer(face))
    canvas = picture.copy()
    layer.draw(canvas, FaceTransfer(face).still())
    np.testing.assert_array_equal(canvas, picture)


@needs_library
@pytest.mark.parametrize("fails_at", [1, 3, 7])
def test_eyes_that_look_different_are_painted_by_opencv(
    eyeballs: Eyeballs,
    transfer: FaceTransfer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    fails_at: int,
) -> None:
    """Each look that is tried counts, and each eye."""
    right, count = NativeEye.draw, 0

    def draw(self: NativeEye, canvas: Image, landmarks: np.ndarray, head: Similarity) -> None:
        nonlocal count
        count += 1
        right(self, canvas, landmarks, head)
        if count == fails_at:
            canvas //= 2

    monkeypatch.setattr(NativeEye, "draw", draw)
    with caplog.at_level(logging.WARNING):
        assert fastest_eyeballs(eyeballs, transfer) is eyeballs
    assert "OpenCV paints the eyes instead" in caplog.text


def test_without_compiled_functions_opencv_paints_the_eyes(
    eyeballs: Eyeballs, transfer: FaceTransfer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(native_eyes, "native_library", lambda: None)
    assert fastest_eyeballs(eyeballs, transfer) is eyeballs

"""Who paints the person, and that a device that is of no use is replaced in time."""

import logging
import os
import subprocess
import sys
from typing import Any

import cv2
import numpy as np
import pytest
import torch

from avatarify.animation.face import person_painter
from avatarify.animation.face.device_painter import DevicePainter
from avatarify.animation.face.native_painter import NativePainter
from avatarify.animation.face.person_painter import (
    PROCESSOR,
    PersonPainters,
    person_painters,
    trial_face,
)
from avatarify.animation.face.processor_painter import ProcessorPainter
from avatarify.animation.face.puppet import FacePuppet
from avatarify.animation.native.library import NativeLibrary, native_library
from tests.drivers import landmarks_of

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def own() -> ProcessorPainter:
    coarse = np.random.default_rng(5).integers(0, 255, (20, 36, 3), np.uint8)
    picture = cv2.resize(coarse, (320, 180), interpolation=cv2.INTER_CUBIC).astype(np.uint8)
    matte = np.full((180, 320), 255, np.uint8)
    room = np.full_like(picture, 40)
    return ProcessorPainter(FacePuppet(picture, landmarks_of() * 0.25, matte, room))


def test_without_a_card_the_processor_paints(own: ProcessorPainter) -> None:
    painters = PersonPainters()
    assert painters.of(own) is own
    assert (painters.name, painters.note) == (PROCESSOR, "")


def test_the_trial_has_silhouettes_in_it(own: ProcessorPainter) -> None:
    face = trial_face(own.puppet)
    assert not np.array_equal(own.draw(face), own.puppet.backdrop)
    assert cv2.PSNR(own.draw(face), own.puppet.backdrop) < 20


def test_a_device_that_paints_alike_is_used(own: ProcessorPainter) -> None:
    painters = PersonPainters(CPU, must_be_faster=False)
    painter = painters.of(own)
    assert painter is not own
    face = trial_face(own.puppet)
    assert cv2.PSNR(painter.draw(face), own.draw(face)) >= 45.0
    assert painters.note == ""


def test_a_device_that_is_slower_than_the_processor_is_not_used(
    own: ProcessorPainter, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(self: DevicePainter, face: Any) -> Any:
        for _ in range(3):  # three times what the processor does takes longer
            picture = ProcessorPainter(self._puppet).draw(face)
        return picture

    monkeypatch.setattr(DevicePainter, "draw", slow)
    painters = PersonPainters(CPU)
    with caplog.at_level(logging.WARNING):
        assert painters.of(own) is own
    assert "it takes" in painters.note
    assert painters.note in caplog.text


def test_a_device_that_cannot_paint_is_not_used_again(own: ProcessorPainter) -> None:
    painters = PersonPainters(torch.device("meta"))
    assert painters.name == "meta"
    assert painters.of(own) is own
    assert painters.name == PROCESSOR
    assert painters.note.startswith("The processor paints instead of meta: it failed (")
    assert painters.of(own) is own


def test_a_device_that_paints_something_else_is_not_used(
    own: ProcessorPainter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DevicePainter, "draw", lambda self, face: np.zeros((180, 320, 3), np.uint8))
    painters = PersonPainters(CPU)
    assert painters.of(own) is own
    assert "something else" in painters.note


def test_the_processor_goes_on_from_the_frame_in_which_a_device_is_lost(
    own: ProcessorPainter, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    painters = PersonPainters(CPU, must_be_faster=False)
    painter, face = painters.of(own), trial_face(own.puppet)
    painter.draw(face)

    def lost(self: DevicePainter, face: Any) -> Any:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20 MiB.\nMore.")

    monkeypatch.setattr(DevicePainter, "draw", lost)
    with caplog.at_level(logging.WARNING):
        picture = painter.draw(face)
    np.testing.assert_array_equal(picture, own.draw(face))
    assert painters.name == PROCESSOR
    assert "out of memory. Tried to allocate 20 MiB)" in painters.note
    monkeypatch.undo()
    np.testing.assert_array_equal(painter.draw(face), own.draw(face))  # for good
    assert caplog.text.count("instead of") == 1


@pytest.fixture
def on_device(own: ProcessorPainter, monkeypatch: pytest.MonkeyPatch) -> "OnDevice":
    return OnDevice(own, monkeypatch)


class OnDevice:
    """A painter in use, and what lies on its device."""

    def __init__(self, own: ProcessorPainter, monkeypatch: pytest.MonkeyPatch) -> None:
        self.kept = DevicePainter(own.puppet, CPU)
        monkeypatch.setattr(person_painter, "_on_card", lambda puppet, device: self.kept)
        self.painters = PersonPainters(CPU, must_be_faster=False)
        self.painter = self.painters.of(own)


def test_a_device_that_forgets_its_pictures_shows_none_of_it(
    own: ProcessorPainter, on_device: OnDevice
) -> None:
    """As a card may that slept with the computer: black, and no error."""
    face = trial_face(own.puppet)
    on_device.painter.draw(face)
    on_device.kept._person.colours.zero_()
    on_device.kept._backdrop.zero_()
    np.testing.assert_array_equal(on_device.painter.draw(face), own.draw(face))
    assert "something else" in on_device.painters.note


def test_what_is_wrong_but_as_bright_is_found_out_in_a_while(
    own: ProcessorPainter, on_device: OnDevice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(person_painter, "_LOOK_EVERY", 4)
    face = trial_face(own.puppet)
    on_device.painter.draw(face)
    on_device.kept._person.colours.copy_(on_device.kept._person.colours.roll(30, dims=3))
    pictures = [on_device.painter.draw(face) for _ in range(4)]
    assert [bool((picture == own.draw(face)).all()) for picture in pictures] == [
        False,
        False,
        True,
        True,
    ]


@pytest.mark.parametrize("wanted", ["cpu", "mps"])
def test_only_nvidias_cards_are_asked(wanted: str) -> None:
    assert person_painters(wanted).name == PROCESSOR


@pytest.mark.skipif(torch.cuda.is_available(), reason="has a card")
def test_whoever_asks_for_a_card_hears_why_there_is_none() -> None:
    painters = person_painters("cuda")
    assert painters.name == PROCESSOR
    assert painters.note.startswith("The processor paints. CUDA cannot be used")


def test_without_nvidias_driver_torch_is_not_even_imported() -> None:
    code = (
        "import sys\n"
        "from avatarify.animation.face.person_painter import person_painters\n"
        "print(person_painters('auto').name, 'torch' in sys.modules)"
    )
    nowhere = {**os.environ, "PATH": ""}
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=nowhere, check=True
    )
    assert said.stdout.split() == [PROCESSOR, "False"]


@pytest.mark.skipif(native_library() is None, reason="was installed without a C compiler")
def test_compiled_functions_paint_where_they_are(own: ProcessorPainter) -> None:
    assert isinstance(PersonPainters().on_processor(own.puppet), NativePainter)


@pytest.mark.skipif(native_library() is None, reason="was installed without a C compiler")
def test_compiled_functions_that_paint_something_else_are_not_used(
    own: ProcessorPainter, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(NativeLibrary, "compose", lambda self, person, place: place.fill(0))
    with caplog.at_level(logging.WARNING):
        painter = PersonPainters().on_processor(own.puppet)
    assert type(painter) is ProcessorPainter
    assert "OpenCV paints instead" in caplog.text


def test_without_compiled_functions_opencv_paints(
    own: ProcessorPainter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(person_painter, "native_library", lambda: None)
    assert type(PersonPainters().on_processor(own.puppet)) is ProcessorPainter

"""Streams that share a step are animated as if each were alone; here on the CPU, without graphs."""

import numpy as np
import pytest
import torch

from avatarify.animation.animator import PortraitAnimator
from avatarify.animation.backends import shared_choice
from avatarify.animation.backends.shared_animator import SharedAnimator, Stream
from avatarify.animation.backends.shared_choice import open_shared
from avatarify.animation.settings import MotionSettings
from avatarify.animation.torch_engine import TorchEngine
from avatarify.errors import DeviceError
from avatarify.frames import Image
from avatarify.networks.motion_model import MotionModel
from tests.tiny_models import picture, tiny_model

ARCHITECTURES = ["fomm", "monkey-net", "compact"]
CALIBRATION, DRIVING = picture(5, 32), picture(6, 32)
CROP = np.array([[0.9, 0.1, 0.05], [-0.1, 1.1, -0.02]], dtype=np.float32)


def _portrait(model: MotionModel, seed: int) -> Image:
    return picture(seed, model.config.output_size)


def _alone(model: MotionModel, portrait: Image, driving: Image, gain: float = 1.0) -> Image:
    animator = PortraitAnimator(TorchEngine(model), MotionSettings(gain=gain))
    animator.set_source(portrait)
    animator.calibrate(CALIBRATION)
    return animator.animate(driving)


def _assert_same(found: Image, expected: Image) -> None:
    assert np.abs(found.astype(int) - expected).max() <= 1


def _full_house(model: MotionModel, seats: int) -> tuple[SharedAnimator, list[Stream]]:
    shared = SharedAnimator(model, seats)
    streams = [shared.join(_portrait(model, seed)) for seed in range(seats)]
    for stream in streams:
        shared.calibrate(stream, CALIBRATION)
    return shared, streams


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_each_stream_is_animated_as_if_it_were_alone(architecture: str) -> None:
    model = tiny_model(architecture)
    shared, streams = _full_house(model, 3)
    for index, stream in enumerate(streams):
        shared.submit(stream, picture(10 + index, 32))
    assert shared.launch() == 3
    painted = shared.collect()
    for index, stream in enumerate(streams):
        expected = _alone(model, _portrait(model, index), picture(10 + index, 32))
        _assert_same(painted[stream], expected)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_gain_and_moving_crops_belong_to_a_stream(architecture: str) -> None:
    model = tiny_model(architecture)
    shared, (first, second) = _full_house(model, 2)
    shared.calibrate(first, CALIBRATION, gain=0.5)
    shared.submit(first, DRIVING)
    shared.submit(second, DRIVING, CROP)
    shared.launch()
    painted = shared.collect()
    _assert_same(painted[first], _alone(model, _portrait(model, 0), DRIVING, gain=0.5))
    animator = PortraitAnimator(TorchEngine(model))
    animator.set_source(_portrait(model, 1))
    animator.calibrate(CALIBRATION)
    _assert_same(painted[second], animator.animate(DRIVING, crop_change=CROP))


def test_streams_skip_frames_come_and_go_without_disturbing_the_others() -> None:
    model = tiny_model("compact")
    shared, (anna, ben, carl) = _full_house(model, 3)
    expected = _alone(model, _portrait(model, 2), DRIVING)
    for stream in (anna, ben, carl):
        shared.submit(stream, DRIVING)
    shared.leave(anna)  # her frame was waiting in front of the others'
    dora = shared.join(_portrait(model, 7))  # takes her seat
    assert shared.launch() == 2
    shared.leave(ben)  # while his picture is on its way
    painted = shared.collect()
    assert painted.keys() == {carl}
    _assert_same(painted[carl], expected)
    shared.calibrate(dora, CALIBRATION)
    shared.submit(dora, CALIBRATION)
    shared.submit(dora, DRIVING)  # the newest counts
    assert shared.launch() == 1
    _assert_same(shared.collect()[dora], _alone(model, _portrait(model, 7), DRIVING))
    assert shared.free_seats == 1


def test_a_stream_is_still_until_it_is_calibrated_and_may_change_its_portrait() -> None:
    model = tiny_model("fomm")
    shared = SharedAnimator(model, 1)
    stream = shared.join(_portrait(model, 1))
    for seed in (1, 2):
        shared.set_source(stream, _portrait(model, seed))
        shared.submit(stream, DRIVING)
        shared.launch()
        animator = PortraitAnimator(TorchEngine(model))
        animator.set_source(_portrait(model, seed))
        _assert_same(shared.collect()[stream], animator.still())


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_numbers_that_are_none_show_the_streams_own_portrait(architecture: str) -> None:
    model = tiny_model(architecture)
    shared, (broken, well) = _full_house(model, 2)
    shared.submit(broken, DRIVING, np.full((2, 3), np.nan))
    shared.submit(well, DRIVING)
    shared.launch()
    painted = shared.collect()
    assert np.array_equal(painted[broken], _portrait(model, 0))
    _assert_same(painted[well], _alone(model, _portrait(model, 1), DRIVING))


def test_wrong_pictures_are_refused_and_the_others_go_on() -> None:
    model = tiny_model("fomm")
    shared, (stream, _) = _full_house(model, 2)
    with pytest.raises(ValueError, match="every seat is taken"):
        shared.join(_portrait(model, 3))
    with pytest.raises(ValueError, match=r"\(32, 32, 3\)"):
        shared.submit(stream, picture(1, 16))
    with pytest.raises(ValueError, match="uint8"):
        shared.submit(stream, DRIVING.astype(np.float32))
    with pytest.raises(ValueError, match=r"\(2, 3\)"):
        shared.submit(stream, DRIVING, np.eye(3))
    shared.submit(stream, DRIVING)
    shared.launch()
    with pytest.raises(ValueError, match="collected first"):
        shared.launch()
    assert shared.collect().keys() == {stream}
    assert shared.launch() == 0
    assert shared.collect() == {}
    shared.leave(stream)
    shared.leave(stream)
    with pytest.raises(ValueError, match="has left"):
        shared.submit(stream, DRIVING)
    with pytest.raises(ValueError, match="at least one seat"):
        SharedAnimator(model, 0)


def test_pictures_are_in_memory_of_their_own() -> None:
    shared, (stream,) = _full_house(tiny_model("fomm"), 1)
    shared.submit(stream, DRIVING)
    shared.launch()
    first = shared.collect()[stream]
    kept = first.copy()
    shared.submit(stream, picture(9, 32))
    shared.launch()
    assert not np.array_equal(shared.collect()[stream], kept)
    assert np.array_equal(first, kept)


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_opening_checks_every_seat(precision: str) -> None:
    shared = open_shared(tiny_model("compact"), 2, "cpu", precision)
    assert shared.description.note == ""
    assert precision in shared.description.precision
    assert shared.free_seats == 2


class _Faulty(SharedAnimator):
    """Half precision that fails or paints black, as drivers have it."""

    fault = "raises"

    def _animated(self, *arguments: torch.Tensor) -> tuple[torch.Tensor, ...]:
        if self._whole.render.dtype == torch.float32 and self.fault != "all":
            return super()._animated(*arguments)
        if self.fault == "black":
            return (super()._animated(*arguments)[0] * 0,)
        raise RuntimeError("no kernel image\nand a long story")


@pytest.mark.parametrize(("fault", "said"), [("raises", "no kernel image"), ("black", "dB")])
def test_a_precision_that_fails_is_left_out_with_a_message(
    fault: str, said: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(_Faulty, "fault", fault)
    monkeypatch.setattr(shared_choice, "SharedAnimator", _Faulty)
    shared = open_shared(tiny_model("fomm"), 2, "cpu", "bf16")
    assert shared.description.precision == "fp32"
    assert said in shared.description.note
    assert "long story" not in shared.description.note
    assert shared.description.note in caplog.text


def test_nothing_that_works_is_an_error_with_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_Faulty, "fault", "all")
    monkeypatch.setattr(shared_choice, "SharedAnimator", _Faulty)
    with pytest.raises(DeviceError, match="fp32 on cpu is not used: it failed: no kernel image"):
        open_shared(tiny_model("fomm"), 1, "cpu")


@pytest.mark.gpu
def test_graphs_on_the_card_animate_every_stream() -> None:
    if not torch.cuda.is_available():
        pytest.skip("needs an NVIDIA card")
    shared = open_shared(tiny_model("fomm"), 3, "cuda")
    assert shared.description.note == ""
    stream = shared.join(picture(1, 32))
    shared.calibrate(stream, CALIBRATION)
    shared.submit(stream, DRIVING)
    shared.launch()
    _assert_close(shared.collect()[stream], _alone(tiny_model("fomm"), picture(1, 32), DRIVING))


def _assert_close(found: Image, expected: Image) -> None:
    assert float(np.abs(found.astype(int) - expected).mean()) < 1.0

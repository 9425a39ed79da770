"""The real model behind a session, tiny."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from avatarify.animation.portable_file import save_model
from avatarify.errors import CheckpointError
from avatarify.session.avatars.avatar import Avatar
from avatarify.session.keeping.settings import EngineSettings, MotionControls
from avatarify.session.live.model_engine import load_model_engine
from avatarify.session.live.sighting import Driving
from tests.tiny_models import picture, tiny_model


@pytest.fixture
def settings(tmp_path: Path) -> EngineSettings:
    path = tmp_path / "tiny.safetensors"
    save_model(tiny_model("compact"), path)
    return EngineSettings(model=str(path), device="cpu", precision="fp32")


def test_a_reference_comes_back_as_numbers(settings: EngineSettings) -> None:
    engine = load_model_engine(settings)
    engine.set_avatar(Avatar("grey", picture(1, 64)))
    assert engine.reference is None
    driving = Driving(picture(2, engine.input_size))
    engine.calibrate(driving)
    reference = engine.reference
    assert reference is not None
    assert reference.model == "tiny"
    engine.set_motion(MotionControls(smoothing=0.0))
    neutral = engine.animate(driving, 0.0, 1.0)

    again = load_model_engine(settings)
    again.set_avatar(Avatar("grey", picture(1, 64)))
    again.set_motion(MotionControls(smoothing=0.0))
    again.use_reference(reference)
    np.testing.assert_allclose(again.animate(driving, 0.0, 1.0), neutral, atol=1)
    engine.close()
    again.close()


def test_without_strength_the_avatar_is_still(settings: EngineSettings) -> None:
    engine = load_model_engine(settings)
    engine.set_avatar(Avatar("grey", picture(1, 64)))
    engine.calibrate(Driving(picture(2, 32)))
    still = engine.animate(Driving(picture(2, 32)), 0.0, 1.0)
    np.testing.assert_allclose(engine.animate(Driving(picture(3, 32)), 0.1, 0.0), still, atol=1)


def test_a_foreign_reference_is_refused(settings: EngineSettings) -> None:
    engine = load_model_engine(settings)
    engine.calibrate(Driving(picture(2, 32)))
    reference = engine.reference
    assert reference is not None
    broken = type(reference)("tiny", (("value", np.zeros((7, 2), np.float32)),))
    with pytest.raises(ValueError, match="reference"):
        engine.use_reference(broken)


def test_the_report_says_what_runs(settings: EngineSettings) -> None:
    report = load_model_engine(settings).report
    assert (report.model, report.device, report.precision) == ("tiny", "cpu", "fp32")


def test_the_xray_has_panels_of_one_size(settings: EngineSettings) -> None:
    engine = load_model_engine(settings)
    assert engine.xray(Driving(picture(2, 32))) is None
    engine.set_avatar(Avatar("grey", picture(1, 64)))
    engine.calibrate(Driving(picture(2, 32)))
    view = engine.xray(Driving(picture(3, 32)))
    assert view is not None
    titles = [title for title, _ in view.panels]
    assert titles[-1] == "Result"
    assert len(titles) == len(set(titles)) >= 7
    assert {panel.shape for _, panel in view.panels} == {(256, 256, 3)}
    assert all(panel.std() > 0 for _, panel in view.panels[:4])


def test_a_missing_model_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError):
        load_model_engine(EngineSettings(model=str(tmp_path / "none.safetensors")))


def test_an_idle_graphics_card_is_told_of_where_the_device_was_left_open(
    settings: EngineSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("avatarify.animation.devices.unused_gpu", lambda: "The card is not used.")
    for device, warning in (("auto", "The card is not used."), ("cpu", "")):
        engine = load_model_engine(replace(settings, device=device, backend="reference"))
        assert engine.report.warning == warning
        engine.close()

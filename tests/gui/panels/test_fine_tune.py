"""The sliders for the parts of a face."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from avatarify.geometry.face_gains import FaceGains
from avatarify.gui.panels.fine_tune import FineTune
from avatarify.gui.panels.motion_panel import MotionPanel
from avatarify.session.keeping.settings import MotionControls, Settings


@pytest.fixture
def heard() -> list[FaceGains]:
    return []


@pytest.fixture
def tuning(qtbot: QtBot, heard: list[FaceGains]) -> FineTune:
    tuning = FineTune(heard.append)
    qtbot.addWidget(tuning)
    tuning.resize(280, 300)
    tuning.show()
    return tuning


def test_it_is_folded_until_it_is_wanted(tuning: FineTune) -> None:
    assert not tuning.sliders["mouth"].isVisible()
    assert not tuning.reset.isVisible()
    QTest.keyClick(tuning.fold, Qt.Key.Key_Space)
    assert tuning.sliders["mouth"].isVisible()
    assert tuning.reset.isVisible()


def test_a_slider_changes_its_part_alone(tuning: FineTune, heard: list[FaceGains]) -> None:
    tuning.fold.click()
    QTest.keyClick(tuning.sliders["mouth"], Qt.Key.Key_Right)
    QTest.keyClick(tuning.sliders["gaze"], Qt.Key.Key_PageDown)
    assert heard == [FaceGains(mouth=1.01), FaceGains(mouth=1.01, gaze=0.9)]


def test_reset_brings_all_parts_back(tuning: FineTune, heard: list[FaceGains]) -> None:
    tuning.show_gains(FaceGains(turn=0.2, brows=2.0))
    assert (tuning.sliders["turn"].value(), tuning.sliders["brows"].value()) == (20, 200)
    assert not heard
    tuning.reset.click()
    assert heard == [FaceGains()]
    assert {slider.value() for slider in tuning.sliders.values()} == {100}
    assert not tuning.reset.isEnabled()


def test_every_part_has_a_slider_that_says_what_it_does(tuning: FineTune) -> None:
    assert set(tuning.sliders) == set(FaceGains.__slots__)
    for slider in tuning.sliders.values():
        assert slider.accessibleName()
        assert "100 % as you do" in slider.toolTip()


def test_a_motion_model_switches_them_off_and_says_why(qtbot: QtBot) -> None:
    panel = MotionPanel()
    qtbot.addWidget(panel)
    gains = FaceGains(mouth=0.5)
    panel.show_settings(Settings(motion=MotionControls(gains=gains)))
    panel.show_model("compact")
    assert not panel.fine_tune.sliders["mouth"].isEnabled()
    assert "compact" in panel.fine_tune.reason
    panel.show_model("face")
    assert panel.fine_tune.sliders["mouth"].isEnabled()
    assert not panel.fine_tune.reason
    with qtbot.waitSignal(panel.motion_changed) as signal:
        panel.fine_tune.sliders["eyes"].setValue(150)
    assert signal.args == [MotionControls(gains=FaceGains(mouth=0.5, eyes=1.5))]

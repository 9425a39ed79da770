"""The window says how much to delay the microphone, and keeps a delayed one going."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from avatarify.gui.panels.voice_panel import VoicePanel
from avatarify.gui.window.voice_control import VoiceControl
from avatarify.session.keeping.settings import Settings, VoiceSettings
from avatarify.streaming.statistics import Percentiles, StreamReport

PATIENCE_MS = 30_000


class Microphone:
    """What the delayed microphone's process is told."""

    def __init__(self, delay_ms: int) -> None:
        self.delay_ms, self.level_db = delay_ms, -18.0
        self.is_ready, self.problem = True, ""
        self.is_muted = self.is_closed = False

    def set_delay(self, delay_ms: int) -> None:
        self.delay_ms = delay_ms

    def set_muted(self, is_muted: bool) -> None:
        self.is_muted = is_muted

    def close(self) -> None:
        self.is_closed = True


class Controller:
    """Holds settings, and a latency that the test sets."""

    def __init__(self) -> None:
        self.settings = Settings()
        self.latency_ms: float | None = None

    def set_voice(self, voice: VoiceSettings) -> None:
        self.settings = replace(self.settings, voice=voice)

    def report(self) -> StreamReport | None:
        latency = None if self.latency_ms is None else Percentiles(self.latency_ms, 200.0)
        return StreamReport(10, 300, 290, 0, 7, 30.0, 29.0, latency, 0.1, ())


@pytest.fixture
def controller() -> Controller:
    return Controller()


@pytest.fixture
def made() -> list[Microphone]:
    return []


@pytest.fixture
def panel(qtbot: QtBot) -> VoicePanel:
    panel = VoicePanel()
    qtbot.addWidget(panel)
    panel.show()
    return panel


@pytest.fixture
def control(
    panel: VoicePanel, controller: Controller, made: list[Microphone]
) -> Iterator[Callable[[], VoiceControl]]:
    controls: list[VoiceControl] = []

    def begin(is_possible: bool = True) -> VoiceControl:
        def open_microphone(delay_ms: int) -> Microphone:
            made.append(Microphone(delay_ms))
            return made[-1]

        controls.append(
            VoiceControl(panel, controller, open_microphone, lambda: is_possible)  # type: ignore[arg-type]
        )
        return controls[-1]

    yield begin
    for control in controls:
        control.stop()


def test_the_measured_delay_is_told(
    qtbot: QtBot, panel: VoicePanel, controller: Controller, control: Callable[[], VoiceControl]
) -> None:
    control()
    assert "measured as soon as" in panel.texts[0]
    controller.latency_ms = 137.0
    words = "Delay your microphone by 140 ms, so that voice and mouth agree."
    qtbot.waitUntil(lambda: panel.texts[0] == words, timeout=PATIENCE_MS)
    controller.latency_ms = 31.0
    qtbot.waitUntil(lambda: "needs no delay" in panel.texts[0], timeout=PATIENCE_MS)
    panel.where_button.click()
    assert panel.question is not None
    told = panel.question.informativeText()
    assert all(word in told for word in ("OBS", "Sync Offset", "Discord", "PipeWire"))
    panel.question.close()


def test_it_is_off_until_wanted_follows_the_latency_and_can_be_muted(
    qtbot: QtBot,
    panel: VoicePanel,
    controller: Controller,
    made: list[Microphone],
    control: Callable[[], VoiceControl],
) -> None:
    controller.latency_ms = 137.0
    control()
    assert not made
    panel.switch.click()
    assert controller.settings.voice.delays_microphone
    (microphone,) = made
    qtbot.waitUntil(lambda: microphone.delay_ms == 140, timeout=PATIENCE_MS)
    assert "140 ms later" in panel.texts[1]
    assert panel.level.value() == -18
    controller.latency_ms = 145.0  # too small a change to be worth the jump that is heard
    qtbot.wait(500)
    assert microphone.delay_ms == 140
    controller.latency_ms = 201.0
    qtbot.waitUntil(lambda: microphone.delay_ms == 200, timeout=PATIENCE_MS)
    panel.mute_button.click()
    assert microphone.is_muted
    qtbot.waitUntil(lambda: panel.texts[1].startswith("Muted"), timeout=PATIENCE_MS)
    panel.switch.click()
    assert microphone.is_closed
    assert not controller.settings.voice.delays_microphone


def test_who_wanted_it_finds_it_again_and_hears_why_it_ended(
    qtbot: QtBot,
    panel: VoicePanel,
    controller: Controller,
    made: list[Microphone],
    control: Callable[[], VoiceControl],
) -> None:
    controller.set_voice(VoiceSettings(delays_microphone=True))
    control()
    assert panel.switch.isChecked()
    made[0].problem = "PipeWire does not answer."
    qtbot.waitUntil(lambda: panel.texts[1] == "PipeWire does not answer.", timeout=PATIENCE_MS)
    assert not panel.switch.isChecked()
    assert made[0].is_closed


def test_without_pipewire_only_the_advice_stands(
    panel: VoicePanel, control: Callable[..., VoiceControl]
) -> None:
    control(is_possible=False)
    assert not panel.switch.isVisible()
    assert panel.where_button.isVisible()

"""From no virtual camera to one, for somebody who reads nothing."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QWidget

from avatarify.errors import VirtualCameraError
from avatarify.frames import FrameSink
from avatarify.media.output_remedy import OBS_PAGE, OutputRemedy, RemedyKind
from avatarify.media.pipewire.service import START
from avatarify.media.virtual_outputs import OutputChoice
from avatarify.session.keeping.settings import OutputSettings, Settings, WindowSettings
from avatarify.session.live.listener import Severity, Topic
from avatarify.session.live.parts import LiveParts

COMMAND = OutputRemedy(RemedyKind.COPY, "Copy the command", "sudo modprobe v4l2loopback")
KERNEL = OutputChoice("v4l2loopback", "kernel camera", False, "Run modprobe.", remedy=COMMAND)
PIPEWIRE = OutputChoice("pipewire", "PipeWire camera", False, "Start PipeWire.", remedy=START)
READY = OutputChoice("pipewire", "PipeWire camera", True, "Switch the flag on.", camera="Avatarify")


@pytest.fixture
def parts(parts: LiveParts) -> LiveParts:
    """No virtual camera can be opened, as the back end says it: at length."""

    def refuse(_: OutputSettings) -> FrameSink:
        raise VirtualCameraError("No virtual camera is ready. Install this, run that, or those.")

    return replace(parts, open_virtual_camera=refuse)


@pytest.fixture
def new_user(settings: Settings) -> Settings:
    output = replace(settings.output, target="virtual")
    return replace(settings, output=output, window=WindowSettings())


def buttons(holder: QWidget) -> dict[str, QPushButton]:
    found = (button for button in holder.findChildren(QPushButton) if button.isVisible())
    return {button.text().replace("&", ""): button for button in found}


def offer(desk: Any, outputs: list[OutputChoice], *choices: OutputChoice) -> None:
    outputs[:] = choices
    desk.window.driver.devices.refresh()
    desk.until(desk.window.driver.devices.refresh_button.isEnabled)


def to_last_step(desk: Any) -> Any:
    desk.window.begin()
    guide = desk.window.stage.guide
    guide.next_button.click()
    guide.next_button.click()
    return guide


def test_the_last_step_says_how_the_virtual_camera_is_doing(
    make_desk: Any, new_user: Settings, outputs: list[OutputChoice]
) -> None:
    desk = make_desk(new_user)
    offer(desk, outputs, KERNEL)
    guide = to_last_step(desk)
    assert "no virtual camera yet" in guide._output_words.text()
    desk.until(lambda: desk.window.controller.is_live)
    assert desk.window.banners.texts == ()  # the guide says it
    offer(desk, outputs, READY)
    assert "“Avatarify” is ready" in guide._output_words.text()
    assert "Copy the command" not in buttons(guide)
    assert guide._output_advice.text() == READY.hint


def test_the_banner_is_one_sentence_with_a_button_that_copies_the_command(
    make_desk: Any, new_user: Settings, outputs: list[OutputChoice]
) -> None:
    desk = make_desk(replace(new_user, window=WindowSettings(has_seen_guide=True)))
    offer(desk, outputs, KERNEL)
    desk.window.begin()
    desk.until(lambda: desk.window.banners.texts)
    assert desk.window.banners.texts == (
        "There is no virtual camera yet, so only you see the avatar.",
    )
    QGuiApplication.clipboard().clear()
    buttons(desk.window.banners)["Copy the command"].click()
    assert QGuiApplication.clipboard().text() == COMMAND.value
    assert "Paste it into a terminal" in desk.window.banners.texts[0]


def test_the_page_of_a_missing_program_is_opened(
    make_desk: Any,
    new_user: Settings,
    outputs: list[OutputChoice],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    desk = make_desk(new_user)
    missing = OutputChoice("obs", "OBS", False, camera="OBS Virtual Camera", remedy=OBS_PAGE)
    offer(desk, outputs, missing)
    guide = to_last_step(desk)
    assert "“OBS Virtual Camera”" in guide._words.text()
    assert not opened
    buttons(guide)["Open OBS's page"].click()
    assert "opens in your browser" in guide._output_words.text()
    assert [url.host() for url in opened] == ["obsproject.com"]


def service(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A systemctl that does what the test says, on an otherwise unchanged machine."""
    program = folder / "systemctl"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)
    monkeypatch.setenv("PIPEWIRE_RUNTIME_DIR", str(folder))


@pytest.mark.skipif(os.name == "nt", reason="a shell script stands in for systemd")
def test_pipewire_is_started_at_the_press_of_the_button(
    make_desk: Any,
    new_user: Settings,
    outputs: list[OutputChoice],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    service(tmp_path, f'echo "$@" >{tmp_path}/asked; : >{tmp_path}/pipewire-0', monkeypatch)
    desk = make_desk(new_user)
    offer(desk, outputs, KERNEL, PIPEWIRE)
    guide = to_last_step(desk)
    outputs[:] = [KERNEL, READY]
    buttons(guide)["Start PipeWire"].click()
    desk.until(lambda: "is ready" in guide._output_words.text())
    assert (tmp_path / "asked").read_text() == "--user start pipewire wireplumber\n"


@pytest.mark.skipif(os.name == "nt", reason="a shell script stands in for systemd")
def test_where_pipewire_does_not_start_the_reason_is_told_and_the_other_way_offered(
    make_desk: Any,
    new_user: Settings,
    outputs: list[OutputChoice],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    service(tmp_path, "echo 'Failed to connect to bus' >&2; exit 1", monkeypatch)
    desk = make_desk(new_user)
    offer(desk, outputs, KERNEL, PIPEWIRE)
    guide = to_last_step(desk)
    buttons(guide)["Start PipeWire"].click()
    desk.until(lambda: "Copy the command" in buttons(guide))
    assert "Failed to connect to bus" in guide._output_words.text()


def test_a_camera_that_appears_ends_the_warning_and_is_shown(
    make_desk: Any,
    new_user: Settings,
    outputs: list[OutputChoice],
) -> None:
    desk = make_desk(new_user)
    offer(desk, outputs, KERNEL)
    guide = to_last_step(desk)
    desk.until(lambda: desk.window.notices._output_notice.text)
    outputs[:] = [READY]
    desk.controller.tell(
        Topic.OUTPUT, "", Severity.INFORMATION
    )  # the session opened it at another try
    desk.until(lambda: "is ready" in guide._output_words.text())


def test_a_camera_that_was_switched_off_is_switched_on(make_desk: Any, new_user: Settings) -> None:
    off = replace(new_user.output, target="none")
    desk = make_desk(replace(new_user, output=off))
    guide = to_last_step(desk)
    buttons(guide)["Switch it on"].click()
    assert desk.controller.settings.output.target == "virtual"


def test_the_guide_chooses_the_camera(make_desk: Any, new_user: Settings) -> None:
    desk = make_desk(new_user)
    desk.window.begin()
    guide = desk.window.stage.guide
    guide.next_button.click()
    boxes = guide.findChildren(type(desk.window.driver.devices.cameras))
    (box,) = (box for box in boxes if box.isVisible())
    box.activated.emit(box.findData("screen"))
    assert desk.controller.settings.camera.name == "screen"
    assert box.currentText() == desk.window.driver.devices.cameras.currentText() == "Whole screen"


def test_the_guide_is_gone_through_with_the_return_key(make_desk: Any, new_user: Settings) -> None:
    desk = make_desk(new_user)
    desk.window.begin()
    guide = desk.window.stage.guide
    steps = []
    for _ in range(3):
        assert guide.next_button.hasFocus()
        steps.append(guide.step)
        QTest.keyClick(guide.next_button, Qt.Key.Key_Return)
    assert steps == [0, 1, 2]
    assert not guide.isVisible()


@pytest.mark.parametrize(
    ("backend", "offered"),
    [
        ("v4l2loopback", ["Copy the command"]),
        ("pipewire", []),
        ("of another system", []),
        ("", []),
    ],
)
def test_the_kind_that_was_chosen_is_the_one_that_is_helped_with(
    make_desk: Any,
    new_user: Settings,
    outputs: list[OutputChoice],
    backend: str,
    offered: list[str],
) -> None:
    desk = make_desk(replace(new_user, output=replace(new_user.output, backend=backend)))
    offer(desk, outputs, KERNEL, READY)
    state = desk.window.driver.devices.set_up.state
    assert state.is_ready is not bool(offered)
    assert [remedy.words for remedy in state.remedies] == offered

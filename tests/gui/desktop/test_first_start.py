"""From no virtual camera to one that other programs see, by the guide's buttons alone."""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QPushButton

from avatarify.media import virtual_outputs
from avatarify.media.virtual_outputs import OWN_CAMERA, OutputChoice, available_outputs
from avatarify.session.keeping.settings import Settings, WindowSettings
from tests.linux_session import LinuxSession, missing_packages
from tests.pipewire_session import PIPEWIRE_PACKAGES


class WhatIsThere(list[OutputChoice]):
    """The kinds of virtual camera of this machine, looked at anew each time."""

    def __iter__(self) -> Iterator[OutputChoice]:
        return iter(available_outputs())


@pytest.fixture
def outputs() -> list[OutputChoice]:
    return WhatIsThere()


@pytest.fixture
def linux(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LinuxSession]:
    """A session whose PipeWire does not run yet, and no kernel camera."""
    if missing := missing_packages({**PIPEWIRE_PACKAGES, "pw-dump": "pipewire-bin"}):
        pytest.skip(f"needs the packages {missing}")
    monkeypatch.setattr(virtual_outputs, "list_video_devices", list)
    session = LinuxSession(tmp_path)
    try:
        session.start_bus()
        for name in ("XDG_RUNTIME_DIR", "PIPEWIRE_RUNTIME_DIR"):
            monkeypatch.setenv(name, session.environment[name])
        yield session
    finally:
        session.close()


def cameras(session: LinuxSession) -> list[str]:
    """What other programs find in PipeWire."""
    command = ["pw-dump", "--no-colors"]
    said = subprocess.run(
        command, env=session.environment, capture_output=True, text=True, check=True
    )
    found, _ = json.JSONDecoder().raw_decode(said.stdout)  # a second list may tell of changes
    properties = [(each.get("info") or {}).get("props", {}) for each in found]
    return [
        each.get("node.description", "")
        for each in properties
        if each.get("media.class") == "Video/Source"
    ]


def press(holder: Any, words: str) -> None:
    found = [button for button in holder.findChildren(QPushButton) if button.isVisible()]
    next(button for button in found if words in button.text().replace("&", "")).click()


def test_the_guides_buttons_lead_to_a_camera_that_other_programs_see(
    make_desk: Any, settings: Settings, linux: LinuxSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = "avatarify.gui.panels.output_set_up.start_service"
    monkeypatch.setattr(start, linux.start_pipewire)  # no systemd runs here
    output = replace(settings.output, target="virtual")
    desk = make_desk(replace(settings, output=output, window=WindowSettings()))
    desk.window.begin()
    guide = desk.window.stage.guide
    press(guide, "Next")
    press(guide, "Next")
    desk.until(lambda: "no virtual camera yet" in guide._output_words.text())
    press(guide, "Start PipeWire")
    desk.until(lambda: f"“{OWN_CAMERA}” is ready" in guide._output_words.text())
    desk.until(lambda: any(OWN_CAMERA in name for name in cameras(linux)))
    press(guide, "Done")
    desk.until(lambda: not desk.window.notices._output_notice.text)
    assert desk.window.banners.texts == ()

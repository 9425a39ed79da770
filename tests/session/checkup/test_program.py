"""What `--version` says about the program that runs."""

import hashlib
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from avatarify import shipped
from avatarify.errors import OutputError, VirtualCameraError
from avatarify.media.video_encoder import first_available
from avatarify.media.virtual_camera import VirtualCamera
from avatarify.session.checkup.packages import judge_mediapipe
from avatarify.session.checkup.program import program_lines, program_version
from avatarify.shipped import how_to_install
from avatarify.zoo.store import SHIPPED_FOLDER


def test_version_back_ends_and_hashes_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AVATARIFY_MODELS", str(tmp_path))
    (tmp_path / "my cat.safetensors").write_bytes(b"weights")
    lines = list(program_lines())
    assert re.match(r"avatarify \d+\.\d+\.\d+, (build \w+\+? \()?run from its source", lines[0])
    assert any(re.search(r"^back ends: torch \d.*openvino", line) for line in lines)
    compact = hashlib.sha256((SHIPPED_FOLDER / "compact.safetensors").read_bytes()).hexdigest()
    assert f"model compact: sha256 {compact}" in lines
    own = hashlib.sha256(b"weights").hexdigest()
    assert f"model of the user's: sha256 {own}" in lines
    assert "cat" not in "\n".join(lines)


def test_a_wheel_names_the_commit_that_was_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "build.json").write_text(json.dumps({"commit": "abc1234", "date": "2026-11-28"}))
    monkeypatch.setattr(shipped, "_INSTALLED", tmp_path)
    assert "build abc1234 of 2026-11-28 (wheel)" in next(program_lines())


def test_the_version_is_that_of_the_project() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", program_version())


def test_a_bundle_has_no_pip_to_advise(monkeypatch: pytest.MonkeyPatch) -> None:
    assert how_to_install("numpy").endswith("-m pip install numpy")
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert "pip install numpy" not in how_to_install("numpy")
    for message in _messages_of_what_is_missing(monkeypatch):
        assert "pip install" not in message
        assert "This bundle brings its own packages" in message
    assert next(judge_mediapipe("0.10.40")).advice.startswith("This bundle brings its own packages")


def _messages_of_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setitem(sys.modules, "pyvirtualcam", None)
    with pytest.raises(VirtualCameraError) as no_camera:
        VirtualCamera((64, 64), 30.0, "v4l2loopback")
    yield str(no_camera.value)
    with pytest.raises(OutputError) as no_encoder:
        first_available(())
    yield str(no_encoder.value)

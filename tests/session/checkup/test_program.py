"""What `--version` says about the program that runs."""

import hashlib
import json
import re
import sys
from pathlib import Path

import pytest

from avatarify import shipped
from avatarify.session.checkup.packages import judge_mediapipe
from avatarify.session.checkup.program import how_to_install, program_lines, program_version
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
    assert next(judge_mediapipe("0.10.40")).advice.startswith("This bundle brings its own packages")

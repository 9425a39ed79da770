"""Settings survive restarts, other versions and broken files."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from avatarify.errors import SettingsError
from avatarify.session.keeping.settings import (
    CameraSettings,
    FitMode,
    MotionControls,
    OutputSettings,
    Settings,
    ViewSettings,
    WindowSettings,
)
from avatarify.session.keeping.settings_file import load_settings, save_settings, settings_path


def test_everything_comes_back(tmp_path: Path) -> None:
    settings = Settings(
        avatar="built-in/ada",
        auto_calibration=False,
        tracker="own",
        camera=CameraSettings(name="HD Webcam", fps=25.0, mirror=True),
        motion=MotionControls(gain=1.25, is_relative=False),
        view=ViewSettings(fit=FitMode.FILL, badge=True),
        window=WindowSettings(hotkeys=(("calibrate", "<ctrl>+<f9>"), ("hold", "<ctrl>+<f8>"))),
    )
    save_settings(settings, tmp_path / "deep" / "settings.json")
    assert load_settings(tmp_path / "deep" / "settings.json") == settings


def test_the_folder_can_be_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AVATARIFY_CONFIG", str(tmp_path))
    assert settings_path() == tmp_path / "settings.json"
    save_settings(Settings(avatar="x"))
    assert load_settings().avatar == "x"


def test_no_file_means_defaults(tmp_path: Path) -> None:
    assert load_settings(tmp_path / "none.json") == Settings()


@pytest.mark.parametrize("content", [b"{half", b"\xff\xfe\x00", b"[]", b""])
def test_a_broken_file_is_kept_aside(
    tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(content)
    assert load_settings(path) == Settings()
    assert (tmp_path / "settings.json.broken").read_bytes() == content
    assert "defaults are used" in caplog.text


def test_unknown_keys_and_single_wrong_values_lose_only_themselves(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text(
        json.dumps(
            {
                "avatar": "ada",
                "from_the_future": {"a": 1},
                "auto_calibration": "yes",
                "motion": {"gain": 99, "smoothing": 1},
                "view": {"fit": "stretch", "badge": True},
                "camera": 3,
                "tracker": "best",
            }
        )
    )
    expected = Settings(
        avatar="ada", motion=MotionControls(smoothing=1.0), view=ViewSettings(badge=True)
    )
    assert load_settings(path) == expected


def test_a_failed_write_keeps_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    save_settings(Settings(avatar="old"), path)
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="could not be written"):
        save_settings(Settings(avatar="new"), tmp_path / "file" / "settings.json")
    assert load_settings(path).avatar == "old"
    assert [item.name for item in tmp_path.iterdir() if item.suffix == ".part"] == []


def test_impossible_values_are_refused() -> None:
    with pytest.raises(ValueError, match="gain"):
        MotionControls(gain=3)
    with pytest.raises(ValueError, match="even"):
        OutputSettings(width=641)
    with pytest.raises(ValueError, match="fps"):
        replace(CameraSettings(), fps=0)

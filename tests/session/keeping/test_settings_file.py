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
from tests.odd_names import IMPOSSIBLE, NOT_TEXT


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


NESTED = b'{"camera": ' + b"[" * 200_000 + b"]" * 200_000 + b"}"


@pytest.mark.parametrize(
    "content", [b"{half", b"\xff\xfe\x00", b"[]", b"", NESTED, b" " * 17_000_000, b"1" * 6000]
)
def test_a_broken_file_is_kept_aside(
    tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(content)
    assert load_settings(path) == Settings()
    assert (tmp_path / "settings.json.broken").read_bytes() == content
    assert "defaults are used" in caplog.text


def test_unknown_keys_and_single_wrong_values_lose_only_themselves(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
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
    text = path.read_text()
    assert load_settings(path) == expected
    assert (tmp_path / "settings.json.broken").read_text() == text
    assert "auto_calibration = 'yes'" in caplog.text
    assert "motion.gain = 99" in caplog.text


@pytest.mark.parametrize(
    "content",
    [
        '{"motion": {"gain": 1' + "0" * 400 + "}}",
        '{"motion": {"gain": 1e999}}',
        '{"motion": {"gain": NaN}}',
        '{"camera": {"width": 1' + "0" * 400 + "}}",
        '{"camera": {"width": 640.5, "fps": -1}}',
        '{"camera": {"name": "a\\u0000b"}}',
        '{"output": {"width": 1280, "width": "wide"}}',
        '{"window": {"hotkeys": [["hold"], 3, [1, 2]]}}',
        '{"window": {"hotkeys": [["hold", "<f8>", "<f9>"]]}}',
        '{"tracker": ["auto"]}',
        '{"view": ' + '{"view": ' * 500 + "1" + "}" * 501,
        '{"motion": []}',
    ],
)
def test_whatever_is_ignored_is_kept_as_it_was_and_said(
    tmp_path: Path, content: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "settings.json"
    path.write_text(content)
    assert load_settings(path) == Settings()
    save_settings(Settings(), path)
    assert (tmp_path / "settings.json.broken").read_text() == content
    assert "is ignored" in caplog.text
    assert max(len(record.message) for record in caplog.records) < 1000


def test_an_editors_mark_in_front_is_no_damage(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text('{"avatar": "ada"}', "utf-8-sig")
    assert load_settings(path) == Settings(avatar="ada")
    assert list(tmp_path.iterdir()) == [path]


def test_a_name_that_is_no_text_comes_back(tmp_path: Path) -> None:
    settings = Settings(avatar=f"/home/ada/{NOT_TEXT}.png")
    save_settings(settings, tmp_path / "settings.json")
    assert load_settings(tmp_path / "settings.json") == settings


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_a_folder_that_cannot_be_called_so_holds_no_settings(tmp_path: Path, name: str) -> None:
    path = tmp_path / name / "settings.json"
    assert load_settings(path) == Settings()
    with pytest.raises(SettingsError, match="could not be written"):
        save_settings(Settings(), path)


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

import argparse

import pytest

from avatarify.cli.app import add_arguments, overlaid
from avatarify.errors import SettingsError
from avatarify.media.known_camera import KnownCamera
from avatarify.session.keeping.settings import CameraSettings, Settings, TurnedCamera


def parse(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return parser.parse_args(words)


def test_without_arguments_the_settings_count() -> None:
    settings = Settings(avatar="ada", camera=CameraSettings(name="2"))
    assert overlaid(settings, parse()) == settings


def test_arguments_count_more_than_settings() -> None:
    words = ("--camera", "clip.mp4", "--loop", "--avatar", "bo.png", "--model", "vox-256")
    settings = overlaid(Settings(), parse(*words, "--device", "cpu", "--output", "none"))
    assert (settings.camera.name, settings.camera.loop) == ("clip.mp4", True)
    assert settings.avatar == "bo.png"
    assert (settings.engine.model, settings.engine.device) == ("vox-256", "cpu")
    assert settings.output.target == "none"


def test_another_camera_brings_its_own_turn_and_nothing_of_the_one_before() -> None:
    settings = Settings(
        camera=CameraSettings("doc", known=KnownCamera("by-id/doc"), rotation=90),
        turned=(TurnedCamera("by-id/doc", 90), TurnedCamera("clip.mp4", 270)),
    )
    for words, rotation in ((("--camera", "clip.mp4"), 270), (("--camera", "0"), 0)):
        camera = overlaid(settings, parse(*words)).camera
        assert (camera.name, camera.rotation, camera.known) == (words[1], rotation, KnownCamera())
    assert overlaid(settings, parse("--rotate", "180")).camera.rotation == 180
    with pytest.raises(SettingsError, match="Leave --rotate out"):
        overlaid(settings, parse("--camera", "m.npz", "--rotate", "180"))
    assert overlaid(settings, parse("--camera", "m.npz", "--rotate", "0")).camera.rotation == 0

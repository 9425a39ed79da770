import argparse

from avatarify.cli.app import add_arguments, overlaid
from avatarify.session.keeping.settings import CameraSettings, Settings


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

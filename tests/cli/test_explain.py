"""`avatarify explain` through the real command line."""

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from avatarify import cli
from avatarify.animation.checkpoint import save_model
from avatarify.errors import AvatarifyError
from avatarify.media.image_file import read_image, write_image
from avatarify.session.offline.explain import ExplainSettings, explain
from tests.tiny_models import picture, tiny_model


@pytest.fixture
def arguments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A complete command line with a tiny model, pictures, and no tracker."""
    monkeypatch.setenv("AVATARIFY_MODELS", str(tmp_path))
    save_model(tiny_model("compact"), tmp_path / "tiny.safetensors")
    for seed, name in enumerate(("portrait", "driver")):
        write_image(tmp_path / f"{name}.png", picture(seed, 80))
    return [
        "explain",
        *("--avatar", str(tmp_path / "portrait.png")),
        *("--driving", str(tmp_path / "driver.png")),
        *("--output", str(tmp_path / "explained.png")),
        *("--model", str(tmp_path / "tiny.safetensors")),
        *("--crop", "none"),
    ]


def test_a_picture_explains_another(arguments: list[str], tmp_path: Path) -> None:
    assert cli.main(arguments) == 0
    assert read_image(tmp_path / "explained.png").shape[1] > 1500


def test_a_folder_is_a_clip(arguments: list[str], tmp_path: Path) -> None:
    (tmp_path / "frames").mkdir()
    for seed in range(3):
        write_image(tmp_path / "frames" / f"{seed}.png", picture(seed + 5, 64))
    arguments[4] = str(tmp_path / "frames")
    assert cli.main(arguments) == 0
    assert (tmp_path / "explained.png").is_file()


def test_the_frame_that_moved_most_is_shown(tmp_path: Path) -> None:
    """Two frames like the first one, and one that is not."""
    from avatarify.animation.animator import PortraitAnimator
    from avatarify.animation.torch_engine import TorchEngine

    (tmp_path / "frames").mkdir()
    for index, seed in enumerate((5, 5, 6, 5)):
        write_image(tmp_path / "frames" / f"{index}.png", picture(seed, 64))
    write_image(tmp_path / "portrait.png", picture(1, 64))
    settings = ExplainSettings(
        tmp_path / "portrait.png", tmp_path / "frames", tmp_path / "explained.png", crops=False
    )
    animator = PortraitAnimator(TorchEngine(tiny_model("fomm")))
    assert explain(settings, lambda: animator, None) == 2


@pytest.mark.parametrize(
    ("flag", "name", "message"),
    [
        ("--avatar", "missing.png", "There is no image"),
        ("--driving", "missing.mp4", "There is no video"),
        ("--output", "explained.pdf", "must end in .png"),
        ("--output", "no/folder/explained.png", "explained.png"),
        ("--model", "missing.safetensors", "missing.safetensors"),
    ],
)
def test_problems_are_named(
    arguments: list[str], tmp_path: Path, flag: str, name: str, message: str
) -> None:
    arguments[arguments.index(flag) + 1] = str(tmp_path / name)
    parsed = cli.build_parser("explain").parse_args(arguments)
    with pytest.raises(AvatarifyError, match=re.escape(message)):
        cli.load("explain").run(parsed)


def test_without_a_tracker_the_middle_is_used(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Pillow.fromarray(np.tile(picture(1, 64), (1, 2, 1))).save(tmp_path / "portrait.png")
    assert cli.main([*arguments[:-2], "--crop", "auto", "--tracker", "mediapipe"]) == 0
    assert "face tracker is missing" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_face_is_needed_where_one_is_looked_for(
    arguments: list[str],
    tmp_path: Path,
    shared: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("AVATARIFY_MODELS", str(shared / "models"))
    write_image(tmp_path / "portrait.png", np.full((128, 128, 3), 128, np.uint8))
    assert cli.main([*arguments[:-2], "--crop", "auto"]) == 1
    error = capsys.readouterr().err
    assert error.startswith("avatarify: No face was found")
    assert error.count("\n") == 1
    arguments[2] = str(shared / "stills" / "s3.jpg")
    arguments[4] = str(shared / "clips" / "d3.mp4")
    assert cli.main([*arguments[:-2], "--crop", "auto"]) == 0

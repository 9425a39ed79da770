"""`--face`: a portrait and a clip that show two people each, made of the program's avatars."""

from pathlib import Path

import numpy as np
import pytest

from avatarify import cli
from avatarify.frames import Frame, Image
from avatarify.media.image_file import read_image, write_image
from avatarify.media.motion_file import read_motion
from avatarify.media.video_file import VideoFile
from avatarify.media.video_writer import VideoWriter

AVATARS = Path(__file__).resolve().parents[2] / "assets" / "avatars"


def pair(left: str, right: str) -> Image:
    """Two avatars beside each other, the right one at half the size."""
    picture = np.full((360, 640, 3), 110, np.uint8)
    picture[:, :360] = read_image(AVATARS / f"{left}.png")[::2, 280:1000:2]
    picture[90:270, 440:620] = read_image(AVATARS / f"{right}.png")[::4, 280:1000:4]
    return picture


@pytest.fixture(autouse=True)
def our_tracker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what ships with the program."""
    monkeypatch.setenv("AVATARIFY_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


@pytest.fixture
def portrait(tmp_path: Path) -> Path:
    write_image(tmp_path / "us.png", pair("nia", "leo"))
    return tmp_path / "us.png"


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """The person on the left stands still, the one on the right is seen to move."""
    with VideoWriter(tmp_path / "both.mp4", 10) as writer:
        for index in range(6):
            picture = pair("maya", "omar")
            picture[:, 380:] = np.roll(picture[:, 380:], 5 * index, axis=0)
            writer.write(Frame(picture, index / 10, index))
    return tmp_path / "both.mp4"


def test_it_is_said_who_drives_and_who_moves(
    portrait: Path, clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["animate", "--avatar", str(portrait), "--driving", str(clip), "--output"]
    assert cli.main([*words, str(tmp_path / "out.mp4")]) == 0
    told = capsys.readouterr().err
    assert "us.png shows 2 faces: the larger, the one on the left, is taken." in told
    assert "both.mp4 shows 2 faces: the larger, the one on the left, is taken." in told
    assert "--face left, right" in told


@pytest.mark.parametrize(("choice", "moves"), [("left", False), ("right", True), ("2", True)])
def test_the_chosen_one_drives(clip: Path, tmp_path: Path, choice: str, moves: bool) -> None:
    motion = tmp_path / "motion.npz"
    assert cli.main(["track", str(clip), "--output", str(motion), "--face", choice]) == 0
    points = read_motion(motion).landmarks[..., :2]
    assert bool(points[0, :, 0].mean() > 380) is moves
    assert bool(np.ptp(points[:, 4, 1]) > 15) is moves


def test_the_chosen_one_moves(portrait: Path, clip: Path, tmp_path: Path) -> None:
    words = ["animate", "--avatar", str(portrait), "--driving", str(clip), "--face", "right"]
    for name, more in (("both", []), ("apart", ["--avatar-face", "left"])):
        assert cli.main([*words, *more, "--output", str(tmp_path / f"{name}-out.mp4")]) == 0
    for name, is_right in (("both", True), ("apart", False)):
        with VideoFile(tmp_path / f"{name}-out.mp4") as video:
            frames = [frame.image for frame in iter(video.read, None)]
        middle = frames[0].shape[1] // 2  # the picture is cut around the face that moves
        left, right = change(frames, slice(0, middle)), change(frames, slice(middle, None))
        assert bool(right > 3 * left) is is_right
        assert bool(left > 3 * right) is not is_right


def change(frames: list[Image], columns: slice) -> float:
    return float(np.abs(frames[-1][:, columns].astype(int) - frames[0][:, columns]).mean())


@pytest.mark.parametrize("command", ["animate", "explain"])
def test_a_number_that_nobody_has_is_told(
    clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    avatar, output = str(AVATARS / "maya.png"), str(tmp_path / "out.png")
    if command == "animate":
        output = str(tmp_path / "out.mp4")
    words = [command, "--avatar", avatar, "--driving", str(clip), "--output", output]
    assert cli.main([*words, "--face", "3"]) == 1
    assert "both.mp4 shows 2 faces and none of number 3" in capsys.readouterr().err


def test_another_word_is_wrong_usage(
    portrait: Path, clip: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["animate", "--avatar", str(portrait), "--driving", str(clip), "--output", "out.mp4"]
    assert cli.main([*words, "--face", "middle"]) == cli.WRONG_USAGE
    assert "left, right, or a number from 1" in capsys.readouterr().err

"""`avatarify animate` by the face engine: saved motion in, pictures of a built-in avatar out."""

import shutil
from pathlib import Path

import av
import numpy as np
import pytest

from avatarify import cli
from avatarify.animation.face.scenery import GREEN
from avatarify.animation.face.shipped_painters import shipped_painters
from avatarify.frames import Image
from avatarify.media.image_file import read_image, write_image
from avatarify.media.motion_file import write_motion
from avatarify.media.video_file import VideoFile
from avatarify.zoo.store import SHIPPED_FOLDER
from tests.drivers import landmarks_of, made_motion, write_small_portrait


@pytest.fixture(autouse=True)
def no_installed_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither tracker nor motion model."""
    monkeypatch.setenv("AVATARIFY_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr("avatarify.zoo.store.SHIPPED_FOLDER", tmp_path / "repository")


@pytest.fixture
def motion(tmp_path: Path) -> Path:
    write_motion(tmp_path / "motion.npz", made_motion(4))
    return tmp_path / "motion.npz"


@pytest.fixture(autouse=True)
def maya(tmp_path: Path) -> Path:
    """A built-in avatar at half its size."""
    return write_small_portrait(tmp_path / "maya.png")


def animate(motion: Path, output: str, *more: str, avatar: str = "maya.png") -> int:
    """Animate a picture that lies beside the motion."""
    portrait = str(motion.with_name(avatar))
    words = ["animate", "--avatar", portrait, "--driving", str(motion), "--output", output]
    return cli.main([*words, *more])


def pictures(folder: Path) -> list[Image]:
    return [read_image(path) for path in sorted(folder.iterdir())]


def face(picture: Image) -> Image:
    x, y = np.round(landmarks_of("maya")[4, :2] / 2).astype(int)
    return picture[y - 30 : y + 30, x - 30 : x + 30]


def change(first: Image, second: Image) -> float:
    return float(np.abs(first.astype(int) - second).mean())


def test_saved_motion_needs_neither_tracker_nor_model(motion: Path, tmp_path: Path) -> None:
    assert animate(motion, str(tmp_path / "out.mp4")) == 0
    with VideoFile(tmp_path / "out.mp4") as video:
        frames = [frame.image for frame in iter(video.read, None)]
    assert len(frames) == 4
    assert frames[0].shape == (360, 640, 3)
    assert change(face(frames[0]), face(frames[3])) > 3


def test_saved_motion_is_upright_already(
    motion: Path, maya: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    commands = (
        ["animate", "--avatar", str(maya), "--driving", str(motion), "--output", "out.mp4"],
        ["explain", "--avatar", str(maya), "--driving", str(motion), "--output", "out.png"],
        ["run", "--avatar", str(maya), "--camera", str(motion), "--output", "none"],
    )
    for command in commands:
        assert cli.main([*command, "--rotate", "90"]) == 1
        assert "Leave --rotate out" in capsys.readouterr().err


def test_a_painter_corrects_the_mouth_where_it_is_asked_for(motion: Path, tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    shutil.copy(SHIPPED_FOLDER / "face.safetensors", tmp_path / "models")
    shipped_painters.cache_clear()
    try:
        assert animate(motion, f"{tmp_path}/plain/") == 0
        assert animate(motion, f"{tmp_path}/painted/", "--painter") == 0
    finally:
        shipped_painters.cache_clear()
    plain, painted = pictures(tmp_path / "plain"), pictures(tmp_path / "painted")
    assert change(plain[3], painted[3]) > 0
    np.testing.assert_array_equal(plain[3][:100], painted[3][:100])  # far above the mouth


@pytest.mark.parametrize(
    ("background", "colour"), [("green", GREEN), ("#204060", (0x20, 0x40, 0x60))]
)
def test_a_colour_stands_behind(
    motion: Path, tmp_path: Path, background: str, colour: tuple[int, int, int]
) -> None:
    assert animate(motion, f"{tmp_path}/out/", "--background", background) == 0
    for picture in pictures(tmp_path / "out"):
        assert (picture[:30, :30] == colour).all()
        assert (picture[:30, -30:] == colour).all()
        assert np.abs(face(picture).mean(axis=(0, 1)) - colour).max() > 30


def test_a_picture_stands_behind(motion: Path, tmp_path: Path) -> None:
    write_image(tmp_path / "wall.png", np.full((90, 160, 3), (12, 34, 56), np.uint8))
    wall = str(tmp_path / "wall.png")
    assert animate(motion, f"{tmp_path}/out/", "--background", wall) == 0
    assert (pictures(tmp_path / "out")[0][:30, :30] == (12, 34, 56)).all()


def test_an_unknown_background_is_told(
    motion: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert animate(motion, f"{tmp_path}/out/", "--background", "beach") == 1
    assert "There is no background beach" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_transparent_pngs_have_alpha(motion: Path, tmp_path: Path) -> None:
    from PIL import Image as Pillow

    assert animate(motion, f"{tmp_path}/out/", "--background", "transparent") == 0
    with Pillow.open(sorted((tmp_path / "out").iterdir())[-1]) as picture:
        assert picture.mode == "RGBA"
        alpha = np.array(picture)[..., 3]
    assert (face(alpha) == 255).mean() > 0.99
    assert (alpha[:30, :30] == 0).all()


def test_a_transparent_webm_has_alpha(motion: Path, tmp_path: Path) -> None:
    assert animate(motion, str(tmp_path / "out.webm"), "--background", "transparent") == 0
    decoder = av.CodecContext.create("libvpx-vp9", "r")
    with av.open(str(tmp_path / "out.webm")) as container:
        packets = list(container.demux(container.streams.video[0]))
    frames = [frame for packet in packets for frame in decoder.decode(packet)]
    assert len(frames) == 4
    alpha = frames[-1].to_ndarray(format="rgba").astype(np.uint8)[..., 3]
    assert face(alpha).min() > 240
    assert alpha[:30, :30].max() < 10


@pytest.mark.parametrize("more", [(), ("--side-by-side",)])
def test_what_cannot_be_transparent_is_refused_in_words(
    motion: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], more: tuple[str, ...]
) -> None:
    output = tmp_path / ("out.webm" if more else "out.mp4")
    assert animate(motion, str(output), "--background", "transparent", *more) == 1
    told = capsys.readouterr().err
    assert "cannot be transparent" in told
    assert ".webm" in told
    assert not output.exists()


def test_gains_of_nothing_leave_the_portrait_still(motion: Path, tmp_path: Path) -> None:
    parts = ("turn", "shift", "mouth", "eyes", "brows", "gaze")
    still = [word for part in parts for word in (f"--gain-{part}", "0")]
    assert animate(motion, f"{tmp_path}/still/", *still) == 0
    assert animate(motion, f"{tmp_path}/whole/") == 0
    changes = {}
    for name in ("still", "whole"):
        first, *_, last = pictures(tmp_path / name)
        changes[name] = change(face(first), face(last))
    assert changes["still"] < 0.1
    assert changes["whole"] > 3


@pytest.mark.parametrize("gain", ["-0.1", "2.1", "much"])
def test_impossible_gains_are_wrong_usage(motion: Path, tmp_path: Path, gain: str) -> None:
    assert animate(motion, f"{tmp_path}/out/", "--gain-mouth", gain) == cli.WRONG_USAGE


def test_a_picture_without_a_face_is_told(
    motion: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_image(tmp_path / "wall.png", np.full((90, 160, 3), 90, np.uint8))
    assert animate(motion, f"{tmp_path}/out/", avatar="wall.png") == 1
    assert "No human face is known" in capsys.readouterr().err

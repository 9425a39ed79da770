"""`avatarify animate` through the command line: what it makes, and what it says when it cannot."""

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image as Pillow

from avatarify import cli
from avatarify.animation.portable_file import save_model
from avatarify.frames import Frame, Image
from avatarify.media.image_file import read_image, write_image
from avatarify.media.image_folder import ImageFolder
from avatarify.media.video_file import VideoFile
from avatarify.media.video_writer import VideoWriter
from tests.full_disk import file_size_limit
from tests.published_checkpoint import golden, write_checkpoint
from tests.tiny_models import tiny_model

ROOT = Path(__file__).resolve().parents[2]
SIDE = 32
LONG = 800
"""Frames of a clip that is stopped on the way."""

PROGRESS = re.compile(r"frames(/s)?\]")
"""Ends a line of progress: a rate, or seconds for each frame on a slow machine."""


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole first-order model with random weights and few channels."""
    path = tmp_path_factory.mktemp("model") / "tiny.safetensors"
    save_model(tiny_model("fomm"), path)
    return path


@pytest.fixture(autouse=True)
def no_installed_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither what this machine has installed nor the repository's models count."""
    monkeypatch.setenv("AVATARIFY_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr("avatarify.zoo.store.SHIPPED_FOLDER", tmp_path / "repository")


@pytest.fixture
def shared_with_tracker(tmp_path: Path, shared: Path) -> Path:
    """The shared folder, and the face tracker installed."""
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "face_landmarker.task").symlink_to(
        shared / "models" / "face_landmarker.task"
    )
    return shared


@pytest.fixture
def avatar(tmp_path: Path) -> Path:
    write_image(tmp_path / "avatar.png", _picture(0))
    return tmp_path / "avatar.png"


@pytest.fixture
def driving(tmp_path: Path) -> Path:
    return _make_video(tmp_path / "driving.mp4", [index / 25 for index in range(5)])


def _picture(index: int, height: int = 48, width: int = 64) -> Image:
    return np.random.default_rng(index).integers(0, 255, (height, width, 3), np.uint8)


def _make_video(path: Path, times_s: list[float], fps: float = 25) -> Path:
    with VideoWriter(path, fps) as writer:
        for index, time_s in enumerate(times_s):
            writer.write(Frame(_picture(index), time_s, index))
    return path


def _animate(avatar: Path, driving: Path, output: object, model: Path, *more: str) -> int:
    arguments = ["animate", "--avatar", str(avatar), "--driving", str(driving)]
    arguments += ["--output", str(output), "--model", str(model)]
    return cli.main([*arguments, "--crop", "none", "--reference", "0", *more])


def _frames(path: Path) -> list[Frame]:
    with VideoFile(path) as video:
        return list(iter(video.read, None))


def _problem(capsys: pytest.CaptureFixture[str]) -> str:
    """The one line that the user sees."""
    lines = [
        line.rpartition("\r")[2]
        for line in capsys.readouterr().err.splitlines()
        if line and not PROGRESS.search(line)
    ]
    assert len(lines) == 1, lines
    assert "Traceback" not in lines[0]
    assert lines[0].startswith("avatarify: ")
    return lines[0]


def test_a_video_comes_out_as_long_and_as_fast_as_it_went_in(
    tmp_path: Path, avatar: Path, driving: Path, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _animate(avatar, driving, tmp_path / "out.mp4", model) == 0
    with VideoFile(tmp_path / "out.mp4") as video:
        assert video.fps == 25
        assert video.size == (SIDE, SIDE)
    assert len(_frames(tmp_path / "out.mp4")) == 5
    said = capsys.readouterr()
    assert said.out == f"Wrote {tmp_path / 'out.mp4'} (5 frames).\n"
    assert "Animating: 100%" in said.err
    assert "frames/s" in said.err


def test_a_folder_comes_out_as_numbered_lossless_pictures(
    tmp_path: Path, avatar: Path, model: Path
) -> None:
    (tmp_path / "in").mkdir()
    for index in range(11):
        write_image(tmp_path / "in" / f"{index}.png", _picture(index))
    assert _animate(avatar, tmp_path / "in", f"{tmp_path}/out/", model) == 0
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == [f"{index:06d}.png" for index in range(11)]


def test_pictures_are_what_the_model_paints(tmp_path: Path, avatar: Path, model: Path) -> None:
    from avatarify.animation.animator import PortraitAnimator
    from avatarify.animation.checkpoint import load_model
    from avatarify.animation.torch_engine import TorchEngine

    (tmp_path / "in").mkdir()
    for index in range(3):
        write_image(tmp_path / "in" / f"{index}.png", _picture(index + 10))

    def small(image: Image) -> Image:
        resized = cv2.resize(image, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
        return resized.astype(np.uint8)

    animator = PortraitAnimator(TorchEngine(load_model(model)))
    animator.set_source(small(read_image(avatar)))
    animator.calibrate(small(_picture(11)))
    expected = [animator.animate(small(_picture(index + 10))) for index in range(3)]
    arguments = ("--reference", "1", "--device", "cpu", "--backend", "reference")
    assert _animate(avatar, tmp_path / "in", tmp_path / "out", model, *arguments) == 0
    with ImageFolder(tmp_path / "out") as folder:
        for image, frame in zip(expected, iter(folder.read, None), strict=True):
            np.testing.assert_array_equal(frame.image, image)


def test_motion_and_scale_reach_the_model(tmp_path: Path, avatar: Path, model: Path) -> None:
    (tmp_path / "in").mkdir()
    for index in range(2):
        write_image(tmp_path / "in" / f"{index}.png", _picture(index + 10))
    results: list[Image] = []
    for more in ((), ("--motion", "absolute"), ("--scale", "none")):
        out = tmp_path / f"out{len(results)}"
        assert _animate(avatar, tmp_path / "in", out, model, *more) == 0
        results.append(read_image(out / "000001.png"))
    assert not np.array_equal(results[0], results[1])
    assert not np.array_equal(results[0], results[2])


def test_a_varying_frame_rate_is_kept(tmp_path: Path, avatar: Path, model: Path) -> None:
    times_s = [0, 0.1, 0.11, 0.5, 0.52, 1.7]
    driving = _make_video(tmp_path / "in.mp4", times_s)
    assert _animate(avatar, driving, tmp_path / "out.mp4", model) == 0
    written = [frame.time_s for frame in _frames(tmp_path / "out.mp4")]
    assert written == pytest.approx(times_s, abs=5e-5)


def test_another_frame_rate_keeps_all_frames(
    tmp_path: Path, avatar: Path, driving: Path, model: Path
) -> None:
    assert _animate(avatar, driving, tmp_path / "out.mp4", model, "--fps", "10") == 0
    times_s = [frame.time_s for frame in _frames(tmp_path / "out.mp4")]
    assert times_s == pytest.approx([0, 0.1, 0.2, 0.3, 0.4], abs=1e-4)


def test_size_and_side_by_side(tmp_path: Path, avatar: Path, driving: Path, model: Path) -> None:
    more = ("--size", "48", "--side-by-side")
    assert _animate(avatar, driving, tmp_path / "out.mp4", model, *more) == 0
    with VideoFile(tmp_path / "out.mp4") as video:
        assert video.size == (48, 3 * 48)


def test_sound_is_kept(tmp_path: Path, shared: Path, avatar: Path, model: Path) -> None:
    clip = shared / "clips" / "grid_bbaf2n.mpg"
    assert _animate(avatar, clip, tmp_path / "out.mp4", model) == 0
    with VideoFile(tmp_path / "out.mp4") as video:
        assert video.has_sound
        assert len(list(iter(video.read, None))) == 75


def test_sound_that_would_not_fit_is_left_out_and_said(
    tmp_path: Path,
    shared: Path,
    avatar: Path,
    model: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    clip = shared / "clips" / "grid_bbaf2n.mpg"
    assert _animate(avatar, clip, tmp_path / "out.mp4", model, "--fps", "12.5") == 0
    assert "The sound is left out: at 12.5 frames per second" in capsys.readouterr().err
    with VideoFile(tmp_path / "out.mp4") as video:
        assert not video.has_sound


@pytest.fixture(scope="session")
def long_driving(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("long")
    return _make_video(folder / "in.mp4", [index / 25 for index in range(LONG)])


@pytest.mark.parametrize(
    "kind", [signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)]
)
def test_a_stopped_run_leaves_a_playable_file(
    tmp_path: Path, avatar: Path, long_driving: Path, model: Path, kind: signal.Signals
) -> None:
    output = tmp_path / "out.mp4"
    arguments = ["animate", "--avatar", avatar, "--driving", long_driving, "--output", output]
    arguments += ["--model", model, "--crop", "none", "--reference", "0"]
    code = "import sys; from avatarify.cli import main; sys.exit(main())"
    child = subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
    )
    while child.poll() is None and not output.exists():
        time.sleep(0.02)
    child.send_signal(kind)
    _, said = child.communicate()
    assert child.returncode == 130, said
    count = len(_frames(output))
    assert 1 <= count < LONG
    assert said.splitlines()[-1] == f"Stopped. {output} holds {count} frames."
    assert "Traceback" not in said


@pytest.mark.parametrize("was_there", [True, False])
def test_a_run_stopped_before_its_first_frame_changes_nothing(
    tmp_path: Path, shared_with_tracker: Path, model: Path, was_there: bool
) -> None:
    output = tmp_path / "made" / "out.mp4"
    output.parent.mkdir()
    before = _make_video(output, [0.0, 0.1]).read_bytes() if was_there else None
    arguments = ["animate", "--avatar", shared_with_tracker / "stills" / "s3.jpg"]
    arguments += ["--driving", shared_with_tracker / "clips" / "clm_franck.mp4"]  # 4800 frames
    arguments += ["--model", model, "--output", output]
    code = "import sys; from avatarify.cli import main; sys.exit(main())"
    child = subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        bufsize=0,
    )
    assert child.stderr is not None
    said = b""
    while b"Finding the face" not in said and child.poll() is None:
        said += child.stderr.read(64) or b""
    child.send_signal(signal.SIGTERM)
    _, rest = child.communicate()
    assert child.returncode == 130, rest
    assert rest.decode().splitlines()[-1] == "Stopped. Nothing was written."
    assert list(output.parent.iterdir()) == ([output] if was_there else [])
    if was_there:
        assert output.read_bytes() == before


def test_the_face_is_cut_and_the_reference_is_found(
    tmp_path: Path, shared_with_tracker: Path, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["animate", "--avatar", str(shared_with_tracker / "stills" / "s3.jpg")]
    arguments += [
        "--driving",
        str(shared_with_tracker / "clips" / "grid_bbaf2n.mpg"),
        "--side-by-side",
    ]
    arguments += ["--output", f"{tmp_path}/out/", "--model", str(model), "--size", "128"]
    assert cli.main(arguments) == 0
    assert "Finding the face" in capsys.readouterr().err
    with ImageFolder(tmp_path / "out") as folder:
        frames = list(iter(folder.read, None))
    assert len(frames) == 75
    portraits = np.stack([frame.image[:, :128] for frame in frames])
    assert (portraits == portraits[0]).all()


def test_without_a_tracker_a_fixed_crop_is_used_and_said(
    tmp_path: Path,
    avatar: Path,
    driving: Path,
    model: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    arguments = ["animate", "--avatar", str(avatar), "--driving", str(driving)]
    arguments += ["--output", f"{tmp_path}/out.mp4", "--model", str(model)]
    assert cli.main(arguments) == 0
    said = capsys.readouterr().err
    assert "The face tracker is missing, so a fixed square in the middle is used" in said
    assert "avatarify models pull face-landmarker" in said
    assert len(_frames(tmp_path / "out.mp4")) == 5


# Accepted inputs


def _save_16_bit(path: Path) -> None:
    Pillow.fromarray(np.full((20, 20), 40000, np.uint16)).save(path)


def _save_grey(path: Path) -> None:
    Pillow.new("L", (20, 20), 90).save(path)


def _save_alpha(path: Path) -> None:
    Pillow.new("RGBA", (20, 20), (200, 10, 10, 128)).save(path)


def _save_rotated(path: Path) -> None:
    exif = Pillow.Exif()
    exif[0x0112] = 6
    Pillow.new("RGB", (30, 20)).save(path, exif=exif)


@pytest.mark.parametrize("save", [_save_16_bit, _save_grey, _save_alpha, _save_rotated])
def test_every_kind_of_image_is_accepted(
    tmp_path: Path, driving: Path, model: Path, save: Callable[[Path], None]
) -> None:
    save(tmp_path / "portrait.png")
    assert _animate(tmp_path / "portrait.png", driving, tmp_path / "out.mp4", model) == 0


# Refused inputs: exit code 1, one line, nothing left behind


def test_a_corrupt_image(
    tmp_path: Path, avatar: Path, driving: Path, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    avatar.write_bytes(avatar.read_bytes()[:-500])
    assert _animate(avatar, driving, tmp_path / "out.mp4", model) == 1
    assert "avatar.png is damaged or cut off" in _problem(capsys)
    assert not (tmp_path / "out.mp4").exists()


def test_a_missing_image(
    tmp_path: Path, driving: Path, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _animate(tmp_path / "nobody.png", driving, tmp_path / "out.mp4", model) == 1
    assert "There is no image" in _problem(capsys)


def test_an_image_of_30000_by_30000(
    tmp_path: Path, driving: Path, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Pillow.new("1", (30_000, 30_000)).save(tmp_path / "huge.png", compress_level=1)
    assert _animate(tmp_path / "huge.png", driving, tmp_path / "out.mp4", model) == 1
    assert "huge.png is too large" in _problem(capsys)


def test_a_video_without_frames(
    tmp_path: Path, avatar: Path, driving: Path, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = driving.read_bytes()
    start, end = content.index(b"mdat") + 4, content.rindex(b"moov") - 4
    driving.write_bytes(content[:start] + bytes(end - start) + content[end:])
    assert _animate(avatar, driving, tmp_path / "out.mp4", model) == 1
    assert "holds no whole frame" in _problem(capsys)
    assert not (tmp_path / "out.mp4").exists()


def test_a_file_that_is_no_video(
    tmp_path: Path, avatar: Path, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "in.mp4").write_text("<html>not found</html>")
    assert _animate(avatar, tmp_path / "in.mp4", tmp_path / "out.mp4", model) == 1
    assert "is not a video" in _problem(capsys)


def test_an_empty_folder(
    tmp_path: Path, avatar: Path, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "in").mkdir()
    assert _animate(avatar, tmp_path / "in", tmp_path / "out", model) == 1
    assert "holds no images" in _problem(capsys)


def test_a_broken_image_in_the_middle_of_a_folder_keeps_what_was_made(
    tmp_path: Path, avatar: Path, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "in").mkdir()
    for index in range(4):
        write_image(tmp_path / "in" / f"{index}.png", _picture(index))
    broken = tmp_path / "in" / "2.png"
    broken.write_bytes(broken.read_bytes()[:-500])
    assert _animate(avatar, tmp_path / "in", tmp_path / "out.mp4", model) == 1
    assert "2.png is damaged" in _problem(capsys)
    assert len(_frames(tmp_path / "out.mp4")) == 2


def test_no_face_in_the_avatar(
    tmp_path: Path,
    shared_with_tracker: Path,
    avatar: Path,
    model: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    arguments = ["animate", "--avatar", str(avatar), "--model", str(model)]
    arguments += ["--driving", str(shared_with_tracker / "clips" / "grid_bbaf2n.mpg")]
    assert cli.main([*arguments, "--output", f"{tmp_path}/out.mp4"]) == 1
    assert "No face was found in" in _problem(capsys)
    assert not (tmp_path / "out.mp4").exists()


def test_no_face_in_the_clip(
    tmp_path: Path,
    shared_with_tracker: Path,
    driving: Path,
    model: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    arguments = [
        "animate",
        "--avatar",
        str(shared_with_tracker / "stills" / "s3.jpg"),
        "--model",
        str(model),
    ]
    arguments += ["--driving", str(driving)]
    assert cli.main([*arguments, "--output", f"{tmp_path}/out.mp4"]) == 1
    assert "(5 frames)" in _problem(capsys)
    assert not (tmp_path / "out.mp4").exists()


def test_an_output_in_a_missing_folder(
    tmp_path: Path, avatar: Path, driving: Path, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _animate(avatar, driving, tmp_path / "missing" / "out.mp4", model) == 1
    assert "missing does not exist" in _problem(capsys)


def test_an_output_of_another_kind(
    tmp_path: Path, avatar: Path, driving: Path, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _animate(avatar, driving, tmp_path / "out.avi", model) == 1
    assert "End the output in .mp4, in .webm" in _problem(capsys)


def test_an_output_that_is_also_the_input(
    avatar: Path, driving: Path, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _animate(avatar, driving, driving, model) == 1
    assert "also what is read" in _problem(capsys)
    assert len(_frames(driving)) == 5


def test_a_full_disk(
    tmp_path: Path,
    avatar: Path,
    model: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    driving = _make_video(tmp_path / "in.mp4", [index / 25 for index in range(100)])
    assert _animate(avatar, driving, tmp_path / "whole.mp4", model, "--size", "64") == 0
    capsys.readouterr()
    with file_size_limit((tmp_path / "whole.mp4").stat().st_size // 2):
        assert _animate(avatar, driving, tmp_path / "out.mp4", model, "--size", "64") == 1
    assert "The disk is full" in _problem(capsys)
    assert 25 <= len(_frames(tmp_path / "out.mp4")) < 100


def test_no_model_at_all(
    tmp_path: Path, avatar: Path, driving: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["animate", "--avatar", str(avatar), "--driving", str(driving)]
    assert cli.main([*arguments, "--output", f"{tmp_path}/out.mp4"]) == 1
    assert "The model compact comes with the program, but" in _problem(capsys)


def test_a_model_that_is_not_there(
    tmp_path: Path, avatar: Path, driving: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _animate(avatar, driving, tmp_path / "out.mp4", tmp_path / "missing.pth.tar") == 1
    assert "missing.pth.tar" in _problem(capsys)


def test_the_default_model_is_used_where_it_is(
    tmp_path: Path, avatar: Path, driving: Path, model: Path
) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "compact.safetensors").symlink_to(model)
    arguments = ["animate", "--avatar", str(avatar), "--driving", str(driving)]
    assert cli.main([*arguments, "--output", f"{tmp_path}/out.mp4"]) == 0


def test_a_reference_behind_the_end(
    tmp_path: Path, avatar: Path, driving: Path, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _animate(avatar, driving, tmp_path / "out.mp4", model, "--reference", "7") == 1
    assert "There is no frame 7" in _problem(capsys)


@pytest.mark.parametrize(
    "wrong",
    [
        ["--reference", "-1"],
        ["--reference", "best"],
        ["--size", "3"],
        ["--fps", "0"],
        ["--motion", "none"],
        ["--device", "tpu"],
    ],
)
def test_wrong_usage(
    tmp_path: Path, avatar: Path, driving: Path, model: Path, wrong: list[str]
) -> None:
    assert _animate(avatar, driving, tmp_path / "out.mp4", model, *wrong) == 2


@pytest.mark.parametrize(
    ("name", "motions"),
    [
        ("fomm-small", {"relative": "000001.png", "absolute": "000002.png"}),
        # Ten seconds to compile for each, and the networks know nothing of the other motion.
        pytest.param("fomm-vox", {"relative": "000001.png"}, marks=pytest.mark.slow),
    ],
    ids=["fomm-small", "fomm-vox"],
)
def test_pictures_equal_the_published_implementations(
    tmp_path: Path, shared: Path, name: str, motions: dict[str, str]
) -> None:
    """Parity from one end to the other: pictures and checkpoint in, PNGs out."""
    checkpoint = write_checkpoint(shared, name, tmp_path)
    frames = shared / "golden" / "frames"
    (tmp_path / "in").mkdir()
    for index in range(3):
        (tmp_path / "in" / f"{index}.png").symlink_to(frames / f"driving_{index}.png")
    for motion, picture in motions.items():
        out = tmp_path / motion
        more = ("--device", "cpu", "--motion", motion)
        assert _animate(frames / "source.png", tmp_path / "in", out, checkpoint, *more) == 0
        expected = golden(shared, name)[f"{motion}.prediction"][0].transpose(1, 2, 0)
        rounding = 0.5 / 255
        assert np.abs(read_image(out / picture) / 255 - expected).max() <= rounding + 1e-3

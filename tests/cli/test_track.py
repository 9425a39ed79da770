"""`avatarify track` through the command line, with the real tracker."""

import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from avatarify import cli
from avatarify.frames import Frame
from avatarify.media.image_file import read_image, write_image
from avatarify.media.motion_file import read_motion
from avatarify.media.video_file import VideoFile
from avatarify.media.video_writer import VideoWriter
from avatarify.tracking.landmarker import FaceLandmarker, LandmarkerMode
from tests.full_disk import file_size_limit

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def no_installed_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AVATARIFY_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr("avatarify.zoo.store.SHIPPED_FOLDER", tmp_path / "repository")


@pytest.fixture
def tracker(shared: Path) -> Path:
    return shared / "models" / "face_landmarker.task"


@pytest.fixture
def clip(tmp_path: Path, shared: Path) -> Path:
    """Twelve frames of a face."""
    with (
        VideoFile(shared / "clips" / "pyfeat_single.mp4") as source,
        VideoWriter(tmp_path / "clip.mp4", source.fps) as writer,
    ):
        for _ in range(12):
            frame = source.read()
            assert frame is not None
            writer.write(frame)
    return tmp_path / "clip.mp4"


def _track(driving: Path, output: Path, *more: object) -> int:
    return cli.main(["track", str(driving), "--output", str(output), *map(str, more)])


def _problem(capsys: pytest.CaptureFixture[str]) -> str:
    last = capsys.readouterr().err.splitlines()[-1].rpartition("\r")[2]
    assert last.startswith("avatarify: ")
    return last


def test_the_file_holds_what_the_tracker_sees(
    tmp_path: Path, clip: Path, tracker: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "motion.npz"
    assert _track(clip, output, "--tracker", tracker) == 0
    said = capsys.readouterr()
    assert said.out == f"Wrote {output} (12 frames, a face in 12 of them).\n"
    assert "Finding the face: 100%" in said.err
    motion = read_motion(output)
    assert motion.size == (360, 640)
    with VideoFile(clip) as video, FaceLandmarker(tracker, LandmarkerMode.VIDEO) as landmarker:
        for index, frame in enumerate(iter(video.read, None)):
            face = landmarker.find(frame.image, frame.time_s)
            assert face is not None
            assert motion.times_s[index] == frame.time_s
            np.testing.assert_allclose(motion.landmarks[index], face.landmarks, atol=1e-3)
            np.testing.assert_allclose(motion.blendshapes[index], face.blendshapes, atol=1e-4)


def test_a_clip_that_lies_is_turned_as_the_user_says(
    tmp_path: Path, clip: Path, tracker: Path
) -> None:
    with VideoFile(clip) as source, VideoWriter(tmp_path / "lying.mp4", source.fps) as writer:
        for frame in iter(source.read, None):
            writer.write(replace(frame, image=np.ascontiguousarray(np.rot90(frame.image))))
    words = ("--tracker", tracker)
    assert _track(clip, tmp_path / "upright.npz", *words) == 0
    assert _track(tmp_path / "lying.mp4", tmp_path / "turned.npz", *words, "--rotate", 90) == 0
    upright, turned = (read_motion(tmp_path / f"{name}.npz") for name in ("upright", "turned"))
    assert turned.size == upright.size
    assert turned.has_face.all()  # from the first frame on: nothing had to be guessed
    np.testing.assert_allclose(turned.landmarks, upright.landmarks, atol=6.0)


def test_a_folder_plays_at_the_wished_rate(tmp_path: Path, clip: Path, tracker: Path) -> None:
    (tmp_path / "in").mkdir()
    with VideoFile(clip) as video:
        for frame in (video.read() for _ in range(3)):
            assert frame is not None
            write_image(tmp_path / "in" / f"{frame.index}.png", frame.image)
    assert _track(tmp_path / "in", tmp_path / "a.npz", "--tracker", tracker, "--fps", 10) == 0
    np.testing.assert_allclose(read_motion(tmp_path / "a.npz").times_s, [0.0, 0.1, 0.2])


def test_the_installed_tracker_is_found(
    tmp_path: Path, clip: Path, tracker: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _track(clip, tmp_path / "a.npz") == 1
    assert "avatarify models pull face-landmarker" in _problem(capsys)
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "face_landmarker.task").symlink_to(tracker)
    assert _track(clip, tmp_path / "a.npz") == 0


def test_a_clip_without_a_face_is_told(
    tmp_path: Path, tracker: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with VideoWriter(tmp_path / "grey.mp4", 25) as writer:
        for index in range(3):
            writer.write(Frame(np.full((96, 96, 3), 90, np.uint8), index / 25, index))
    assert _track(tmp_path / "grey.mp4", tmp_path / "a.npz", "--tracker", tracker) == 1
    assert "No face was found in grey.mp4 (3 frames)" in _problem(capsys)
    assert not (tmp_path / "a.npz").exists()


def test_what_can_only_fail_fails_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tracker = tmp_path / "tracker"  # is not even looked at
    assert _track(tmp_path / "a.mp4", tmp_path / "gone" / "a.npz", "--tracker", tracker) == 1
    assert "does not exist. Create it" in _problem(capsys)
    (tmp_path / "folder.npz").mkdir()
    assert _track(tmp_path / "a.mp4", tmp_path / "folder.npz", "--tracker", tracker) == 1
    assert "Choose another name" in _problem(capsys)
    assert _track(tmp_path / "a.npz", tmp_path / "b.npz", "--tracker", tracker) == 1
    assert "saved motion already" in _problem(capsys)
    assert _track(tmp_path / "a.mp4", tmp_path / "b.npz", "--tracker", tracker) == 1
    assert "There is no video" in _problem(capsys)


def test_wrong_usage_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _track(tmp_path, tmp_path / "a.mp4") == 2
    assert "a file that ends in .npz" in capsys.readouterr().err
    assert _track(tmp_path, tmp_path / "a.npz", "--fps", 0) == 2


def test_a_full_disk_leaves_nothing(
    tmp_path: Path, clip: Path, tracker: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with file_size_limit(3000):
        assert _track(clip, tmp_path / "a.npz", "--tracker", tracker) == 1
    assert "disk is full" in _problem(capsys)
    assert not list(tmp_path.glob("*a.npz*"))


def test_ctrl_c_keeps_what_was_seen(tmp_path: Path, shared: Path, tracker: Path) -> None:
    output = tmp_path / "a.npz"
    clip = shared / "clips" / "clm_franck.mp4"  # 4800 frames
    code = "import sys; from avatarify.cli import main; sys.exit(main())"
    arguments = ["track", str(clip), "--output", str(output), "--tracker", str(tracker)]
    child = subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        bufsize=0,
    )
    assert child.stderr is not None
    said = b""
    while b"frames/s" not in said and child.poll() is None:
        said += child.stderr.read(64) or b""
    time.sleep(0.5)
    child.send_signal(signal.SIGINT)
    _, rest = child.communicate()
    assert child.returncode == 130, rest
    count = read_motion(output).frame_count
    assert 1 <= count < 4800
    assert rest.decode().splitlines()[-1] == f"Stopped. {output} holds {count} frames."


def test_a_mouth_that_never_opens_and_a_head_that_is_cut_off_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("avatarify.zoo.store.SHIPPED_FOLDER", ROOT / "models")
    portrait = read_image(ROOT / "assets" / "avatars" / "nia.png")
    for name, top in (("whole", 0), ("cut", 282)):
        (tmp_path / name).mkdir()
        for number in range(8):
            write_image(tmp_path / name / f"{number}.png", portrait[top::2, ::2])
    words = ["--output", str(tmp_path / "out.npz"), "--fps", "2", "--tracker", "own"]
    assert cli.main(["track", str(tmp_path / "whole"), *words]) == 0
    assert "The mouth never opens in whole" in capsys.readouterr().err
    assert cli.main(["track", str(tmp_path / "cut"), *words]) == 1
    assert "Your head is cut off at the edge of the picture" in capsys.readouterr().err

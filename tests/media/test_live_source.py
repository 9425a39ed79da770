from pathlib import Path

import numpy as np
import pytest

from avatarify.errors import CameraError, VideoError
from avatarify.frames import Frame
from avatarify.media import v4l2
from avatarify.media.image_file import write_image
from avatarify.media.live_source import LiveWishes, open_live_source
from avatarify.media.motion_file import Motion, write_motion
from avatarify.media.motion_source import MotionFrame
from avatarify.media.network_stream import NetworkStream
from avatarify.media.realtime import RealTimeSource
from avatarify.media.video_writer import VideoWriter
from tests.media.mjpeg_server import MjpegServer

GREY = np.full((48, 64, 3), 90, np.uint8)


def test_a_video_plays_in_real_time_and_loops_if_wished(tmp_path: Path) -> None:
    with VideoWriter(tmp_path / "a.mp4", 100) as writer:
        for index in range(3):
            writer.write(Frame(GREY, index / 100, index))
    source = open_live_source(str(tmp_path / "a.mp4"), LiveWishes(loop=True))
    assert isinstance(source, RealTimeSource)
    assert all(source.read() is not None for _ in range(7))
    source.close()


def test_saved_motion_plays_in_real_time_and_is_read_once(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    landmarks, blendshapes = np.ones((3, 478, 3), np.float32), np.zeros((3, 52), np.float32)
    write_motion(path, Motion(landmarks, blendshapes, np.arange(3) / 100, (48, 64)))
    source = open_live_source(str(path), LiveWishes(loop=True))
    path.unlink()
    frames = [source.read() for _ in range(7)]
    assert all(isinstance(frame, MotionFrame) for frame in frames)
    source.close()


def test_a_folder_of_pictures_plays_at_the_wished_rate(tmp_path: Path) -> None:
    for index in range(3):
        write_image(tmp_path / f"{index}.png", GREY)
    source = open_live_source(str(tmp_path), LiveWishes(fps=60))
    assert source.fps == 60
    assert len(list(iter(source.read, None))) <= 3
    source.close()


def test_an_address_is_a_network_camera() -> None:
    with MjpegServer() as phone:
        phone.show(*[GREY] * 5)
        source = open_live_source(f"{phone.address}/video")
        assert isinstance(source, NetworkStream)
        source.close()


def test_an_address_may_lack_its_scheme() -> None:
    with MjpegServer() as phone:
        phone.show(*[GREY] * 5)
        source = open_live_source(f"{phone.address}/video".removeprefix("http://"))
        assert isinstance(source, NetworkStream)
        source.close()
        with pytest.raises(
            CameraError, match=r"no file 127.0.0.1:\d+/gone, so .* not exist on that"
        ):
            open_live_source(f"{phone.address}/gone".removeprefix("http://"))


def test_a_wrong_address_says_what_to_write() -> None:
    with pytest.raises(CameraError, match=r"Did you mean http://192\.168\.1\.20/video\?"):
        open_live_source("ttp://192.168.1.20/video")


def test_a_mistyped_file_is_not_taken_for_a_camera() -> None:
    with pytest.raises(CameraError, match=r"There is no file or folder clips/gone\.mp4"):
        open_live_source("clips/gone.mp4")


def test_a_broken_file_is_a_video_error(tmp_path: Path) -> None:
    (tmp_path / "broken.mp4").write_bytes(b"not a video")
    with pytest.raises(VideoError):
        open_live_source(str(tmp_path / "broken.mp4"))


def test_mistyped_motion_is_not_taken_for_a_camera() -> None:
    with pytest.raises(CameraError, match=r"There is no file or folder gone\.npz"):
        open_live_source("gone.npz")


def test_any_other_word_is_a_webcam(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr(v4l2, "_DEVICE_FOLDER", tmp_path)
    with pytest.raises(CameraError, match="Camera 'C920' is gone"):
        open_live_source("C920")


def test_a_badly_written_region_is_told() -> None:
    with pytest.raises(CameraError, match="no screen region"):
        open_live_source("screen:1,2")

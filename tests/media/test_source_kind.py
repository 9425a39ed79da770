import os
from pathlib import Path
from tempfile import NamedTemporaryFile

import pytest

from avatarify.media.source_kind import SourceKind, kind_of


@pytest.mark.parametrize(
    ("spec", "kind"),
    [
        ("", SourceKind.WEBCAM),
        ("0", SourceKind.WEBCAM),
        ("HD Webcam C920", SourceKind.WEBCAM),
        ("USB2.0 Camera: RGB", SourceKind.WEBCAM),
        ("/dev/video2", SourceKind.WEBCAM),
        ("/dev/v4l/by-id/usb-046d_C920_A-video-index0", SourceKind.WEBCAM),
        (r"\\?\usb#vid_046d&pid_082d#7&2a#{65e8773d}\global", SourceKind.WEBCAM),
        ("http://192.168.1.20:8080/video", SourceKind.ADDRESS),
        ("RTSP://phone/live", SourceKind.ADDRESS),
        ("192.168.1.20:8080/video", SourceKind.ADDRESS),
        ("phone.local/video", SourceKind.ADDRESS),
        ("ttp://192.168.1.20:8080/video", SourceKind.WRONG_ADDRESS),
        ("rtp://192.168.1.20:5004", SourceKind.WRONG_ADDRESS),
        ("12:30", SourceKind.WEBCAM),
        ("12:30.mp4", SourceKind.MISSING_FILE),
        ("screen", SourceKind.SCREEN),
        ("Screen:0,0,640,480", SourceKind.SCREEN),
        ("clips/gone.mp4", SourceKind.MISSING_FILE),
        ("gone.MP4", SourceKind.MISSING_FILE),
        ("gone.webp", SourceKind.MISSING_FILE),
        ("screen:gone.mp4", SourceKind.MISSING_FILE),
        ("concat:gone.mp4|gone.mp4", SourceKind.MISSING_FILE),
        ("subfile,,start,0,end,0,,:/etc/passwd", SourceKind.MISSING_FILE),
        ("x" * 300 + ".mp4", SourceKind.MISSING_FILE),
        ("no\0name", SourceKind.WEBCAM),
    ],
)
def test_words_mean_kinds(spec: str, kind: SourceKind) -> None:
    assert kind_of(spec) is kind


def test_existing_paths_are_files(tmp_path: Path) -> None:
    (tmp_path / "clip").touch()
    assert kind_of(str(tmp_path / "clip")) is SourceKind.FILE
    assert kind_of(str(tmp_path)) is SourceKind.FILE


@pytest.mark.parametrize(
    "name",
    ["12:30.mp4", "file:x.mp4", "screen:x.mp4", "screen:0,0,64,64", "data:x", "concat:a.mp4"],
)
def test_a_file_that_exists_is_a_file_whatever_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    assert kind_of(name) is SourceKind.FILE


def test_devices_are_cameras_and_files_beside_them_are_files() -> None:
    assert kind_of("/dev/null") is SourceKind.WEBCAM
    assert kind_of("/dev") is SourceKind.FILE


def test_links_to_devices_are_cameras(tmp_path: Path) -> None:
    by_id, own = tmp_path / "usb-C920", tmp_path / "mine.mp4"
    by_id.symlink_to("/dev/video9")
    own.symlink_to(by_id)
    assert kind_of(str(by_id)) is kind_of(str(own)) is SourceKind.WEBCAM


@pytest.mark.skipif(not os.access("/dev/shm", os.W_OK), reason="needs files in memory")
def test_a_file_in_memory_is_a_file() -> None:
    with NamedTemporaryFile(dir="/dev/shm", suffix=".mp4") as clip:
        assert kind_of(clip.name) is SourceKind.FILE


def test_a_number_is_a_camera_even_beside_a_file_of_that_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "0").touch()
    monkeypatch.chdir(tmp_path)
    assert kind_of("0") is SourceKind.WEBCAM

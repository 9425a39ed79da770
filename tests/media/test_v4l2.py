import errno
import struct
from pathlib import Path

import pytest

from avatarify.media import v4l2
from avatarify.media.v4l2 import devices_fed, list_video_devices


@pytest.fixture
def devices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder in place of /dev and of the names in /sys."""
    monkeypatch.setattr(v4l2, "_DEVICE_FOLDER", tmp_path)
    monkeypatch.setattr(v4l2, "_NAMES_FOLDER", tmp_path)
    return tmp_path


def test_no_devices_is_an_empty_list(devices: Path) -> None:
    assert list_video_devices() == []


def test_files_that_are_no_cameras_are_left_out(devices: Path) -> None:
    (devices / "video0").write_text("no camera")
    (devices / "video-notes").write_text("no number")
    assert list_video_devices() == []


@pytest.mark.parametrize(
    ("all_capabilities", "own", "expected"),
    [
        (0x80000003, 0x1, (True, False)),  # one half of a driver with several devices
        (0x80000003, 0x2, (False, True)),
        (0x00000003, 0x0, (True, True)),  # an old driver that does not tell them apart
    ],
)
def test_the_answer_of_a_driver_is_understood(
    devices: Path,
    monkeypatch: pytest.MonkeyPatch,
    all_capabilities: int,
    own: int,
    expected: tuple[bool, bool],
) -> None:
    (devices / "video7").touch()

    def answer(_file: int, request: int, field: bytearray) -> int:
        # linux/videodev2.h: _IOWR('V', 2, struct v4l2_fmtdesc), 64 bytes
        if request == (3 << 30) | (64 << 16) | (ord("V") << 8) | 2:
            number = struct.unpack_from("=I", field)[0]
            if number == 2:
                raise OSError(errno.EINVAL, "no more formats")
            field[44:48] = (b"MJPG", b"GREY")[number]
            return 0
        # _IOR('V', 0, struct v4l2_capability), 104 bytes
        assert request == (2 << 30) | (104 << 16) | (ord("V") << 8)
        field[:] = struct.pack(
            "=16s32s32sIII12x",
            b"uvcvideo",
            b"My webcam",
            b"usb-0000:00:14.0-2",
            0,
            all_capabilities,
            own,
        )
        return 0

    monkeypatch.setattr("fcntl.ioctl", answer)
    (device,) = list_video_devices()
    assert (device.index, device.label, device.driver) == (7, "My webcam", "uvcvideo")
    assert (device.can_capture, device.can_output) == expected
    assert device.bus == "usb-0000:00:14.0-2"
    assert device.formats == (("MJPG", "GREY") if expected[0] else ())
    assert not device.is_loopback


def test_devices_that_this_process_feeds_are_told_from_those_that_it_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "fd").mkdir()
    targets = ("/dev/video10", "/dev/video2", "/dev/video7", "/dev/video7", "/dev/null", "/a/notes")
    for number, target in enumerate(targets):
        (tmp_path / "fd" / str(number)).symlink_to(target)
    (tmp_path / "maps").write_text(
        "7f00-7f10 rw-s 00000000 00:06 91    /dev/video2\n"  # read: its buffers are mapped
        "7f10-7f20 rw-s 00000000 00:06 92    /dev/video7\n"  # read, and fed
        "7f20-7f30 rw-p 00000000 00:00 0\n"
    )
    monkeypatch.setattr(v4l2, "_PROCESS", tmp_path)
    assert devices_fed() == {"/dev/video10", "/dev/video7"}
    monkeypatch.setattr(v4l2, "_PROCESS", tmp_path / "none")
    assert devices_fed() == frozenset()

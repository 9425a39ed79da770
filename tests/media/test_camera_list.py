from pathlib import Path

import pytest

from avatarify.media import camera_links, camera_list
from avatarify.media.camera_list import distinct_names, list_cameras
from avatarify.media.v4l2 import VideoDevice


def device(
    index: int, label: str, driver: str = "uvcvideo", captures: bool = True, bus: str = ""
) -> VideoDevice:
    path = f"/dev/video{index}"
    return VideoDevice(
        index, path, label, driver, can_capture=captures, can_output=not captures, bus=bus
    )


@pytest.fixture
def linux(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four devices: a webcam, its half for metadata, our own output, and one without permission."""
    devices = [
        device(0, "Webcam"),
        device(1, "Webcam", captures=False),
        device(10, "Avatarify", driver="v4l2 loopback"),
        device(11, "Locked", driver=""),
    ]
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr(camera_list, "list_video_devices", lambda: devices)


@pytest.mark.usefixtures("linux")
def test_our_own_camera_and_devices_without_pictures_are_left_out() -> None:
    assert [camera.name for camera in list_cameras()] == ["Webcam", "Locked"]


@pytest.mark.usefixtures("linux")
def test_a_missing_permission_is_explained() -> None:
    assert list_cameras()[0].problem == ""
    assert "usermod -aG video" in list_cameras()[1].problem


@pytest.mark.parametrize(
    ("platform", "backends"),
    [
        ("linux", ("V4L2", "ANY")),
        ("win32", ("DSHOW", "MSMF")),
        ("darwin", ("AVFOUNDATION", "ANY")),
        ("haiku", ("ANY",)),
    ],
)
def test_backends_are_tried_in_the_order_of_the_platform(
    platform: str, backends: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", platform)
    assert camera_list.camera_backends() == backends


@pytest.fixture
def links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two folders in place of /dev/v4l/by-id and by-path."""
    monkeypatch.setattr(camera_links, "_LINKS_FOLDER", tmp_path)
    for kind in ("by-id", "by-path"):
        (tmp_path / kind).mkdir()
    return tmp_path


def plug_in(monkeypatch: pytest.MonkeyPatch, *devices: VideoDevice) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr(camera_list, "list_video_devices", lambda: list(devices))


def test_a_camera_is_known_by_its_serial_number(
    links: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_id = links / "by-id" / "usb-046d_HD_Webcam_C920_ABCD-video-index0"
    by_id.symlink_to("/dev/video0")
    (links / "by-path" / "pci-0000:00:14.0-usb-0:2:1.0-video-index0").symlink_to("/dev/video0")
    plug_in(monkeypatch, device(0, "HD Webcam C920", bus="usb-0000:00:14.0-2"))
    (camera,) = list_cameras()
    assert camera.id == str(by_id)
    assert camera.known.key == str(by_id)


def test_twins_without_serial_numbers_are_known_by_their_ports(
    links: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Both have the same link by id; udev lets it point to the one that came last.
    (links / "by-id" / "usb-Cheap_Camera-video-index0").symlink_to("/dev/video2")
    ports = [links / "by-path" / f"pci-0000:00:14.0-usb-0:{port}:1.0" for port in (1, 2)]
    for port, number in zip(ports, (0, 2), strict=True):
        port.symlink_to(f"/dev/video{number}")
    plug_in(
        monkeypatch,
        device(0, "Cheap Camera", bus="usb-0000:00:14.0-1"),
        device(2, "Cheap Camera", bus="usb-0000:00:14.0-2.4"),
    )
    cameras = list_cameras()
    assert [camera.id for camera in cameras] == [str(port) for port in ports]
    assert distinct_names(cameras) == [
        "Cheap Camera (USB port 1)",
        "Cheap Camera (USB port 2.4)",
    ]


@pytest.mark.parametrize(
    ("buses", "names"),
    [
        (("", ""), ["Cam (video0)", "Cam (video4)"]),
        (
            ("usb-0000:00:14.0-1", "usb-0000:00:1a.0-1"),  # two hubs
            ["Cam (USB port 1), number 0", "Cam (USB port 1), number 4"],
        ),
    ],
)
def test_twins_never_look_the_same(
    buses: tuple[str, str], names: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    plug_in(monkeypatch, device(0, "Cam", bus=buses[0]), device(4, "Cam", bus=buses[1]))
    assert distinct_names(list_cameras()) == names


def test_what_we_feed_is_no_camera(monkeypatch: pytest.MonkeyPatch) -> None:
    plug_in(
        monkeypatch,
        device(0, "Dummy video device (0x0000)", driver="v4l2 loopback"),
        device(1, "OBS Virtual Camera", driver="v4l2 loopback"),
        device(2, "HD Webcam"),
    )
    fed = frozenset({"/dev/video0", "/dev/video2"})
    monkeypatch.setattr(camera_list, "devices_fed", lambda: fed)
    assert [camera.index for camera in list_cameras()] == [1, 2]

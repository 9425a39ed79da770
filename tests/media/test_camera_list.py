import pytest

from avatarify.errors import CameraError
from avatarify.media import camera_list
from avatarify.media.camera_list import CameraInfo, find_camera, list_cameras
from avatarify.media.v4l2 import VideoDevice

CAMERAS = [
    CameraInfo(0, "Integrated Camera", "/dev/video0", "V4L2"),
    CameraInfo(2, "HD Webcam C920", "/dev/video2", "V4L2"),
    CameraInfo(4, "HD Webcam C922", "/dev/video4", "V4L2"),
    CameraInfo(6, "HD Webcam C922", "/dev/video6", "V4L2"),
]


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        ("", 0),
        (2, 2),
        ("2", 2),
        ("/dev/video4", 4),
        ("integrated", 0),
        ("HD Webcam C920", 2),
        ("c922", 4),  # of two twins, the first
    ],
)
def test_cameras_are_found_by_number_path_and_name(wanted: int | str, index: int) -> None:
    assert find_camera(wanted, CAMERAS).index == index


def test_an_unknown_camera_lists_the_others() -> None:
    with pytest.raises(CameraError, match=r"no camera 'Logi'. Choose one of: 0 \(Integrated"):
        find_camera("Logi", CAMERAS)


def test_a_part_that_several_names_share_is_refused() -> None:
    with pytest.raises(CameraError, match=r"Several cameras match 'webcam': 2 \(HD Webcam C920\)"):
        find_camera("webcam", CAMERAS)


def test_without_any_camera_other_sources_are_named() -> None:
    with pytest.raises(CameraError, match="phone as camera"):
        find_camera("", [])


def device(index: int, label: str, driver: str = "uvcvideo", captures: bool = True) -> VideoDevice:
    return VideoDevice(
        index, f"/dev/video{index}", label, driver, can_capture=captures, can_output=not captures
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

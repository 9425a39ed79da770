from dataclasses import replace
from pathlib import Path

import pytest

from avatarify.errors import CameraError
from avatarify.media.camera_choice import by_preference, candidates, find_again, find_camera
from avatarify.media.camera_list import CameraInfo
from avatarify.media.known_camera import KnownCamera

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


# What stays when cameras are plugged in elsewhere

C920 = CameraInfo(0, "C920", "/dev/video0", "V4L2", id="by-id/C920-A", port="usb-1")
IR = CameraInfo(2, "IR Camera", "/dev/video2", "V4L2", id="by-id/IR", port="usb-2")


def moved(camera: CameraInfo, index: int, port: str | None = None) -> CameraInfo:
    port = camera.port if port is None else port
    return replace(camera, index=index, path=f"/dev/video{index}", port=port)


@pytest.mark.parametrize(
    "cameras",
    [
        [moved(C920, 1)],  # plugged in again
        [moved(IR, 0), moved(C920, 2)],  # swapped by a reboot
        [moved(IR, 0), moved(C920, 7, port="usb-9")],  # another port, too
        [moved(IR, 0), replace(moved(C920, 7), id="")],  # udev is slow with its links
        [moved(IR, 0), replace(moved(C920, 7), id="by-path/9", port="usb-9")],
    ],
)
@pytest.mark.parametrize("wanted", ["/dev/video0", "0", "by-id/C920-A", "C920"])
def test_a_known_camera_is_found_wherever_it_is(wanted: str, cameras: list[CameraInfo]) -> None:
    assert find_camera(wanted, cameras, C920.known).name == "C920"


def test_another_camera_in_its_place_is_not_taken_for_it() -> None:
    with pytest.raises(CameraError, match=r"Camera 'C920' is gone. Plug it in. Choose one of: 0 "):
        find_camera("/dev/video0", [moved(IR, 0)], C920.known)


def test_each_twin_is_found_again_and_none_stands_in_for_the_other() -> None:
    first = CameraInfo(0, "Cheap", "/dev/video0", "V4L2", port="usb-0:1-1", has_twin=True)
    second = CameraInfo(2, "Cheap", "/dev/video2", "V4L2", port="usb-0:1-2", has_twin=True)
    swapped = [moved(second, 0), moved(first, 2)]
    for twin in (first, second):
        again = find_again(twin.known, swapped)
        assert again is not None
        assert again.port == twin.port
    assert find_again(first.known, [second]) is None
    with pytest.raises(CameraError, match="Camera 'Cheap' at USB port 1 is gone"):
        find_camera("0", [moved(second, 0)], first.known)
    without_ports = [replace(twin, port="") for twin in (first, second)]
    assert find_again(without_ports[1].known, without_ports) == without_ports[1]
    assert find_again(KnownCamera(), swapped) is None


def test_another_serial_number_is_another_camera() -> None:
    other = replace(C920, id="by-id/C920-B", port="usb-3")
    assert find_again(C920.known, [other]) is None
    assert find_again(C920.known, [other, moved(C920, 5)]) == moved(C920, 5)


def test_links_to_a_device_are_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    by_id, own = tmp_path / "usb-HD_Webcam", tmp_path / "my camera"
    by_id.symlink_to("/dev/video4")
    own.symlink_to(by_id)
    monkeypatch.chdir(tmp_path)
    for link in (by_id, own, Path(own.name)):
        assert find_camera(str(link), CAMERAS).index == 4
    assert find_camera("HD Webcam C922 (video6)", CAMERAS).index == 6
    with pytest.raises(CameraError, match="no camera '/dev/v4l/by-id/usb-gone'"):
        find_camera("/dev/v4l/by-id/usb-gone", CAMERAS)


# Whom to take when nobody is named

WEBCAM = CameraInfo(4, "HD Webcam", "/dev/video4", "V4L2", formats=("MJPG", "YUYV"))
DUMMY = CameraInfo(
    0, "Dummy video device (0x0000)", "/dev/video0", "V4L2", formats=("YU12",), is_loopback=True
)
LOCKED = CameraInfo(1, "Locked", "/dev/video1", "V4L2", problem="You may not open it.")


@pytest.mark.parametrize(
    "lesser",
    [
        DUMMY,
        replace(DUMMY, name="OBS Virtual Camera"),
        LOCKED,
        CameraInfo(1, "Integrated IR Camera", "/dev/video1", "V4L2"),
        CameraInfo(1, "Integrated Camera: Integrated I", "/dev/video1", "V4L2"),
        CameraInfo(1, "Laptop Camera", "/dev/video1", "V4L2", formats=("GREY",)),
        CameraInfo(1, "RealSense Depth", "/dev/video1", "V4L2", formats=("Z16", "Y8I")),
        CameraInfo(1, "Microsoft IR Camera Front", "", "DSHOW"),
    ],
)
def test_colour_webcams_go_first(lesser: CameraInfo) -> None:
    assert by_preference([lesser, WEBCAM]) == [WEBCAM, lesser]


@pytest.mark.parametrize(
    "name", ["Mirror Camera", "Birch", "USB2.0 HD UVC WebCam", "Integrated Camera: Integrated C"]
)
def test_names_that_only_look_infrared_stay_where_they_are(name: str) -> None:
    other = replace(WEBCAM, name=name, formats=("MJPG",))
    assert by_preference([other, WEBCAM]) == [other, WEBCAM]


@pytest.mark.parametrize("name", ["OBS Virtual Camera", "OBS-Camera", "Unity Video Capture"])
def test_cameras_that_may_show_our_own_picture_are_never_taken_unasked(name: str) -> None:
    ours = CameraInfo(0, name, "", "DSHOW")
    assert by_preference([ours, WEBCAM]) == [WEBCAM]
    with pytest.raises(CameraError, match="may show our own picture"):
        candidates("", [ours])
    assert find_camera(name, [ours]) == ours  # who asks for it gets it


def test_an_automatic_choice_stays_with_its_camera() -> None:
    other = replace(WEBCAM, index=6, path="/dev/video6", name="Other")
    assert candidates("", [WEBCAM, other, DUMMY], other.known) == [other, WEBCAM, DUMMY]
    assert candidates("", [WEBCAM, DUMMY], other.known) == [WEBCAM, DUMMY]
    assert candidates("HD Webcam", [WEBCAM, other]) == [WEBCAM]

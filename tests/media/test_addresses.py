import pytest

from avatarify.media.addresses import is_address, public_name, whole_address, wrong_address


@pytest.mark.parametrize(
    ("spec", "address"),
    [
        ("http://192.168.1.20:8080/video", "http://192.168.1.20:8080/video"),
        (" HTTPS://phone/video\n", "HTTPS://phone/video"),
        ("rtmps://host/live/key", "rtmps://host/live/key"),
        ("192.168.1.20", "http://192.168.1.20"),
        ("192.168.1.20:8080/video", "http://192.168.1.20:8080/video"),
        ("me:secret@192.168.1.20:8080/video", "http://me:secret@192.168.1.20:8080/video"),
        ("192.168.1.20:8554/live", "rtsp://192.168.1.20:8554/live"),
        ("192.168.1.20:554", "rtsp://192.168.1.20:554"),
        ("10.0.0.7:1935/live/cam", "rtmp://10.0.0.7:1935/live/cam"),
        ("phone.local/video", "http://phone.local/video"),
        ("phone.local", "http://phone.local"),
        ("my-phone.fritz.box:4747/video?640x480", "http://my-phone.fritz.box:4747/video?640x480"),
        ("phone:8080", "http://phone:8080"),
        ("phone:81/video", "http://phone:81/video"),
        ("localhost:8080/shot", "http://localhost:8080/shot"),
        ("[fe80::1]:8080/video", "http://[fe80::1]:8080/video"),
        ("cam.example.org/mjpeg", "http://cam.example.org/mjpeg"),
        ("phone.local/film.mp4", "http://phone.local/film.mp4"),
    ],
)
def test_addresses_may_lack_their_scheme(spec: str, address: str) -> None:
    assert whole_address(spec) == address
    assert wrong_address(spec) == ""


@pytest.mark.parametrize(
    "name",
    [
        "", "0", "2", "HD Webcam C920", "C920", "USB2.0 Camera: RGB", "USB2.0", "screen",
        "screen:0,0,640,480", "12:30", "12:30.mp4", "call:anna.mp4", "clip.mp4", "clips/gone.mp4",
        "my.videos/gone.mp4", "./a.b/c", "../clip", "/home/me/clip", "C:\\clips\\a.mp4",
        "http", "Camera:1", "http.mp4", "phone:99999", "x.y", "folder/file", "rtsp files/a",
        "x" * 200 + " camera", "a." * 100 + "!",
    ],
)  # fmt: skip
def test_cameras_and_files_are_no_addresses(name: str) -> None:
    assert whole_address(name) == ""
    assert wrong_address(name) == ""
    assert not is_address(name)


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("ttp://192.168.1.20:8080/video", "Did you mean http://192.168.1.20:8080/video?"),
        ("htttp://phone/video", "Did you mean http://phone/video?"),
        ("rstp://phone/live", "Did you mean rtsp://phone/live?"),
        ("http:/192.168.1.20:8080/video", "Did you mean http://192.168.1.20:8080/video?"),
        ("http//phone.local/video", "Did you mean http://phone.local/video?"),
        ("http;//phone:8080", "Did you mean http://phone:8080?"),
        ("http:\\\\192.168.1.20", "Did you mean http://192.168.1.20?"),
        ("http:192.168.1.20:8080", "Did you mean http://192.168.1.20:8080?"),
        ("rtp://192.168.1.20:5004", "Write the rtsp:// address"),
        ("srt://192.168.1.20:9000", "srt:// cannot be opened; http://"),
        ("ndi://studio", "ndi:// cannot be opened"),
        ("file:///home/me/clip.mp4", "as in /home/me/clip.mp4"),
    ],
)
def test_wrong_addresses_say_what_to_write(spec: str, words: str) -> None:
    assert words in wrong_address(spec)


@pytest.mark.parametrize(
    "spec", ["ttp://me:secret@phone/video?token=hidden", "http:/me:secret@10.0.0.7"]
)
def test_passwords_stay_out_of_the_advice(spec: str) -> None:
    assert "secret" not in wrong_address(spec)
    assert "hidden" not in wrong_address(spec)
    assert public_name("rtsp://me:p@10.0.0.7/a?b=c") == "rtsp://10.0.0.7/a"

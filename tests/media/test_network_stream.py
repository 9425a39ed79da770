import socket
from collections.abc import Iterator

import cv2
import numpy as np
import pytest
from av.video.frame import VideoFrame

from avatarify.errors import CameraError
from avatarify.frames import Frame, Image
from avatarify.media.decoded_picture import PictureReader
from avatarify.media.network_stream import NetworkStream
from tests.linux_session import wait_until
from tests.media.mjpeg_server import MjpegServer
from tests.media.rtsp_server import RtspServer
from tests.media.v4l2_cameras import jpeg


def grey(level: int) -> Image:
    return np.full((48, 64, 3), level, np.uint8)


@pytest.fixture
def phone() -> Iterator[MjpegServer]:
    with MjpegServer() as server:
        yield server


def brightness(frame: Frame | None) -> float:
    assert frame is not None
    return float(frame.image.mean())


def test_a_phone_is_a_camera(phone: MjpegServer) -> None:
    phone.show(*[grey(50)] * 5)
    with NetworkStream(f"{phone.address}/video") as stream:
        frame = stream.read()
        assert frame is not None
        assert frame.image.shape == (48, 64, 3)
        assert frame.image.flags.c_contiguous
        assert brightness(frame) == pytest.approx(50, abs=2)
        assert stream.fps > 0


def test_red_stays_red(phone: MjpegServer) -> None:
    red = grey(0)
    red[..., 0] = 200
    phone.show(*[red] * 5)
    with NetworkStream(f"{phone.address}/video") as stream:
        frame = stream.read()
    assert frame is not None
    np.testing.assert_allclose(frame.image[24, 32], (200, 0, 0), atol=4)


def test_rtsp_is_read_over_tcp() -> None:
    red = np.zeros((144, 176, 3), np.uint8)
    red[..., 0] = 200
    with RtspServer(red) as camera, NetworkStream(camera.address) as stream:
        frames = [stream.read() for _ in range(3)]
    assert stream.name == camera.address
    assert frames[-1] is not None
    assert frames[-1].image.shape == (144, 176, 3)
    np.testing.assert_allclose(frames[-1].image[72, 88], (200, 0, 0), atol=8)


def test_a_slow_reader_gets_the_newest_frame(phone: MjpegServer) -> None:
    phone.show(*[grey(20)] * 5)
    with NetworkStream(f"{phone.address}/video") as stream:
        first = stream.read()
        assert first is not None
        phone.show(*[grey(60 + level) for level in range(60)], *[grey(220)] * 3)
        wait_until(lambda: stream.newest_index >= 60, "the frames")
        frame = stream.read()
        assert frame is not None
        assert frame.index - first.index > 50  # what lay between was dropped


def test_nothing_is_decoded_of_what_goes_by(
    phone: MjpegServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[VideoFrame] = []

    def note(_: PictureReader, picture: VideoFrame) -> Image:
        read.append(picture)
        return grey(20)

    monkeypatch.setattr(PictureReader, "read", note)
    phone.show(*[grey(20)] * 5)
    with NetworkStream(f"{phone.address}/video") as stream:
        stream.read()
        wait_until(lambda: stream.newest_index >= 3, "the first frames")
        phone.show(*[grey(40)] * 5)
        stream.skip()
        wait_until(lambda: stream.newest_index >= 8, "what came meanwhile")
        made = len(read)
        phone.show(*[grey(60)] * 20)
        wait_until(lambda: stream.newest_index >= 28, "what goes by")
        assert len(read) == made
        phone.show(*[grey(90)] * 3)
        frame = stream.read()
    assert frame is not None
    assert frame.index >= 29


def mosaic(height: int, width: int) -> Image:
    """A picture without flat parts, so that a missing one shows."""
    patches = np.random.default_rng(1).integers(0, 255, (6, 8, 3)).astype(np.uint8)
    enlarged = cv2.resize(patches, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(enlarged, np.uint8)


@pytest.mark.parametrize("kind", ["cut", "without end", "empty", "other size", "noise"])
def test_broken_pictures_are_left_out_and_said_once(phone: MjpegServer, kind: str) -> None:
    good = jpeg(mosaic(240, 320))
    broken = {
        "cut": good[: len(good) // 2],
        "without end": good[:-2],
        "empty": b"",
        "other size": jpeg(mosaic(120, 160)),
        "noise": bytes(range(256)) * 20,
    }[kind]
    told: list[str] = []
    phone.send(*[good] * 5)
    with NetworkStream(f"{phone.address}/video", tell=told.append) as stream:
        first = stream.read()
        assert first is not None
        for count in range(10):
            newest = stream.newest_index
            phone.send(broken, good, good)
            wait_until(lambda: stream.newest_index > newest, f"round {count}")  # noqa: B023
            frame = stream.read()
            assert frame is not None
            np.testing.assert_array_equal(frame.image, first.image)
    said_once = 0 if kind == "empty" else 1
    assert len(told) == said_once


def test_a_phone_that_is_turned_changes_the_size(phone: MjpegServer) -> None:
    phone.show(*[grey(50)] * 5)
    with NetworkStream(f"{phone.address}/video") as stream:
        stream.read()
        phone.show(*[np.full((64, 48, 3), 90, np.uint8)] * 8)
        wait_until(lambda: stream.newest_index >= 5, "pictures of the new size")
        frame = stream.read()
    assert frame is not None
    assert frame.image.shape == (64, 48, 3)


def test_a_stream_that_breaks_off_is_told(phone: MjpegServer) -> None:
    phone.show(*[grey(50)] * 5)
    with NetworkStream(f"{phone.address}/video") as stream:
        phone.hang_up()

        def read_all() -> None:
            while True:
                stream.read()

        with pytest.raises(CameraError, match="ended its stream"):
            read_all()


def test_a_stream_that_hangs_is_told(phone: MjpegServer) -> None:
    phone.show(*[grey(50)] * 5)
    with NetworkStream(f"{phone.address}/video", read_timeout_s=0.5) as stream:

        def read_all() -> None:
            while True:
                stream.read()

        with pytest.raises(CameraError, match="does not answer"):
            read_all()


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/page", "sends no video"),
        ("/locked", "wants a user and password"),
        ("/nothing", "does not exist on that camera"),
    ],
)
def test_wrong_addresses_are_explained(phone: MjpegServer, path: str, words: str) -> None:
    with pytest.raises(CameraError, match=words):
        NetworkStream(phone.address + path)


def test_a_closed_port_refuses() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(CameraError, match="refuses the connection"):
        NetworkStream(f"http://127.0.0.1:{port}/video")


def test_a_camera_that_accepts_but_stays_silent_times_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(CameraError, match="does not answer"):
            NetworkStream(f"rtsp://127.0.0.1:{port}/live", open_timeout_s=0.5)


def test_passwords_stay_out_of_names_and_messages() -> None:
    with pytest.raises(CameraError) as caught:
        NetworkStream("http://me:secret@127.0.0.1:9/video?token=hidden", open_timeout_s=2)
    assert "127.0.0.1:9/video" in str(caught.value)
    assert "secret" not in str(caught.value)
    assert "hidden" not in str(caught.value)


def test_files_are_no_addresses() -> None:
    with pytest.raises(CameraError, match="no camera address"):
        NetworkStream("file:///etc/passwd")


def test_closing_ends_the_thread(phone: MjpegServer) -> None:
    phone.show(*[grey(50)] * 5)
    stream = NetworkStream(f"{phone.address}/video", read_timeout_s=1.0)
    stream.close()
    stream.close()
    with pytest.raises(CameraError, match="closed"):
        stream.read()

import logging
import struct
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.stream import VideoStream
from PIL import Image as Pillow

from avatarify.errors import VideoError
from avatarify.frames import Frame, Image
from avatarify.media.video_file import VideoFile
from avatarify.media.video_writer import VideoWriter


def _level(index: int, height: int = 48, width: int = 64) -> Image:
    """A grey picture whose brightness tells its index."""
    return np.full((height, width, 3), 10 * index % 250, np.uint8)


def _make(path: Path, count: int, *, codec: str, rate: int = 25, size: tuple[int, int]) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate)
        assert isinstance(stream, VideoStream)
        stream.height, stream.width = size
        stream.pix_fmt = "rgb8" if codec == "gif" else "yuv420p"
        stream.bit_rate = 4_000_000
        for index in range(count):
            picture = av.VideoFrame.from_ndarray(_level(index, *size), format="rgb24")
            picture.pts = index
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))


def _frames(path: Path) -> list[Frame]:
    with VideoFile(path) as video:
        return list(iter(video.read, None))


@pytest.mark.parametrize(
    ("suffix", "codec"),
    [
        (".mp4", "libx264"),
        (".avi", "mpeg4"),
        (".mpg", "mpeg1video"),
        (".webm", "libvpx"),
        (".mkv", "ffv1"),
        (".gif", "gif"),
    ],
)
def test_every_common_format_gives_its_frames(tmp_path: Path, suffix: str, codec: str) -> None:
    path = tmp_path / f"a{suffix}"
    _make(path, 10, codec=codec, size=(48, 64))
    frames = _frames(path)
    assert [frame.index for frame in frames] == list(range(10))
    assert [frame.time_s for frame in frames] == pytest.approx(
        [index / 25 for index in range(10)], abs=2e-3
    )
    levels = [float(frame.image.mean()) for frame in frames]
    tolerance = 20 if codec == "gif" else 6  # three bits a colour
    assert levels == pytest.approx([10 * index for index in range(10)], abs=tolerance)


def test_odd_sizes_are_kept(tmp_path: Path) -> None:
    _make(tmp_path / "a.mkv", 2, codec="ffv1", size=(47, 63))
    with VideoFile(tmp_path / "a.mkv") as video:
        assert video.size == (47, 63)


@pytest.mark.parametrize("degrees", [0, 90, -90, 180])
def test_rotation_is_applied(tmp_path: Path, degrees: int) -> None:
    image = np.zeros((32, 64, 3), np.uint8)
    image[:16, :16] = 255  # the stored picture is bright at its top left
    with av.open(str(tmp_path / "a.mp4"), "w") as container:
        stream = container.add_stream("mpeg4", rate=25)
        stream.height, stream.width, stream.pix_fmt = 32, 64, "yuv420p"
        stream.set_display_rotation(degrees)
        container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(stream.encode(None))
    frame = _frames(tmp_path / "a.mp4")[0]
    expected = np.rot90(image, k=degrees // 90)
    assert np.abs(frame.image.astype(int) - expected).mean() < 10
    assert frame.image.flags.c_contiguous


def test_a_phones_upright_recording_is_turned_clockwise(tmp_path: Path) -> None:
    """The matrix that phones write for a portrait: stored x runs down, stored y runs left."""
    path = tmp_path / "a.mp4"
    image = np.zeros((32, 64, 3), np.uint8)
    image[:16, :16] = 255
    with VideoWriter(path, 25) as writer:
        writer.write(Frame(image, 0.0, 0))
    identity = struct.pack(">9i", 65536, 0, 0, 0, 65536, 0, 0, 0, 1 << 30)
    turned = struct.pack(">9i", 0, 65536, 0, -65536, 0, 0, 0, 0, 1 << 30)
    before, found, after = path.read_bytes().rpartition(identity)  # in the track's own header
    assert found
    path.write_bytes(before + turned + after)
    upright = _frames(path)[0].image
    assert upright.shape == (64, 32, 3)
    assert upright[:16, 16:].mean() > 240  # clockwise: the top left has come to the top right


def test_pixels_become_square(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.mkv"), "w") as container:
        stream = container.add_stream("mpeg4", rate=25)
        stream.height, stream.width, stream.pix_fmt = 48, 64, "yuv420p"
        stream.codec_context.sample_aspect_ratio = Fraction(15, 16)
        container.mux(stream.encode(av.VideoFrame.from_ndarray(_level(3), format="rgb24")))
        container.mux(stream.encode(None))
    with VideoFile(tmp_path / "a.mkv") as video:
        assert video.size == (48, 60)


def test_a_cut_off_file_gives_the_frames_it_has(tmp_path: Path) -> None:
    path = tmp_path / "a.mkv"
    _make(path, 20, codec="ffv1", size=(48, 64))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    frames = _frames(path)
    assert 3 < len(frames) < 20
    assert [round(float(frame.image.mean()) / 10) for frame in frames] == list(range(len(frames)))


def test_damage_in_the_middle_does_not_end_the_video(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "a.mpg"
    _make(path, 50, codec="mpeg1video", size=(48, 64))
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 60] = bytes(60)
    path.write_bytes(content)
    with caplog.at_level(logging.ERROR):
        frames = _frames(path)
    assert len(frames) >= 30
    assert frames[-1].time_s == pytest.approx(49 / 25, abs=0.05)


def test_a_file_without_declared_length_estimates_its_frames(tmp_path: Path) -> None:
    _make(tmp_path / "a.mpg", 30, codec="mpeg1video", size=(48, 64))
    with VideoFile(tmp_path / "a.mpg") as video:
        assert video.frame_count == pytest.approx(30, abs=8)


def test_the_next_frame_does_not_change_the_last_one(tmp_path: Path) -> None:
    _make(tmp_path / "a.mkv", 2, codec="ffv1", size=(48, 64))
    with VideoFile(tmp_path / "a.mkv") as video:
        first = video.read()
        assert first is not None
        before = first.image.copy()
        video.read()
    np.testing.assert_array_equal(first.image, before)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(VideoError, match=r"There is no video .*a\.mp4"):
        VideoFile(tmp_path / "a.mp4")


def test_a_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(VideoError, match="is a folder"):
        VideoFile(tmp_path)


@pytest.mark.parametrize("content", [b"", b"not a video", b"<html>404</html>" * 100])
@pytest.mark.parametrize("suffix", [".mp4", ".txt", ".avi"])
def test_a_file_that_is_no_video_is_told(tmp_path: Path, content: bytes, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(content)
    with pytest.raises(VideoError, match=r"not a video|no video|no whole frame"):
        VideoFile(path)


def test_sound_alone_is_told(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.wav"), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000)
        stream.layout = "mono"
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), layout="mono")
        silence.rate = 8000
        container.mux(stream.encode(silence))
    with pytest.raises(VideoError, match="no video, only sound"):
        VideoFile(tmp_path / "a.wav")


def test_a_cover_picture_is_no_video(tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    _make_song_with_cover(path)
    with pytest.raises(VideoError, match="no video, only sound"):
        VideoFile(path)


def _make_song_with_cover(path: Path) -> None:
    cover = path.with_suffix(".png")
    Pillow.new("RGB", (8, 8)).save(cover)
    picture = b"\0image/png\0\3\0" + cover.read_bytes()  # an ID3 "attached picture"
    frame = b"APIC" + struct.pack(">IH", len(picture), 0) + picture
    size = len(frame)
    synchsafe = bytes((size >> shift) & 0x7F for shift in (21, 14, 7, 0))
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libmp3lame", rate=44100)
        stream.layout = "mono"
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 44100), np.int16), layout="mono")
        silence.rate = 44100
        container.mux(stream.encode(silence))
        container.mux(stream.encode(None))
    path.write_bytes(b"ID3\3\0\0" + synchsafe + frame + path.read_bytes())


def test_a_video_without_frames_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    _make(path, 5, codec="libx264", size=(48, 64))
    content = path.read_bytes()
    at = content.index(b"mdat") + 4
    end = content.index(b"moov") - 4
    path.write_bytes(content[:at] + bytes(end - at) + content[end:])
    with pytest.raises(VideoError, match="no whole frame"):
        VideoFile(path)


def test_a_real_broadcast_clip_is_read_whole(shared: Path) -> None:
    with VideoFile(shared / "clips" / "grid_bbaf2n.mpg") as video:
        assert video.size == (288, 360)
        assert video.fps == 25
        assert video.has_sound
        frames = list(iter(video.read, None))
    assert len(frames) == 75
    assert frames[-1].time_s == pytest.approx(2.96, abs=1e-3)


def test_a_real_clip_of_varying_rate_keeps_its_times(shared: Path, tmp_path: Path) -> None:
    frames = _frames(shared / "clips" / "vretalk_1.mp4")
    times_s = [frame.time_s for frame in frames]
    assert max(np.diff(times_s)) > 1.5 * min(np.diff(times_s))
    with VideoWriter(tmp_path / "a.mp4", 22.13) as writer:
        for frame in frames:
            writer.write(Frame(np.ascontiguousarray(frame.image[::8, ::8]), frame.time_s, 0))
    copied = [frame.time_s for frame in _frames(tmp_path / "a.mp4")]
    assert copied == pytest.approx(times_s, abs=3e-5)


def test_a_path_may_hold_any_characters(tmp_path: Path) -> None:
    path = tmp_path / "Zoë 顔.mp4"
    with VideoWriter(path, 25) as writer:
        writer.write(Frame(_level(3), 0.0, 0))
    assert len(_frames(path)) == 1


def _stream(frames: list[Image], begin: int) -> bytes:
    """A piece of MPEG-TS, which goes on with whatever piece is put behind it."""
    written = BytesIO()
    with av.open(written, "w", format="mpegts") as container:
        stream = container.add_stream("mpeg2video", rate=25)
        assert isinstance(stream, VideoStream)
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt, stream.bit_rate = "yuv420p", 4_000_000
        for index, image in enumerate(frames):
            picture = av.VideoFrame.from_ndarray(image, format="rgb24")
            picture.pts = begin + index
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return written.getvalue()


@pytest.mark.parametrize(
    ("later", "expected"), [((96, 128), (48, 64)), ((24, 32), (48, 64)), ((96, 48), (96, 48))]
)
def test_a_size_that_changes_midway_ends_nothing(
    tmp_path: Path, later: tuple[int, int], expected: tuple[int, int]
) -> None:
    path = tmp_path / "a.ts"
    first = [_level(10) for _ in range(10)]
    second = [_level(20, *later) for _ in range(10)]
    path.write_bytes(_stream(first, 0) + _stream(second, 10))
    frames = _frames(path)
    assert len(frames) >= 18
    assert frames[0].image.shape[:2] == (48, 64)
    assert frames[-1].image.shape[:2] == expected
    assert frames[-1].image.mean() == pytest.approx(200, abs=6)
    assert (np.diff([frame.time_s for frame in frames]) > 0).all()


@pytest.mark.parametrize("suffix", [".webm", ".mkv"])
def test_the_ticks_of_a_browsers_clock_are_no_frame_rate(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libvpx", rate=1000)
        assert isinstance(stream, VideoStream)
        stream.height, stream.width, stream.pix_fmt = 48, 64, "yuv420p"
        for index in range(40):
            picture = av.VideoFrame.from_ndarray(_level(index), format="rgb24")
            picture.pts, picture.time_base = 33 * index + index % 3, Fraction(1, 1000)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    with VideoFile(path) as video:
        assert video.fps == pytest.approx(30, abs=0.7)
        assert video.frame_count == pytest.approx(40, abs=3)


def test_a_file_that_grows_is_read_as_far_as_it_is(tmp_path: Path) -> None:
    whole = _stream([_level(index) for index in range(50)], 0)
    path = tmp_path / "a.ts"
    path.write_bytes(whole[: len(whole) // 2])
    with VideoFile(path) as video:
        first = video.read()
        with path.open("ab") as file:
            file.write(whole[len(whole) // 2 :])
        rest = list(iter(video.read, None))
    assert first is not None
    assert len(rest) >= 48


def test_a_clock_that_leaps_years_is_broken(tmp_path: Path) -> None:
    path = tmp_path / "a.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=25)
        assert isinstance(stream, VideoStream)
        stream.height, stream.width, stream.pix_fmt = 48, 64, "yuv420p"
        for index in range(10):
            picture = av.VideoFrame.from_ndarray(_level(index), format="rgb24")
            leap = 10**10 if index >= 5 else 0
            picture.pts, picture.time_base = 40 * index + leap, Fraction(1, 1000)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    times_s = [frame.time_s for frame in _frames(path)]
    assert len(times_s) == 10
    assert max(np.diff(times_s)) < 1

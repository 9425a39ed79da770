import os
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from avatarify.errors import VideoError
from avatarify.frames import Frame
from avatarify.media.video_file import VideoFile
from avatarify.media.video_writer import VideoWriter


def _make(path: Path, level: int = 127) -> bytes:
    """Write one grey picture and return the file's content."""
    with VideoWriter(path, 25) as writer:
        writer.write(Frame(np.full((64, 64, 3), level, np.uint8), 0.0, 0))
    return path.read_bytes()


@pytest.mark.parametrize(
    "name",
    [
        "12:30.mp4",
        "call:anna.mp4",
        "file:x.mp4",
        "concat:other.mp4",
        "subfile,,start,0,end,40,,:other.mp4",
        "data:video;base64,AAAA",
        "crypto:other.mp4",
        "http:x.mp4",
        "frame%d.tga",
        "*.mp4",
    ],
)
def test_a_name_is_only_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    _make(Path("other.mp4"), level=40)
    _make(Path("frame0.mp4"), level=40)
    Path(name).write_bytes(_make(Path("wanted.mp4"), level=200))
    with VideoFile(Path(name)) as video:
        frame = video.read()
    assert frame is not None
    assert frame.image.mean() == pytest.approx(200, abs=3)


@pytest.mark.parametrize(
    "name", ["concat:a.mp4", "concat:a.mp4|a.mp4", "subfile,,start,0,end,0,,:a.mp4", "file:a.mp4"]
)
def test_a_name_without_a_file_opens_no_other_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    _make(Path("a.mp4"))
    with pytest.raises(VideoError, match="There is no video"):
        VideoFile(Path(name))


@pytest.mark.parametrize("name", ["list.m3u8", "list.mp4", "list"])
@pytest.mark.parametrize(
    "content",
    [
        "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{clip}\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile a.mp4\n",
        "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\n"
        "m=video 50000 RTP/AVP 96\na=rtpmap:96 H264/90000\n",
    ],
)
def test_a_playlist_opens_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: str
) -> None:
    monkeypatch.chdir(tmp_path)
    _make(Path("a.mp4"))
    Path(name).write_text(content.format(clip=tmp_path / "a.mp4"))
    with pytest.raises(VideoError, match="only names other files"):
        VideoFile(Path(name))


def test_a_name_that_is_not_text_is_read(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/a\xff.mp4"))
    try:
        path.touch()
    except OSError:
        pytest.skip("file names are always text here")
    path.write_bytes(_make(tmp_path / "a.mp4"))
    with VideoFile(path) as video:
        assert video.size == (64, 64)


@pytest.mark.parametrize("name", ["x" * 300 + ".mp4", "no\0name.mp4"])
def test_an_impossible_name_is_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(VideoError, match=r"longer than the disk allows|no name of a file can"):
        VideoFile(tmp_path / name)


def test_a_video_without_permission_is_told_with_what_to_do(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    locked = tmp_path / "locked"
    locked.mkdir()
    for path in (tmp_path / "a.mp4", locked / "a.mp4"):
        _make(path)
        path.chmod(0)
    locked.chmod(0)
    request.getfixturevalue("unprivileged")
    with pytest.raises(VideoError, match=r"read the video .*a\.mp4\. Give yourself the permission"):
        VideoFile(tmp_path / "a.mp4")
    with pytest.raises(VideoError, match=rf"into the folder {locked}\. Give yourself"):
        VideoFile(locked / "a.mp4")


def test_a_damaged_file_that_points_nowhere_is_told_in_one_line(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Its headers promise sizes far beyond 64 bits' worth of file; nothing is printed for it."""
    content = _make(tmp_path / "a.mp4")
    for at in range(0, 200, 4):
        broken = content[:at] + b"\xff\xff\xff\x7f" + content[at + 4 :]
        (tmp_path / "b.mp4").write_bytes(broken)
        with suppress(VideoError), VideoFile(tmp_path / "b.mp4") as video:
            assert video.size == (64, 64)
    assert "Traceback" not in capfd.readouterr().err

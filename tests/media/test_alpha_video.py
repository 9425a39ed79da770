"""VP9 with alpha: what was transparent is so again, as any player sees it."""

from pathlib import Path

import av
import numpy as np
import pytest
from av.video.codeccontext import VideoCodecContext
from numpy.typing import NDArray

from avatarify.errors import OutputError
from avatarify.frames import Frame
from avatarify.media import alpha_video
from avatarify.media.alpha_video import AlphaVideoWriter
from avatarify.media.video_file import VideoFile
from tests.full_disk import file_size_limit


def _picture(shift: int = 0) -> NDArray[np.uint8]:
    """A red square that nothing shines through, before a transparent room."""
    image = np.zeros((64, 96, 4), np.uint8)
    image[16:48, 16 + shift : 48 + shift] = (200, 40, 30, 255)
    return image


def _noise(index: int) -> NDArray[np.uint8]:
    return np.random.default_rng(index).integers(0, 255, (64, 64, 4), np.uint8)


def _read(path: Path) -> list[NDArray[np.uint8]]:
    """Decode RGBA frames; the native decoder of VP9 leaves alpha out, libvpx's keeps it."""
    decoder = av.CodecContext.create("libvpx-vp9", "r")
    assert isinstance(decoder, VideoCodecContext)
    frames = []
    with av.open(str(path)) as container:
        for packet in container.demux(container.streams.video[0]):
            frames += decoder.decode(packet)
    return [frame.to_ndarray(format="rgba").astype(np.uint8) for frame in frames]


def test_alpha_survives(tmp_path: Path) -> None:
    with AlphaVideoWriter(tmp_path / "a.webm", 25) as writer:
        for index in range(5):
            writer.write(Frame(_picture(4 * index), index / 25, index))
    frames = _read(tmp_path / "a.webm")
    assert len(frames) == 5
    for index, frame in enumerate(frames):
        expected = _picture(4 * index)
        assert frame.shape == expected.shape
        assert np.abs(frame[..., 3].astype(int) - expected[..., 3]).mean() < 3
        inside = frame[24:40, 24 + 4 * index : 40 + 4 * index]
        assert inside[..., 3].min() > 245
        assert np.abs(inside[..., :3].reshape(-1, 3).mean(axis=0) - (200, 40, 30)).max() < 12
        assert frame[:8, :, 3].max() < 10


def test_pictures_without_alpha_let_nothing_through(tmp_path: Path) -> None:
    with AlphaVideoWriter(tmp_path / "a.webm", 25) as writer:
        writer.write(Frame(np.full((64, 64, 3), 90, np.uint8), 0.0, 0))
    (frame,) = _read(tmp_path / "a.webm")
    assert frame[..., 3].min() > 250


def test_times_are_kept(tmp_path: Path) -> None:
    times_s = [7.0, 7.04, 7.05, 7.5]
    with AlphaVideoWriter(tmp_path / "a.webm", 25) as writer:
        for index, time_s in enumerate(times_s):
            writer.write(Frame(_picture(), time_s, index))
    with VideoFile(tmp_path / "a.webm") as video:
        read_s = [frame.time_s for frame in iter(video.read, None)]
    assert read_s == pytest.approx([0.0, 0.04, 0.05, 0.5], abs=1e-3)


@pytest.mark.parametrize("size", [(63, 64), (64, 63), (1, 1)])
def test_odd_sizes_are_padded_to_even_ones(tmp_path: Path, size: tuple[int, int]) -> None:
    with AlphaVideoWriter(tmp_path / "a.webm", 25) as writer:
        writer.write(Frame(np.zeros((*size, 4), np.uint8), 0.0, 0))
    (frame,) = _read(tmp_path / "a.webm")
    assert frame.shape[:2] == (size[0] + size[0] % 2, size[1] + size[1] % 2)


def test_what_is_the_callers_mistake(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="fps"):
        AlphaVideoWriter(tmp_path / "a.webm", 0)
    with AlphaVideoWriter(tmp_path / "a.webm", 25) as writer:
        writer.write(Frame(_picture(), 0.0, 0))
        with pytest.raises(ValueError, match="a video of"):
            writer.write(Frame(_noise(0), 0.1, 1))
    with pytest.raises(ValueError, match="closed"):
        writer.write(Frame(_picture(), 0.2, 2))


def test_a_build_without_vp9_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alpha_video, "_ENCODER", "libmissing")
    with pytest.raises(OutputError, match="without VP9"):
        AlphaVideoWriter(tmp_path / "a.webm", 25)


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="does not exist"):
        AlphaVideoWriter(tmp_path / "no" / "a.webm", 25)


def _write_noise(writer: AlphaVideoWriter) -> None:
    for index in range(2000):
        writer.write(Frame(_noise(index), index / 25, index))


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.webm"
    with file_size_limit(30_000):
        writer = AlphaVideoWriter(path, 25)
        with pytest.raises(OutputError, match="The disk is full"):
            _write_noise(writer)
        writer.close()
    assert path.stat().st_size <= 30_000
    assert _read(path)

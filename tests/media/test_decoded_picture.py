"""Frames are seen as a good player shows them: turned, mirrored, and in their own colours."""

import struct
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.stream import VideoStream
from numpy.typing import NDArray

from avatarify.frames import Frame, Image
from avatarify.media.video_file import VideoFile
from avatarify.media.video_writer import VideoWriter

ONE = 65536
IDENTITY = struct.pack(">9i", ONE, 0, 0, 0, ONE, 0, 0, 0, 1 << 30)


def _corner() -> Image:
    """A picture whose top left is bright."""
    image = np.zeros((32, 64, 3), np.uint8)
    image[:16, :16] = 255
    return image


def _first(path: Path) -> Image:
    with VideoFile(path) as video:
        frame = video.read()
    assert frame is not None
    return frame.image


@pytest.mark.parametrize(
    ("matrix", "expected"),
    [
        ((1, 0, 0, 1), lambda image: image),
        ((-1, 0, 0, 1), np.fliplr),
        ((1, 0, 0, -1), np.flipud),
        ((-1, 0, 0, -1), lambda image: np.rot90(image, 2)),
        ((0, 1, -1, 0), lambda image: np.rot90(image, -1)),
        ((0, -1, 1, 0), lambda image: np.rot90(image, 1)),
        ((0, 1, 1, 0), lambda image: image.transpose(1, 0, 2)),
        ((0, -1, -1, 0), lambda image: np.rot90(image.transpose(1, 0, 2), 2)),
        ((0, 0, 0, 0), lambda image: image),
    ],
)
def test_a_display_matrix_turns_and_mirrors(
    tmp_path: Path, matrix: tuple[int, int, int, int], expected: object
) -> None:
    path = tmp_path / "a.mp4"
    with VideoWriter(path, 25) as writer:
        writer.write(Frame(_corner(), 0.0, 0))
    a, b, c, d = (ONE * value for value in matrix)
    written = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)
    before, found, after = path.read_bytes().rpartition(IDENTITY)  # in the track's own header
    assert found
    path.write_bytes(before + written + after)
    assert callable(expected)
    seen, wanted = _first(path), expected(_corner())
    assert seen.shape == wanted.shape
    assert np.abs(seen.astype(int) - wanted).mean() < 10
    assert seen.flags.c_contiguous


def _write_yuv(
    path: Path,
    yuv: tuple[int, int, int],
    *,
    size: tuple[int, int] = (64, 64),
    matrix: int = 2,
    transfer: int = 2,
    primaries: int = 2,
) -> None:
    """Write a picture of one colour in ten bits, tagged as wished."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=25)
        assert isinstance(stream, VideoStream)
        stream.height, stream.width = size
        stream.pix_fmt = "yuv420p10le"
        context = stream.codec_context
        context.colorspace, context.color_trc = matrix, transfer
        context.color_primaries, context.color_range = primaries, 1
        picture = av.VideoFrame(size[1], size[0], "yuv420p10le")
        for plane, level in zip(picture.planes, yuv, strict=True):
            plane.update(np.full(plane.buffer_size // 2, level, np.uint16).tobytes())
        picture.colorspace, picture.color_range = matrix, 1
        container.mux(stream.encode(picture))
        container.mux(stream.encode(None))


def _yuv(rgb: tuple[int, int, int], red: float, blue: float) -> tuple[int, int, int]:
    """Ten bits, limited range, by the matrix with these weights of red and blue."""
    r, g, b = (value / 255 for value in rgb)
    luma = red * r + (1 - red - blue) * g + blue * b
    chroma = ((b - luma) / (2 - 2 * blue), (r - luma) / (2 - 2 * red))
    return round(64 + 876 * luma), *(round(512 + 896 * part) for part in chroma)  # type: ignore[return-value]


SKIN = (196, 130, 104)


@pytest.mark.parametrize(
    ("size", "matrix", "weights"),
    [
        ((720, 1280), 2, (0.2126, 0.0722)),
        ((1280, 720), 2, (0.2126, 0.0722)),
        ((1080, 1920), 2, (0.2126, 0.0722)),
        ((480, 640), 2, (0.299, 0.114)),
        ((576, 720), 2, (0.299, 0.114)),
        ((720, 1280), 6, (0.299, 0.114)),
        ((480, 640), 1, (0.2126, 0.0722)),
        ((480, 640), 9, (0.2627, 0.0593)),
        ((480, 640), 10, (0.2627, 0.0593)),
        ((480, 640), 12, (0.2126, 0.0722)),
        ((480, 640), 13, (0.2627, 0.0593)),
        ((480, 640), 3, (0.299, 0.114)),
    ],
)
def test_colours_are_read_by_their_matrix(
    tmp_path: Path, size: tuple[int, int], matrix: int, weights: tuple[float, float]
) -> None:
    _write_yuv(tmp_path / "a.mkv", _yuv(SKIN, *weights), size=size, matrix=matrix)
    assert _first(tmp_path / "a.mkv")[8, 8] == pytest.approx(SKIN, abs=3)


@pytest.mark.parametrize("matrix", [8, 11, 14])
def test_a_foreign_matrix_is_said_once(
    tmp_path: Path, matrix: int, caplog: pytest.LogCaptureFixture
) -> None:
    _write_yuv(tmp_path / "a.mkv", (512, 512, 512), matrix=matrix)
    assert _first(tmp_path / "a.mkv")[8, 8] == pytest.approx((130, 130, 130), abs=3)
    (record,) = caplog.records
    assert "may look wrong" in record.getMessage()


def _pq(nits: float) -> float:
    """BT.2100, the inverse of PQ's EOTF."""
    y = (nits / 10_000) ** (2610 / 16384)
    return float(((3424 / 4096 + 2413 / 128 * y) / (1 + 2392 / 128 * y)) ** (2523 / 32))


def _grey(code: float) -> tuple[int, int, int]:
    return round(64 + 876 * code), 512, 512


@pytest.mark.parametrize(
    ("code", "transfer", "expected"),
    [
        (_pq(0.0), 16, 0),
        (_pq(203 * 0.18), 16, 118),  # sRGB of 18 %
        (_pq(203 * 0.5), 16, 188),
        (0.0, 18, 0),
        (0.38, 18, 108),  # BT.2408: 38 % of HLG is grey of 18 %, 26 cd/m² at 1000
    ],
)
def test_hdr_is_as_bright_as_it_was_meant(
    tmp_path: Path, code: float, transfer: int, expected: int
) -> None:
    _write_yuv(tmp_path / "a.mkv", _grey(code), matrix=9, transfer=transfer, primaries=9)
    seen = _first(tmp_path / "a.mkv")[8, 8]
    assert seen == pytest.approx((expected,) * 3, abs=8)


@pytest.mark.parametrize("transfer", [16, 18])
def test_hdr_rises_to_white_without_a_step(tmp_path: Path, transfer: int) -> None:
    levels: list[int] = []
    for index, code in enumerate(np.linspace(0, 1, 12)):
        path = tmp_path / f"{index}.mkv"
        _write_yuv(path, _grey(float(code)), matrix=9, transfer=transfer, primaries=9)
        levels.append(int(_first(path)[8, 8, 1]))
    steps: NDArray[np.int64] = np.diff(levels)
    assert (steps >= 0).all()
    assert levels[0] <= 1
    assert levels[-1] >= 250

import os
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from avatarify.errors import ImageError, OutputError
from avatarify.media.image_file import read_image, write_image
from tests.full_disk import file_size_limit


def _gradient(height: int = 40, width: int = 60) -> np.ndarray:
    rows, columns = np.mgrid[0:height, 0:width]
    return np.stack([rows * 3, columns * 4, rows + columns], axis=-1).astype(np.uint8)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _write_black_png(path: Path, side: int) -> None:
    """A valid 1-bit greyscale PNG: 900 megapixels fit in 110 kB."""
    row = b"\0" + bytes((side + 7) // 8)
    compressor = zlib.compressobj(1)
    body = b"".join(compressor.compress(row) for _ in range(side)) + compressor.flush()
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    chunks = _chunk(b"IHDR", header) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunks)


@pytest.fixture
def unprivileged() -> Iterator[None]:
    """Permissions mean nothing to root: become nobody for a while."""
    if not hasattr(os, "geteuid"):
        pytest.skip("this system has no user ids")
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    yield
    os.seteuid(user)


def test_colours_come_back_as_they_were_written(tmp_path: Path) -> None:
    image = _gradient()
    write_image(tmp_path / "a.png", image)
    np.testing.assert_array_equal(read_image(tmp_path / "a.png"), image)


def test_jpeg_keeps_the_colours_nearly(tmp_path: Path) -> None:
    image = np.full((32, 32, 3), (200, 60, 20), np.uint8)
    write_image(tmp_path / "a.jpg", image)
    assert np.abs(read_image(tmp_path / "a.jpg").astype(int) - image).max() <= 3


def test_a_read_image_is_a_contiguous_rgb_array_of_bytes(tmp_path: Path) -> None:
    write_image(tmp_path / "a.png", _gradient(3, 5))
    image = read_image(tmp_path / "a.png")
    assert image.shape == (3, 5, 3)
    assert image.dtype == np.uint8
    assert image.flags.c_contiguous
    assert image.flags.writeable


def test_a_path_may_hold_any_characters(tmp_path: Path) -> None:
    folder = tmp_path / "Bilder für Zoë"
    folder.mkdir()
    write_image(folder / "портрет 顔.png", _gradient())
    assert read_image(folder / "портрет 顔.png").shape == (40, 60, 3)


def test_16_bit_grey_is_scaled_to_8_bits(tmp_path: Path) -> None:
    grey = np.array([[0, 257, 32896, 65535]], np.uint16)
    Pillow.fromarray(grey).save(tmp_path / "a.png")
    np.testing.assert_array_equal(read_image(tmp_path / "a.png")[0, :, 0], [0, 1, 128, 255])
    assert read_image(tmp_path / "a.png").shape == (1, 4, 3)


def test_16_bit_grey_tiff_is_scaled_to_8_bits(tmp_path: Path) -> None:
    Pillow.fromarray(np.array([[0, 65535]], np.uint16)).save(tmp_path / "a.tif")
    np.testing.assert_array_equal(read_image(tmp_path / "a.tif")[0, :, 1], [0, 255])


def test_16_bit_colour_is_scaled_to_8_bits(tmp_path: Path) -> None:
    header = struct.pack(">IIBBBBB", 1, 1, 16, 2, 0, 0, 0)
    pixel = b"\0" + struct.pack(">HHH", 0, 0x8080, 0xFFFF)
    chunks = _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(pixel)) + _chunk(b"IEND", b"")
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + chunks)
    np.testing.assert_array_equal(read_image(tmp_path / "a.png"), [[[0, 128, 255]]])


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "YCbCr"])
def test_other_colour_modes_become_rgb(tmp_path: Path, mode: str) -> None:
    white = Pillow.new("RGB", (4, 4), (255, 255, 255)).convert(mode)
    path = tmp_path / ("a.jpg" if mode in {"CMYK", "YCbCr"} else "a.png")
    white.save(path)
    np.testing.assert_array_equal(read_image(path), np.full((4, 4, 3), 255))


def test_transparent_pixels_lie_on_grey(tmp_path: Path) -> None:
    picture = Pillow.new("RGBA", (2, 1), (255, 0, 0, 255))
    picture.putpixel((1, 0), (255, 0, 0, 0))
    picture.save(tmp_path / "a.png")
    np.testing.assert_array_equal(read_image(tmp_path / "a.png"), [[[255, 0, 0], [127, 127, 127]]])


def test_a_transparent_palette_entry_lies_on_grey(tmp_path: Path) -> None:
    picture = Pillow.new("P", (2, 1), 0)
    picture.putpalette([10, 20, 30, 40, 50, 60])
    picture.putpixel((1, 0), 1)
    picture.save(tmp_path / "a.png", transparency=1)
    np.testing.assert_array_equal(read_image(tmp_path / "a.png"), [[[10, 20, 30], [127] * 3]])


def test_grey_with_alpha_lies_on_grey(tmp_path: Path) -> None:
    Pillow.new("LA", (1, 1), (200, 0)).save(tmp_path / "a.png")
    np.testing.assert_array_equal(read_image(tmp_path / "a.png"), [[[127, 127, 127]]])


def test_webp_is_read(tmp_path: Path) -> None:
    Pillow.fromarray(_gradient()).save(tmp_path / "a.webp", lossless=True)
    np.testing.assert_array_equal(read_image(tmp_path / "a.webp"), _gradient())


def test_exif_rotation_is_applied(tmp_path: Path) -> None:
    stored = _gradient(10, 20)
    exif = Pillow.Exif()
    exif[0x0112] = 6  # "rotate a quarter clockwise to view": how phones store an upright portrait
    Pillow.fromarray(stored).save(tmp_path / "a.png", exif=exif)
    np.testing.assert_array_equal(read_image(tmp_path / "a.png"), np.rot90(stored, k=-1))


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"There is no image .*a\.png"):
        read_image(tmp_path / "a.png")


def test_a_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="is a folder"):
        read_image(tmp_path)


def test_an_empty_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.png").touch()
    with pytest.raises(ImageError, match="empty"):
        read_image(tmp_path / "a.png")


def test_a_file_that_is_no_image_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_text("<html>not a picture</html>")
    with pytest.raises(ImageError, match="not an image"):
        read_image(tmp_path / "a.png")


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".tif", ".bmp"])
def test_a_cut_off_file_is_refused_and_not_filled_with_grey(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    Pillow.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)).save(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    with pytest.raises(ImageError, match=r"damaged|not an image"):
        read_image(path)


def test_flipped_bits_in_a_png_are_noticed(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    write_image(path, np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(ImageError, match="damaged"):
        read_image(path)


@pytest.mark.parametrize("side", [30_000, 9_600])  # above Pillow's own limit, and between the two
def test_a_huge_picture_is_refused_before_it_is_decoded(tmp_path: Path, side: int) -> None:
    resource = pytest.importorskip("resource")
    path = tmp_path / "a.png"
    _write_black_png(path, side)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(ImageError, match=r"too large.*below 80 megapixels"):
        read_image(path)
    grown_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown_kb < 50_000


def test_a_file_without_permission_is_told(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    path = tmp_path / "a.png"
    write_image(path, _gradient())
    path.chmod(0)
    request.getfixturevalue("unprivileged")
    with pytest.raises(ImageError, match="no permission"):
        read_image(path)


def test_writing_replaces_the_file_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    write_image(tmp_path / "a.png", _gradient())
    write_image(tmp_path / "a.png", _gradient(5, 5))
    assert read_image(tmp_path / "a.png").shape == (5, 5, 3)
    assert list(tmp_path.iterdir()) == [tmp_path / "a.png"]


def test_writing_into_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="does not exist"):
        write_image(tmp_path / "missing" / "a.png", _gradient())


def test_writing_over_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.png").mkdir()
    with pytest.raises(OutputError, match="folder of that name"):
        write_image(tmp_path / "a.png", _gradient())


def test_writing_without_permission_is_told(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    tmp_path.chmod(0o500)
    request.getfixturevalue("unprivileged")
    with pytest.raises(OutputError, match="no permission"):
        write_image(tmp_path / "a.png", _gradient())


def test_another_ending_is_the_callers_mistake(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"\.png or \.jpg"):
        write_image(tmp_path / "a.doc", _gradient())


def test_a_full_disk_is_told_and_the_old_picture_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    write_image(path, _gradient(4, 4))
    with file_size_limit(1000), pytest.raises(OutputError, match="disk is full"):
        write_image(path, np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8))
    assert read_image(path).shape == (4, 4, 3)
    assert list(tmp_path.iterdir()) == [path]


def test_the_stand_in_for_a_full_disk_says_file_too_big(tmp_path: Path) -> None:
    with file_size_limit(10), pytest.raises(OSError, match="File too large"):
        (tmp_path / "a").write_bytes(bytes(100))

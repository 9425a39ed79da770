import os
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageCms

from avatarify.errors import ImageError, OutputError
from avatarify.media.image_file import IMAGE_SUFFIXES, read_image, write_image
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


P3_TO_SRGB = np.array([[1.2249, -0.2247, 0.0], [-0.0420, 1.0419, 0.0], [-0.0197, -0.0786, 1.0979]])


def test_avif_is_read(tmp_path: Path) -> None:
    assert ".avif" in IMAGE_SUFFIXES
    image = np.full((48, 64, 3), (200, 60, 20), np.uint8)
    Pillow.fromarray(image).save(tmp_path / "a.avif", quality=95)
    read = read_image(tmp_path / "a.avif")
    assert read.shape == image.shape
    assert np.abs(read.astype(int) - image).max() <= 6


def test_heic_is_read_where_the_extra_is_installed(tmp_path: Path) -> None:
    heif = pytest.importorskip("pillow_heif")
    image = np.full((48, 64, 3), (200, 60, 20), np.uint8)
    heif.from_pillow(Pillow.fromarray(image)).save(tmp_path / "a.jpg", quality=95)
    read = read_image(tmp_path / "a.jpg")  # the content counts, not the ending
    assert read.shape == image.shape
    assert np.abs(read.astype(int) - image).max() <= 6


def _s15(*values: float) -> bytes:
    return b"".join(struct.pack(">i", round(value * 65536)) for value in values)


def _xyz(*values: float) -> bytes:
    return b"XYZ \0\0\0\0" + _s15(*values)


def p3_profile() -> bytes:
    """A Display P3 profile, as phones write it, made of its numbers."""
    curve = b"para\0\0\0\0\0\x03\0\0" + _s15(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
    tags = {
        b"rXYZ": _xyz(0.51512, 0.2412, -0.00105), b"gXYZ": _xyz(0.29198, 0.69225, 0.04189),
        b"bXYZ": _xyz(0.1571, 0.06657, 0.78407), b"rTRC": curve, b"gTRC": curve, b"bTRC": curve,
    }  # fmt: skip
    return profile("Display P3", tags)


def linear_srgb_profile() -> bytes:
    """The primaries of sRGB without its curve, as GIMP and darktable write it."""
    curve = b"para\0\0\0\0\0\0\0\0" + _s15(1.0)
    tags = {
        b"rXYZ": _xyz(0.43607, 0.22249, 0.01392), b"gXYZ": _xyz(0.38515, 0.71687, 0.09708),
        b"bXYZ": _xyz(0.14307, 0.06061, 0.7141), b"rTRC": curve, b"gTRC": curve, b"bTRC": curve,
    }  # fmt: skip
    return profile("GIMP built-in Linear sRGB", tags)


def press_profile() -> bytes:
    """A printing press with dull inks, as a table from CMYK to CIE Lab."""
    inks = np.array([[80, -10, -30], [70, 40, 0], [95, 0, 50], [40, 0, 0]])  # paper is (100, 0, 0)
    table = []
    for corner in np.ndindex(2, 2, 2, 2):
        lightness, a, b = np.array([100, 0, 0]) + np.array(corner) @ (inks - [100, 0, 0])
        table += [round(max(lightness, 0) * 2.55), round(a + 128), round(b + 128)]
    ramp = bytes(range(256))
    lut = struct.pack(">4sIBBBx", b"mft1", 0, 4, 3, 2) + _s15(1, 0, 0, 0, 1, 0, 0, 0, 1)
    tags = {b"A2B0": lut + 4 * ramp + bytes(table) + 3 * ramp}
    return profile("Dull inks", tags, b"prtr", b"CMYK", b"Lab ")


def profile(
    name: str,
    tags: dict[bytes, bytes],
    device: bytes = b"mntr",
    pixels: bytes = b"RGB ",
    between: bytes = b"XYZ ",
) -> bytes:
    """An ICC profile of these tags."""
    words = name.encode("utf-16-be")
    text = b"mluc\0\0\0\0" + struct.pack(">II2s2sII", 1, 12, b"en", b"US", len(words), 28) + words
    tags = {b"desc": text, b"cprt": text, b"wtpt": _xyz(0.9642, 1.0, 0.8249), **tags}
    table, body, start = struct.pack(">I", len(tags)), b"", 132 + 12 * len(tags)
    for tag, content in tags.items():
        table += tag + struct.pack(">II", start + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    header = struct.pack(
        ">I4sI4s4s4s12s4s4sIIIQI", 128 + len(table) + len(body), b"lcms", 0x04300000, device,
        pixels, between, bytes(12), b"acsp", b"APPL", 0, 0, 0, 0, 0,
    ) + _s15(0.9642, 1.0, 0.8249)  # fmt: skip
    return header + bytes(128 - len(header)) + table + body


def p3_as_srgb(image: np.ndarray) -> np.ndarray:
    value = image / 255.0
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    linear = np.clip(linear @ P3_TO_SRGB.T, 0, 1)
    value = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.round(value * 255)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".tif", ".avif"])
def test_a_phones_colours_become_srgb(tmp_path: Path, suffix: str) -> None:
    image = np.full((32, 32, 3), (190, 130, 100), np.uint8)
    path = tmp_path / f"a{suffix}"
    Pillow.fromarray(image).save(path, icc_profile=p3_profile(), quality=95)
    expected = p3_as_srgb(image[0, 0].astype(float))
    assert np.abs(expected - image[0, 0]).max() > 8  # else this would show nothing
    assert np.abs(read_image(path)[16, 16] - expected).max() <= (4 if suffix != ".png" else 1)


def test_a_transparent_picture_keeps_its_alpha_beside_its_profile(tmp_path: Path) -> None:
    picture = Pillow.new("RGBA", (2, 1), (190, 130, 100, 255))
    picture.putpixel((1, 0), (190, 130, 100, 0))
    picture.save(tmp_path / "a.png", icc_profile=p3_profile())
    read = read_image(tmp_path / "a.png")
    assert np.abs(read[0, 0] - p3_as_srgb(np.array([190.0, 130.0, 100.0]))).max() <= 1
    np.testing.assert_array_equal(read[0, 1], [127] * 3)


@pytest.mark.parametrize("mode", ["L", "P"])
def test_grey_and_palettes_are_converted_too(tmp_path: Path, mode: str) -> None:
    picture = Pillow.new("RGB", (8, 8), (190, 130, 100)).convert(mode)
    grey = np.array(picture.convert("RGB"))[0, 0].astype(float)
    picture.save(tmp_path / "a.png", icc_profile=p3_profile())
    assert np.abs(read_image(tmp_path / "a.png")[0, 0] - p3_as_srgb(grey)).max() <= 1


def test_a_profile_of_srgb_changes_nothing(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Pillow.fromarray(_gradient()).save(tmp_path / "a.png", icc_profile=profile)
    np.testing.assert_array_equal(read_image(tmp_path / "a.png"), _gradient())


def test_a_linear_srgb_is_not_taken_for_srgb(tmp_path: Path) -> None:
    linear = Pillow.new("RGB", (8, 8), (55, 55, 55))
    linear.save(tmp_path / "a.png", icc_profile=linear_srgb_profile())
    assert np.abs(read_image(tmp_path / "a.png")[0, 0].astype(int) - 128).max() <= 1


@pytest.mark.parametrize("suffix", [".jpg", ".tif"])
@pytest.mark.parametrize(
    ("inks", "seen"),
    [
        ((0, 0, 0, 0), (255, 255, 255)),
        ((255, 0, 0, 0), (147, 206, 253)),  # Lab (80, -10, -30)
        ((0, 0, 255, 0), (255, 240, 140)),  # Lab (95, 0, 50)
        ((0, 0, 0, 255), (94, 94, 94)),  # Lab (40, 0, 0)
    ],
)
def test_a_print_is_shown_as_its_press_prints(
    tmp_path: Path, suffix: str, inks: tuple[int, ...], seen: tuple[int, ...]
) -> None:
    path = tmp_path / f"a{suffix}"
    Pillow.new("CMYK", (16, 16), inks).save(path, icc_profile=press_profile(), quality=97)
    assert np.abs(read_image(path)[8, 8].astype(int) - seen).max() <= 4


@pytest.mark.parametrize("broken", [b"no profile", p3_profile()[:300], p3_profile()[:140]])
@pytest.mark.parametrize("mode", ["RGB", "CMYK"])
def test_a_broken_profile_or_one_of_other_pixels_is_ignored(
    tmp_path: Path, broken: bytes, mode: str
) -> None:
    picture = Pillow.new("RGB", (8, 8), (190, 130, 100)).convert(mode)
    path = tmp_path / "a.tif"
    picture.save(path, icc_profile=broken if mode == "RGB" else p3_profile())
    expected = np.array(picture.convert("RGB"))
    np.testing.assert_array_equal(read_image(path), expected)


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (b"\0\0\0\x18ftypheix", "a HEIC picture"),
        (b"\0\0\0\x18ftypmif1", "a HEIC picture"),
        (b"\0\0\0\x18ftypisom", "a video"),
        (b"\xff\x0a\xfa\x1f", "a JPEG XL picture"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "a JPEG XL picture"),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "a JPEG 2000 picture"),
        (b"8BPS\0\1", "a Photoshop picture"),
        (b"%PDF-1.7", "a PDF document"),
        (b"<?xml version='1.0'?><svg/>", "an SVG drawing"),
        (b"\n<!DOCTYPE html>", "a web page or other markup"),
        (b"II*\0\x10\0\0\0CR\2\0", "a camera's raw picture"),
        (b"\x1aE\xdf\xa3", "a video"),
        (b"PK\3\4", "an archive"),
        (b"icns\0\1", "an icon"),
        (b"\x01\xda\1\1", "an SGI picture"),
        (b"\x0a\5\1\x08", "a PCX picture"),
        (b"MM\0*\0\0\0\x08", "a TIFF that is damaged or of a rare kind"),
        (bytes(128) + b"DICM", "a medical picture"),
        (b"MZ\x90\0", "a program"),
        (b"RIFF\0\0\0\0WAVE", "sound"),
    ],
)
@pytest.mark.parametrize("name", ["a.jpg", "a.heic", "a"])
def test_what_cannot_be_read_is_named_whatever_its_ending_says(
    tmp_path: Path, start: bytes, kind: str, name: str
) -> None:
    (tmp_path / name).write_bytes(start + bytes(200))
    with pytest.raises(ImageError, match=f"is {kind}.*JPEG or PNG"):
        read_image(tmp_path / name)


def test_a_kind_that_says_at_its_end_what_it_is_is_named(tmp_path: Path) -> None:
    Pillow.new("RGB", (32, 24), (9, 90, 200)).save(tmp_path / "a.tga")
    (tmp_path / "a.tga").rename(tmp_path / "a.png")
    with pytest.raises(ImageError, match=r"is a Targa picture.*JPEG or PNG"):
        read_image(tmp_path / "a.png")


@pytest.mark.parametrize("error", ["ImportError", "OSError"])
def test_a_heic_library_that_does_not_load_counts_as_none(tmp_path: Path, error: str) -> None:
    (tmp_path / "pillow_heif.py").write_text(f"raise {error}('libheif.so.1 is missing')")
    (tmp_path / "a.jpg").write_bytes(b"\0\0\0\x18ftypheic" + bytes(200))
    Pillow.new("RGB", (32, 24), (9, 90, 200)).save(tmp_path / "a.png")
    code = (
        "import sys; from pathlib import Path; from avatarify.media.image_file import read_image\n"
        "assert read_image(Path('a.png'))[0, 0].tolist() == [9, 90, 200]\n"
        "try: read_image(Path('a.jpg'))\nexcept Exception as error: sys.exit(str(error))"
    )
    tree = Path(__file__).resolve().parents[2]
    said = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(tmp_path), str(tree)))},
        capture_output=True,
        text=True,
        check=False,
    ).stderr
    assert "is a HEIC picture" in said
    assert "pip install pillow-heif" in said


def test_without_the_extra_it_is_said_how_heic_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("avatarify.media.image_file._HAS_HEIC", False)
    (tmp_path / "a.jpg").write_bytes(b"\0\0\0\x18ftypheic" + bytes(200))
    with pytest.raises(ImageError, match=r"is a HEIC picture.*pip install pillow-heif"):
        read_image(tmp_path / "a.jpg")
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    with pytest.raises(ImageError, match=r"is a HEIC picture.*install the bundle anew"):
        read_image(tmp_path / "a.jpg")


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

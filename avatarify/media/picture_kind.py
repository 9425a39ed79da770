"""Names what a file is by how it starts, whatever its name says."""

import re
from itertools import chain

HEIC = "a HEIC picture"

_BRANDS = {
    b"heic": HEIC, b"heix": HEIC, b"hevc": HEIC, b"hevx": HEIC, b"heim": HEIC, b"heis": HEIC,
    b"hevm": HEIC, b"hevs": HEIC, b"mif1": HEIC, b"msf1": HEIC,
    b"avif": "an AVIF picture", b"avis": "an AVIF picture", b"crx ": "a Canon raw picture",
    b"jp2 ": "a JPEG 2000 picture", b"qt  ": "a QuickTime video",
}  # fmt: skip
"""Major brands of ISO media files; every other one is a video."""

_STARTS = (
    (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"\xff\x0a", "a JPEG XL picture"),
    (b"\0\0\0\x0cJXL \r\n\x87\n", "a JPEG XL picture"),
    (b"\0\0\0\x0cjP  ", "a JPEG 2000 picture"),
    (b"\xff\x4f\xff\x51", "a JPEG 2000 picture"),
    (b"8BPS", "a Photoshop picture"),
    (b"gimp xcf", "a GIMP picture"),
    (b"%PDF", "a PDF document"),
    (b"%!PS", "a PostScript document"),
    (b"v/1\x01", "an OpenEXR picture"),
    (b"#?RADIANCE", "a Radiance picture"),
    (b"qoif", "a QOI picture"),
    (b"DDS ", "a DDS picture"),
    (b"\0\0\1\0", "an icon"),
    (b"\0\0\2\0", "a cursor"),
    (b"icns", "an icon"),
    (b"\x01\xda", "an SGI picture"),
    (b"\x59\xa6\x6a\x95", "a Sun picture"),
    (b"SIMPLE  =", "a FITS picture"),
    (b"/* XPM", "an XPM picture"),
    (b"#define ", "an XBM picture"),
    (b"\xd7\xcd\xc6\x9a", "a Windows drawing"),
    (b"BPG\xfb", "a BPG picture"),
    (b"AT&TFORM", "a DjVu document"),
    (b"FUJIFILMCCD-RAW", "a Fujifilm raw picture"),
    (b"IIRO", "an Olympus raw picture"),
    (b"FORM", "an IFF picture"),
    (b"II*\0", "a TIFF that is damaged or of a rare kind, as a camera's raw picture is"),
    (b"MM\0*", "a TIFF that is damaged or of a rare kind, as a camera's raw picture is"),
    (b"II+\0", "a large TIFF"),
    (b"MM\0+", "a large TIFF"),
    (b"\x1aE\xdf\xa3", "a video"),
    (b"\0\0\1\xba", "a video"),
    (b"\0\0\1\xb3", "a video"),
    (b"FLV\1", "a video"),
    (b"\x30\x26\xb2\x75", "a video"),
    (b"OggS", "a video or sound"),
    (b"ID3", "sound"),
    (b"fLaC", "sound"),
    (b"MZ", "a program"),
    (b"\x7fELF", "a program"),
    (b"\x93NUMPY", "an array of numbers"),
    (b"\x1f\x8b", "a compressed archive"),
    (b"PK\x03\x04", "an archive or a document"),
    (b"Rar!", "an archive"),
    (b"7z\xbc\xaf", "an archive"),
)
_PATTERNS = (
    (re.compile(rb"^(?:II\x2a\x00.{4}CR|IIU\x00)", re.DOTALL), "a camera's raw picture"),
    (re.compile(rb"^\x0a[\x00-\x05]\x01[\x01\x02\x04\x08]"), "a PCX picture"),
    (re.compile(rb"^.{128}DICM", re.DOTALL), "a medical picture"),
)
_TARGA_END = b"TRUEVISION-XFILE.\0"
_MARKUP = re.compile(rb"^(?:\xef\xbb\xbf)?\s*<(?:svg|\?xml|!--|!doctype|html)", re.IGNORECASE)


def picture_kind(start: bytes, end: bytes = b"") -> str | None:
    """Say what a file is, with its article, as in `a HEIC picture`.

    Args:
        start: Its first bytes; 512 are enough.
        end: Its last bytes; 26 are enough.

    Returns:
        None where nobody knows.
    """
    if start[4:8] == b"ftyp":
        return _BRANDS.get(start[8:12], "a video")
    if start[:4] == b"RIFF":
        return {b"WEBP": "a WebP picture", b"AVI ": "a video", b"WAVE": "sound"}.get(start[8:12])
    if end.endswith(_TARGA_END):
        return "a Targa picture"
    if _MARKUP.match(start):
        return "an SVG drawing" if b"<svg" in start.lower() else "a web page or other markup"
    matched = (kind for pattern, kind in _PATTERNS if pattern.match(start))
    known = (kind for magic, kind in _STARTS if start.startswith(magic))
    return next(chain(matched, known), None)

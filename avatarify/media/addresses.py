"""Addresses of network cameras as people write them: whole, without a scheme, or mistyped."""

import re
from difflib import get_close_matches
from urllib.parse import urlsplit

SCHEMES = ("http", "https", "rtsp", "rtsps", "rtmp", "rtmps", "udp", "tcp")
"""The kinds of network address that can be opened."""

_SCHEME_OF_PORT = {
    "443": "https", "8443": "https", "554": "rtsp", "8554": "rtsp", "10554": "rtsp", "1935": "rtmp",
}  # fmt: skip
"""What usually listens there; everything else is tried as http."""

_LOCAL_ENDINGS = {"local", "lan", "home", "internal", "localdomain", "box", "arpa"}
"""Last parts of names that routers and phones give to machines at home."""

_NUMBERS = r"\d{1,3}(?:\.\d{1,3}){3}|\[[\da-fA-F:.]+\]|localhost"
_BARE = re.compile(
    rf"(?:[^\s/@]+@)?(?:(?P<sure>{_NUMBERS})|(?P<name>[a-zA-Z\d][\w.-]*))"
    r"(?::(?P<port>\d{1,5}))?(?P<path>[/?]\S*)?"
)
_MISTYPED = re.compile(r"(?P<scheme>[a-zA-Z]{3,6})\s?[:;]?[/\\]{0,3}(?P<rest>[^\s/\\].*)")
_WITH_SCHEME = re.compile(r"(?P<scheme>[a-zA-Z][\w+.-]*)://(?P<rest>.*)")

_ENDINGS_OF_FILES = {
    "mp4", "m4v", "mov", "avi", "mkv", "webm", "mpg", "mpeg", "gif", "png", "npz", "jpg", "ts",
}  # fmt: skip


def is_address(spec: str) -> bool:
    """Return whether this is the whole address of a network camera."""
    return "://" in spec and urlsplit(spec.strip()).scheme.lower() in SCHEMES


def whole_address(spec: str) -> str:
    """Return the address that a user means, its scheme added; empty if it can be none.

    Args:
        spec: For example http://phone/video, 192.168.1.20:8080/video or phone.local/video.
    """
    text = spec.strip()
    if is_address(text):
        return text
    if not (bare := _BARE.fullmatch(text)) or not _is_host(bare):
        return ""
    return f"{_SCHEME_OF_PORT.get(bare['port'] or '', 'http')}://{text}"


def wrong_address(spec: str) -> str:
    """Say what to write instead of an address that cannot be opened; empty if it is none.

    Args:
        spec: For example ttp://phone/video, http:/phone:8080 or rtp://@:5004.
    """
    text = spec.strip()
    if is_address(text):
        return ""
    if found := _WITH_SCHEME.fullmatch(text):
        return _explain(found["scheme"].lower(), found["rest"])
    found = _MISTYPED.fullmatch(text)
    if not found or not whole_address(found["rest"]):
        return ""
    likely = get_close_matches(found["scheme"].lower(), SCHEMES, 1, 0.75)
    if not likely:
        return ""
    return f"{public_name(text)} is no address. Did you mean {public_name(_joined(likely, found))}?"


def public_name(url: str) -> str:
    """Return the address without the user, password and query that it may hold."""
    text = re.sub(r"[^\s/@]*@", "", url.strip(), count=1)
    return text.partition("?")[0].partition("#")[0]


def _is_host(bare: re.Match[str]) -> bool:
    """Whether this is a machine rather than a file, a camera's name or a time of day."""
    name, port, path = bare["name"], bare["port"], bare["path"] or ""
    if port is not None and not 0 < int(port) < 65536:
        return False
    if bare["sure"]:
        return True
    if name.isdecimal():
        return False
    ending = name.rstrip(".").rpartition(".")[2].lower() if "." in name else ""
    if ending in _LOCAL_ENDINGS or (port and (path or ending or len(port) > 3)):
        return True
    is_of_file = {ending, path.rpartition(".")[2].lower()} & _ENDINGS_OF_FILES
    return bool(path.startswith("/") and ending.isalpha() and len(ending) > 1 and not is_of_file)


def _explain(scheme: str, rest: str) -> str:
    if scheme == "file":
        return f"Write the path of a file without file://, as in {public_name(rest)}."
    if scheme in ("rtp", "srtp"):
        return (
            "An rtp:// address does not say what it carries. Write the rtsp:// address that the "
            "camera's app or manual names."
        )
    likely = get_close_matches(scheme, SCHEMES, 1, 0.6)
    meant = f" Did you mean {likely[0]}://{public_name(rest)}?" if likely else ""
    return f"{scheme}:// cannot be opened; http://, https://, rtsp:// and rtmp:// can.{meant}"


def _joined(likely: list[str], found: re.Match[str]) -> str:
    return f"{likely[0]}://{found['rest']}"

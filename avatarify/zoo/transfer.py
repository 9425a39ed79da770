"""One file from one address, over a network that breaks: what arrived is kept and gone on from."""

import errno
import http
import http.client
import logging
import re
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from avatarify.errors import DownloadError, OutputError
from avatarify.zoo.proxy import proxy_of
from avatarify.zoo.published_file import looks_like_html
from avatarify.zoo.unwritable import why_unwritable

logger = logging.getLogger(__name__)

OnProgress = Callable[[int, int | None], None]
"""Told how many bytes are there, and how many there will be if the server says so."""

CHUNK_BYTES = 1 << 18


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a transfer goes on against a bad network."""

    timeout_s: float = 30.0
    """A connection that is silent for longer counts as broken."""

    fruitless_attempts: int = 4
    """It gives up after this many broken connections in a row that brought nothing."""

    pause_s: float = 1.0
    """Between attempts."""


class _ConnectionBrokenError(Exception):
    """The transfer stopped before its end; another attempt can go on from there."""


def transfer(
    url: str,
    part: Path,
    on_progress: OnProgress,
    *,
    accepted_sizes: Collection[int] = (),
    patience: Patience | None = None,
) -> None:
    """Fetch `url` into `part`, going on from what `part` already holds.

    Args:
        url: An http or https address.
        part: Where the bytes are collected; it stays when the network fails.
        on_progress: Called after every piece.
        accepted_sizes: The sizes in bytes that the file may have; empty if not known. Another size
            is refused before it is fetched.
        patience: When to give up.

    Raises:
        DownloadError: The server refuses, offers something else, or the network stays broken.
        OutputError: `part` cannot be written.
    """
    if not url.startswith(("https://", "http://")):
        raise ValueError(f"{url} is not an http address")
    patience = patience or Patience()
    fruitless = 0
    while True:
        size_before = _size(part)
        try:
            _attempt(url, part, on_progress, accepted_sizes, patience.timeout_s)
        except _ConnectionBrokenError as error:
            fruitless = 0 if _size(part) > size_before else fruitless + 1
            if fruitless >= patience.fruitless_attempts:
                raise DownloadError(f"the connection failed: {error}") from error
            logger.info("%s: %s; going on at byte %d", url, error, _size(part))
            time.sleep(patience.pause_s)
        else:
            _validator_file(part).unlink(missing_ok=True)
            return


def _attempt(
    url: str, part: Path, on_progress: OnProgress, accepted_sizes: Collection[int], timeout_s: float
) -> None:
    try:
        response = urllib.request.urlopen(_request(url, part), timeout=timeout_s)  # noqa: S310 - http
    except urllib.error.HTTPError as error:
        error.close()
        raise _refusal(error, part, proxy_of(url)) from error
    except urllib.error.URLError as error:
        raise _unreachable(str(error.reason), proxy_of(url)) from error
    except (OSError, http.client.HTTPException) as error:
        raise _unreachable(str(error) or type(error).__name__, proxy_of(url)) from error
    with response:
        _receive(response, part, on_progress, accepted_sizes)


def _unreachable(reason: str, proxy: str) -> Exception:
    if not proxy:
        return _ConnectionBrokenError(reason)
    if re.search(r"Tunnel connection failed: 4\d\d", reason):
        return DownloadError(f"the proxy {proxy} refuses: {reason}")
    return _ConnectionBrokenError(f"{reason}, through the proxy {proxy}")


def _refusal(error: urllib.error.HTTPError, part: Path, proxy: str) -> Exception:
    if error.code == http.HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        return DownloadError(f"the proxy {proxy} wants a name and a password (407 {error.reason})")
    through = f", through the proxy {proxy}" if proxy else ""
    if error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and part.exists():
        part.unlink()
        return _ConnectionBrokenError("what was there is no beginning of the server's file")
    if error.code >= http.HTTPStatus.INTERNAL_SERVER_ERROR:
        return _ConnectionBrokenError(f"the server answers {error.code} {error.reason}{through}")
    return DownloadError(f"the server answers {error.code} {error.reason}{through}")


def _request(url: str, part: Path) -> urllib.request.Request:
    # Identity: a compressed answer could not be resumed, and its length would say nothing.
    headers = {"User-Agent": "avatarify", "Accept-Encoding": "identity"}
    size = _size(part)
    if size:
        headers["Range"] = f"bytes={size}-"
        validator = _validator_file(part)
        if validator.exists():
            headers["If-Range"] = validator.read_text(encoding="latin-1")
    return urllib.request.Request(url, headers=headers)  # noqa: S310 - http


def _receive(
    response: http.client.HTTPResponse,
    part: Path,
    on_progress: OnProgress,
    accepted_sizes: Collection[int],
) -> None:
    offset = _size(part) if _continues(response, _size(part)) else 0
    length = response.headers.get("Content-Length")
    total = offset + int(length) if length is not None and length.isdigit() else None
    _refuse_foreign(response, total, accepted_sizes)
    _remember_validator(response, part)
    _require_space(part, 0 if total is None else total - offset)
    received = _append(response, part, offset, on_progress, total)
    if total is not None and received < total:
        raise _ConnectionBrokenError(f"it ended after {received:,} of {total:,} bytes")


def _continues(response: http.client.HTTPResponse, size: int) -> bool:
    """Tell whether the server sends the rest, and not, ignoring the request, the whole."""
    if response.status != http.HTTPStatus.PARTIAL_CONTENT:
        return False
    return response.headers.get("Content-Range", "").startswith(f"bytes {size}-")


def _refuse_foreign(
    response: http.client.HTTPResponse, total: int | None, accepted_sizes: Collection[int]
) -> None:
    if response.headers.get_content_type() == "text/html":
        raise DownloadError("the server sends a web page instead of the file")
    if total is not None and accepted_sizes and total not in accepted_sizes:
        sizes = " or ".join(f"{size:,}" for size in sorted(accepted_sizes))
        raise DownloadError(f"the server offers {total:,} bytes, the published file has {sizes}")


def _append(
    response: http.client.HTTPResponse,
    part: Path,
    offset: int,
    on_progress: OnProgress,
    total: int | None,
) -> int:
    """Write the answer's body behind the first `offset` bytes and return the new size."""
    try:
        with part.open("r+b" if offset else "wb") as file:
            file.seek(offset)
            while chunk := _read(response):
                if file.tell() == 0 and looks_like_html(chunk):
                    raise DownloadError("the server sends a web page instead of the file")
                file.write(chunk)
                on_progress(file.tell(), total)
            return file.tell()
    except OSError as error:
        raise _write_error(part, error) from error


def _read(response: http.client.HTTPResponse) -> bytes:
    try:
        return response.read(CHUNK_BYTES)
    except (OSError, http.client.HTTPException) as error:
        raise _ConnectionBrokenError(str(error) or type(error).__name__) from error


def _require_space(part: Path, missing_bytes: int) -> None:
    try:
        free = shutil.disk_usage(part.parent).free
    except OSError as error:
        raise _write_error(part, error) from error
    if free < missing_bytes:
        raise OutputError(
            f"{part.parent} has {free / 1e6:,.0f} MB free, and {missing_bytes / 1e6:,.0f} MB are "
            "still to come. Make room there, or set AVATARIFY_MODELS to a folder on a larger disk."
        )


def _write_error(path: Path, error: OSError) -> OutputError:
    if error.errno == errno.ENOSPC:
        return OutputError(
            f"The disk of {path.parent} is full. Make room and repeat: what arrived is kept."
        )
    return OutputError(f"Cannot write {path}: {why_unwritable(path, error)}")


def _validator_file(part: Path) -> Path:
    """Hold the mark by which the server recognises its file, so that no two files are mixed."""
    return part.with_name(part.name + ".etag")


def _remember_validator(response: http.client.HTTPResponse, part: Path) -> None:
    # If-Range takes strong marks only (RFC 9110, 13.1.5).
    mark = response.headers.get("ETag", "")
    if mark.startswith("W/") or not mark:
        mark = response.headers.get("Last-Modified", "")
    try:
        if mark:
            _validator_file(part).write_text(mark, encoding="latin-1")
        else:
            _validator_file(part).unlink(missing_ok=True)
    except OSError as error:
        raise _write_error(part, error) from error


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0

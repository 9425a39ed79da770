"""Transfers from a server that breaks, refuses and lies."""

import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from avatarify.errors import DownloadError, OutputError
from avatarify.zoo.transfer import Patience, transfer
from tests.zoo.conftest import Page, Server

BODY = bytes(range(256)) * 4000  # 1,024,000 bytes
IMPATIENT = Patience(timeout_s=5, fruitless_attempts=2, pause_s=0)


def fetch(
    url: str, part: Path, accepted_sizes: tuple[int, ...] = ()
) -> list[tuple[int, int | None]]:
    progress: list[tuple[int, int | None]] = []
    transfer(
        url,
        part,
        lambda done, total: progress.append((done, total)),
        accepted_sizes=accepted_sizes,
        patience=IMPATIENT,
    )
    return progress


def test_a_file_arrives_with_progress(server: Server, tmp_path: Path) -> None:
    part = tmp_path / "file.part"
    progress = fetch(server.add("/file", Page(BODY)), part, (len(BODY),))
    assert part.read_bytes() == BODY
    assert progress[-1] == (len(BODY), len(BODY))
    assert progress == sorted(progress)
    assert list(tmp_path.iterdir()) == [part]


def test_dropped_connections_are_gone_on_from(server: Server, tmp_path: Path) -> None:
    page = Page(BODY, drop_after=300_000)
    fetch(server.add("/file", page), tmp_path / "file.part")
    assert (tmp_path / "file.part").read_bytes() == BODY
    # 300,000 bytes each time: 3 broken answers and the rest.
    starts = [headers.get("Range") for headers in page.asked]
    assert starts == [None, "bytes=300000-", "bytes=600000-", "bytes=900000-"]
    assert page.asked[1]["If-Range"] == '"first"'


def test_another_run_goes_on_from_what_is_there(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file.part").write_bytes(BODY[:1_000_000])
    page = Page(BODY)
    fetch(server.add("/file", page), tmp_path / "file.part")
    assert (tmp_path / "file.part").read_bytes() == BODY
    assert [headers["Range"] for headers in page.asked] == ["bytes=1000000-"]


def test_a_file_that_changed_meanwhile_starts_over(server: Server, tmp_path: Path) -> None:
    part = tmp_path / "file.part"
    server.add("/file", Page(b"old" * 100_000, drop_after=0))
    with pytest.raises(DownloadError):
        fetch(server.address + "/file", part)  # leaves the old file's mark behind
    part.write_bytes(b"old" * 50_000)
    changed = Page(BODY, etag='"second"')
    fetch(server.add("/file", changed), part)
    assert part.read_bytes() == BODY
    assert changed.asked[0]["If-Range"] == '"first"'


def test_a_server_that_ignores_ranges_starts_over(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file.part").write_bytes(b"x" * 500)
    fetch(server.add("/file", Page(BODY, ignores_range=True)), tmp_path / "file.part")
    assert (tmp_path / "file.part").read_bytes() == BODY


def test_a_part_longer_than_the_file_starts_over(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file.part").write_bytes(BODY + b"x")
    fetch(server.add("/file", Page(BODY)), tmp_path / "file.part")
    assert (tmp_path / "file.part").read_bytes() == BODY


def test_a_length_that_is_not_announced(server: Server, tmp_path: Path) -> None:
    progress = fetch(
        server.add("/file", Page(BODY, announces_length=False)), tmp_path / "file.part"
    )
    assert (tmp_path / "file.part").read_bytes() == BODY
    assert progress[-1] == (len(BODY), None)


def test_a_network_that_stays_broken_is_given_up(server: Server, tmp_path: Path) -> None:
    page = Page(BODY, drop_after=0)
    with pytest.raises(DownloadError, match="it ended after 0 of 1,024,000 bytes"):
        fetch(server.add("/file", page), tmp_path / "file.part")
    assert len(page.asked) == IMPATIENT.fruitless_attempts


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (Page(b"gone", status=404), "the server answers 404"),
        (Page(b"busy", status=503), "the server answers 503"),
        (Page(BODY, content_type="text/html; charset=utf-8"), "web page"),
        (Page(b"\n <!DOCTYPE HTML><html>virus scan warning", etag=None), "web page"),
    ],
)
def test_what_is_no_file_is_refused(
    server: Server, tmp_path: Path, page: Page, reason: str
) -> None:
    with pytest.raises(DownloadError, match=reason):
        fetch(server.add("/file", page), tmp_path / "file.part")
    part = tmp_path / "file.part"
    assert not part.exists() or part.stat().st_size == 0


def test_another_size_is_refused_before_it_is_fetched(server: Server, tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match="offers 1,024,000 bytes, the published file has 12"):
        fetch(server.add("/file", Page(BODY)), tmp_path / "file.part", (12,))
    assert not (tmp_path / "file.part").exists()


def test_nobody_listens(tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match=r"the connection failed: .*refused"):
        fetch("http://127.0.0.1:9/file", tmp_path / "file.part")


def test_only_http_is_spoken(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not an http address"):
        fetch((tmp_path / "secret").as_uri(), tmp_path / "file.part")


class Usage(NamedTuple):
    free: int


def test_too_small_a_disk_is_told_at_once(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(free=1000))
    with pytest.raises(OutputError, match="AVATARIFY_MODELS"):
        fetch(server.add("/file", Page(BODY)), tmp_path / "file.part")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_disk_that_fills_up(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file.part").symlink_to("/dev/full")
    with pytest.raises(OutputError, match="is full"):
        fetch(server.add("/file", Page(BODY)), tmp_path / "file.part")


def test_a_part_that_cannot_be_written(server: Server, tmp_path: Path) -> None:
    part = tmp_path / "no such folder" / "file.part"
    with pytest.raises(OutputError, match="Cannot write"):
        fetch(server.add("/file", Page(BODY)), part)

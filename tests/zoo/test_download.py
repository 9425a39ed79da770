"""Whole downloads: mirrors in order, only the published bytes accepted."""

import hashlib
import logging
from pathlib import Path

import pytest

from avatarify.errors import DownloadError, OutputError
from avatarify.zoo.download import download
from avatarify.zoo.published_file import Fingerprint
from avatarify.zoo.registry import PublishedModel
from avatarify.zoo.transfer import Patience
from tests.zoo.conftest import Page, Server

BODY = b"weights " * 10_000
IMPATIENT = Patience(timeout_s=5, fruitless_attempts=2, pause_s=0)


def published(*mirrors: str, body: bytes = BODY, pages: tuple[str, ...] = ()) -> PublishedModel:
    return PublishedModel(
        name="tiny",
        summary="for tests",
        installed_name="tiny.safetensors",
        licence="none",
        published_name="tiny.pth.tar",
        fingerprints=(Fingerprint("sha256", hashlib.sha256(body).hexdigest(), len(body)),),
        mirrors=mirrors,
        pages=pages,
    )


def fetch(model: PublishedModel, folder: Path) -> Path:
    return download(model, folder, lambda _done, _total: None, patience=IMPATIENT)


def test_the_file_appears_alone_under_its_name(server: Server, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    path = fetch(published(server.add("/tiny", Page(BODY))), folder)
    assert path == folder / "tiny.pth.tar"
    assert path.read_bytes() == BODY
    assert list(folder.iterdir()) == [path]


def test_mirrors_are_tried_in_order_and_each_failure_is_told(
    server: Server, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = BODY.replace(b"w", b"v")
    mirrors = [
        server.add("/gone", Page(b"", status=404)),
        server.add("/html", Page(b"<html>Sign in", content_type="text/html")),
        server.add("/wrong", Page(wrong)),
        server.add("/torn", Page(BODY, drop_after=0)),
        server.add("/good", Page(BODY)),
        server.add("/spare", Page(BODY)),
    ]
    with caplog.at_level(logging.WARNING):
        path = fetch(published(*mirrors), tmp_path)
    assert path.read_bytes() == BODY
    told = [record.getMessage() for record in caplog.records]
    reasons = ["404", "web page", "is not the published tiny", "the connection failed"]
    assert len(told) == len(reasons)
    for message, reason in zip(told, reasons, strict=True):
        assert reason in message
    assert not server.pages["/spare"].asked
    assert list(tmp_path.iterdir()) == [path]


def test_wrong_bytes_are_deleted(server: Server, tmp_path: Path) -> None:
    wrong = bytes(len(BODY))
    with pytest.raises(DownloadError, match="is not the published tiny: that has 80,000 bytes and"):
        fetch(published(server.add("/tiny", Page(wrong))), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_no_mirror_left_names_every_reason_and_the_way_out(server: Server, tmp_path: Path) -> None:
    model = published(
        server.add("/a", Page(b"", status=404)),
        server.add("/b", Page(b"<html>", content_type="text/html")),
        pages=("https://example.org/folder",),
    )
    with pytest.raises(DownloadError) as caught:
        fetch(model, tmp_path)
    message = str(caught.value)
    assert "404" in message
    assert "web page" in message
    assert "https://example.org/folder" in message
    assert "avatarify models pull tiny --from FILE" in message


def test_an_interrupted_download_goes_on_in_the_next_run(server: Server, tmp_path: Path) -> None:
    page = Page(BODY, drop_after=30_000)
    model = published(server.add("/tiny", page))

    def interrupt(done: int, _total: int | None) -> None:
        if done >= 60_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        download(model, tmp_path, interrupt, patience=IMPATIENT)
    asked_before = len(page.asked)
    assert fetch(model, tmp_path).read_bytes() == BODY
    assert page.asked[asked_before]["Range"] == "bytes=60000-"


def test_what_is_there_is_not_fetched_again(server: Server, tmp_path: Path) -> None:
    page = Page(BODY)
    model = published(server.add("/tiny", page))
    assert fetch(model, tmp_path) == fetch(model, tmp_path)
    assert len(page.asked) == 1


def test_parts_of_two_mirrors_are_never_mixed(server: Server, tmp_path: Path) -> None:
    other = b"adapted " * 10_000
    torn = Page(other, drop_after=30_000)
    mirrors = [server.add("/torn", torn), server.add("/good", Page(BODY))]

    def break_for_good(done: int, _total: int | None) -> None:
        torn.drop_after = 0 if done >= 30_000 else torn.drop_after

    path = download(published(*mirrors), tmp_path, break_for_good, patience=IMPATIENT)
    assert path.read_bytes() == BODY
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("mode", [0o000, 0o500])
def test_the_folder_that_the_user_can_mend_is_named(
    tmp_path: Path, request: pytest.FixtureRequest, mode: int
) -> None:
    locked = tmp_path / "locked"
    locked.mkdir()
    locked.chmod(mode)
    request.getfixturevalue("unprivileged")
    for models in (locked, locked / "models", locked / "very" / "deep"):
        with pytest.raises(OutputError, match=rf"into the folder {locked}\. .*AVATARIFY_MODELS"):
            fetch(published("http://127.0.0.1:9/"), models)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="AVATARIFY_MODELS"):
        fetch(published("http://127.0.0.1:9/"), tmp_path / "file" / "models")

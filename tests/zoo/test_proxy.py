"""Downloads through proxies that are real, and refuse."""

import gc
import threading
import warnings
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from avatarify.errors import DownloadError
from avatarify.zoo.proxy import proxy_of
from avatarify.zoo.transfer import Patience, transfer

IMPATIENT = Patience(timeout_s=5, fruitless_attempts=2, pause_s=0)


class Refusing(BaseHTTPRequestHandler):
    """A proxy that lets nobody through."""

    code = 403

    def do_CONNECT(self) -> None:
        self.send_error(self.code)

    do_GET = do_CONNECT  # noqa: N815

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a refusing proxy that all downloads go through."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Refusing)
    server.daemon_threads = False  # its end waits for them, and their connections
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"127.0.0.1:{server.server_port}"
    use(monkeypatch, f"http://ada:secret@{address}")
    yield address
    server.shutdown()
    server.server_close()


def use(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setattr("urllib.request._opener", None)  # it keeps the first proxies it saw
    for name in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(name, proxy)
        monkeypatch.delenv(name.upper(), raising=False)
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)


def fetch(url: str, folder: Path) -> str:
    with pytest.raises(DownloadError) as told:
        transfer(url, folder / "part", lambda *_: None, patience=IMPATIENT)
    message = str(told.value)
    with warnings.catch_warnings():
        # http.client lets go of the socket of a refused tunnel without closing it.
        warnings.simplefilter("ignore", ResourceWarning)
        del told
        gc.collect()
    return message


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("code", [403, 407, 502])
def test_a_proxy_that_refuses_is_named_without_its_password(
    proxy: str, tmp_path: Path, scheme: str, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Refusing, "code", code)
    message = fetch(f"{scheme}://models.example/file", tmp_path)
    assert f"the proxy http://{proxy} (set by {scheme}_proxy)" in message
    assert str(code) in message
    assert "secret" not in message


def test_a_proxy_that_is_not_there_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, "127.0.0.1:9")
    assert "through the proxy http://127.0.0.1:9" in fetch("https://models.example/f", tmp_path)


def test_addresses_that_need_no_proxy_name_none(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, "http://proxy.example:3128")
    monkeypatch.setenv("no_proxy", "models.example")
    assert proxy_of("https://models.example/file") == ""
    assert proxy_of("https://other.example/file").startswith("http://proxy.example:3128 (")

"""A real HTTP server on loopback that misbehaves as it is told."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


@dataclass
class Page:
    """What the server answers under one path, and what it was asked."""

    body: bytes
    status: int = 200
    content_type: str = "application/octet-stream"
    etag: str | None = '"first"'
    drop_after: int | None = None
    """Break the connection after this many bytes of each answer."""
    ignores_range: bool = False
    announces_length: bool = True
    asked: list[dict[str, str]] = field(default_factory=list)
    """The headers of every request."""


class Server:
    """Serves `pages`; a path that is not there answers 404."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.pages: dict[str, Page] = {}

    def add(self, path: str, page: Page) -> str:
        self.pages[path] = page
        return self.address + path


def answer(handler: BaseHTTPRequestHandler, page: Page) -> None:
    page.asked.append(dict(handler.headers))
    body, status = page.body, page.status
    wanted = handler.headers.get("Range")
    if_range = handler.headers.get("If-Range")
    start = 0
    if wanted and not page.ignores_range and if_range in (None, page.etag):
        start = int(wanted.removeprefix("bytes=").removesuffix("-"))
        status = 206 if start < len(body) else 416
    handler.send_response(status)
    handler.send_header("Content-Type", page.content_type)
    if page.etag:
        handler.send_header("ETag", page.etag)
    if status == 206:
        handler.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
    if page.announces_length:
        handler.send_header("Content-Length", str(len(body) - start))
    handler.end_headers()
    stop = None if page.drop_after is None else start + page.drop_after
    handler.wfile.write(body[start:stop])
    handler.close_connection = True


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server that runs for one test; no proxy stands between."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = running.pages.get(self.path)
            if page is None:
                self.send_error(404)
            else:
                answer(self, page)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http_server:
        running = Server(f"http://127.0.0.1:{http_server.server_port}")
        thread = threading.Thread(
            target=http_server.serve_forever, args=(0.01,), name="http server"
        )
        thread.start()
        yield running
        http_server.shutdown()
        thread.join()

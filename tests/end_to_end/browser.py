"""Chromium as a call app: which cameras it lists, and what it sees of one."""

import base64
import json
import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from avatarify.frames import Image
from tests.linux_session import LinuxSession

_PAGE = Path(__file__).with_name("camera_page.html")
_TIMEOUT_S = 45
_FLAGS = (
    "--no-sandbox",  # the tests run as root in containers
    "--no-first-run",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-dev-shm-usage",
    "--enable-features=WebRtcPipeWireCamera",
    "--use-fake-ui-for-media-stream",  # says yes to the page's wish; the cameras are real
)


@dataclass(frozen=True, slots=True)
class CameraReport:
    """What the page saw."""

    labels: list[str]
    """The cameras that enumerateDevices lists."""

    size: tuple[int, int]
    """(height, width) of the video."""

    frame_times_s: list[float]
    """When each frame was presented."""

    picture: Image
    """The last frame, RGB."""

    @property
    def fps(self) -> float:
        """Frames presented per second."""
        return (len(self.frame_times_s) - 1) / (self.frame_times_s[-1] - self.frame_times_s[0])

    @property
    def longest_gap_s(self) -> float:
        """The longest time without a new frame."""
        return float(np.diff(self.frame_times_s).max())


def watch_camera(
    session: LinuxSession,
    folder: Path,
    label: str,
    seconds: float,
    meanwhile: Callable[[], None] = lambda: None,
) -> CameraReport:
    """Let Chromium play the camera of this label.

    Args:
        session: Where the browser runs.
        folder: For the browser's profile.
        label: A part of the camera's name.
        seconds: How long to count frames.
        meanwhile: Called when the first frame is seen.
    """
    with _served_page() as (address, started, reports):
        page = f"{address}/?label={label}&seconds={seconds}"
        profile = f"--user-data-dir={folder / 'chromium'}"
        browser = session.start(["chromium", *_FLAGS, profile, page])
        try:
            if started.wait(_TIMEOUT_S):
                meanwhile()
            answer = reports.get(timeout=_TIMEOUT_S)
        except queue.Empty:
            raise TimeoutError(f"The page did not report.\n{session.logs()}") from None
        finally:
            session.stop(browser)
    if "error" in answer:
        raise RuntimeError(f"The page failed: {answer['error']}\n{session.logs()}")
    return CameraReport(
        labels=answer["labels"],
        size=(answer["height"], answer["width"]),
        frame_times_s=answer["times"],
        picture=_decode_picture(answer["picture"]),
    )


def _decode_picture(url: str) -> Image:
    png = np.frombuffer(base64.b64decode(url.split(",", 1)[1]), np.uint8)
    return np.asarray(cv2.imdecode(png, cv2.IMREAD_COLOR_RGB), np.uint8)


@contextmanager
def _served_page() -> Iterator[tuple[str, threading.Event, "queue.Queue[dict[str, Any]]"]]:
    started = threading.Event()
    reports: queue.Queue[dict[str, Any]] = queue.Queue()

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            if self.path.startswith("/?"):
                self.wfile.write(_PAGE.read_bytes())

        def do_POST(self) -> None:
            content = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if self.path == "/started":
                started.set()
            else:
                reports.put(content)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Keep the requests out of the test's output."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever, name="page")
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}", started, reports
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

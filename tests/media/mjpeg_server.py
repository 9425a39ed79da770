"""A phone's camera app in miniature: MJPEG over HTTP on the loopback interface."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

import cv2

from avatarify.frames import Image

_BOUNDARY = "frame"


class MjpegServer:
    """Sends the pictures given to `show` to everybody who asks for /video, until `hang_up`.

    The last picture may be repeated, as a camera does that looks at a wall.
    /page is a web page, /locked wants a password, and everything else does not exist.
    """

    def __init__(self, repeat_after_s: float | None = None) -> None:
        self._repeat_after_s = repeat_after_s
        self._changed = threading.Condition()
        self._pictures: list[bytes] = []
        self._is_over = False
        camera = self

        class Phone(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path == "/video":
                    camera._stream_to(self)
                elif self.path == "/page":
                    self.send_response(200)
                    self.send_header("Content-Type", "text/html")
                    self.end_headers()
                    self.wfile.write(b"<p>Open /video instead.</p>" * 100)
                else:
                    self.send_error(401 if self.path == "/locked" else 404)

            def log_message(self, *_: object) -> None:
                """Keep the requests out of the test's output."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Phone)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, name="phone"
        )
        self._thread.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def show(self, *images: Image) -> None:
        """Send these pictures, one after the other."""
        self.send(*(cv2.imencode(".jpg", image[..., ::-1])[1].tobytes() for image in images))

    def send(self, *parts: bytes) -> None:
        """Send these bytes as they are, each as one picture."""
        with self._changed:
            self._pictures += parts
            self._changed.notify_all()

    def hang_up(self) -> None:
        """Break off every stream."""
        with self._changed:
            self._is_over = True
            self._changed.notify_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the server; a second call does nothing."""
        self.hang_up()
        if not self._thread.is_alive():
            return
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _stream_to(self, request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Type", f"multipart/x-mixed-replace; boundary={_BOUNDARY}")
        request.end_headers()
        sent = 0
        while pictures := self._pictures_after(sent):
            sent += len(pictures)
            for picture in pictures:
                head = f"--{_BOUNDARY}\r\nContent-Type: image/jpeg\r\n"
                head += f"Content-Length: {len(picture)}\r\n\r\n"
                try:
                    request.wfile.write(head.encode() + picture + b"\r\n")
                except OSError:  # the viewer has left
                    return

    def _pictures_after(self, sent: int) -> list[bytes]:
        """Wait for pictures that were not sent yet; none when it is over."""
        with self._changed:
            self._changed.wait_for(
                lambda: len(self._pictures) > sent or self._is_over, self._repeat_after_s
            )
            return [] if self._is_over else self._pictures[sent:] or self._pictures[-1:]

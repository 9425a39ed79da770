"""An RTSP camera in miniature: one viewer, MPEG-TS in RTP in the RTSP connection itself."""

import io
import itertools
import socketserver
import struct
import threading
from typing import Self

import av
import numpy as np

from avatarify.frames import Image

_PAYLOAD_TYPE = 33  # RFC 3551: MP2T
_PACKETS = 7 * 188
_SDP = (
    "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=camera\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=video 0 RTP/AVP 33\r\na=control:track\r\n"
)


class RtspServer:
    """Sends one picture over and over to whoever plays it over TCP."""

    def __init__(self, image: Image) -> None:
        self._is_over = threading.Event()
        camera = self

        class Viewer(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                camera._talk(self)

        self._stream = _encode(image)
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Viewer)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, name="rtsp"
        )
        self._thread.start()

    @property
    def address(self) -> str:
        return f"rtsp://127.0.0.1:{self._server.server_address[1]}/live"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _talk(self, viewer: socketserver.StreamRequestHandler) -> None:
        while request := _read_request(viewer):
            method, number = request
            answer = {
                "DESCRIBE": f"Content-Type: application/sdp\r\nContent-Length: {len(_SDP)}\r\n",
                "SETUP": "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\nSession: 1\r\n",
            }.get(method, "Session: 1\r\n")
            body = _SDP if method == "DESCRIBE" else ""
            text = f"RTSP/1.0 200 OK\r\nCSeq: {number}\r\n{answer}\r\n{body}"
            viewer.wfile.write(text.encode())
            if method == "PLAY":
                self._play(viewer)
                return

    def _play(self, viewer: socketserver.StreamRequestHandler) -> None:
        for number in itertools.count():
            begin = number * _PACKETS % len(self._stream)
            payload = self._stream[begin : begin + _PACKETS]
            header = struct.pack(">BBHII", 0x80, _PAYLOAD_TYPE, number % 65536, number * 300, 1)
            packet = header + payload
            try:
                viewer.wfile.write(struct.pack(">cBH", b"$", 0, len(packet)) + packet)
            except OSError:  # the viewer has left
                return
            if self._is_over.wait(0.002):
                return


def _read_request(viewer: socketserver.StreamRequestHandler) -> tuple[str, str] | None:
    """Return the method and the number of the next request; None when the viewer has left."""
    method = viewer.rfile.readline().decode().split(" ", 1)[0]
    number = ""
    while line := viewer.rfile.readline().decode().strip():
        name, _, value = line.partition(":")
        if name.lower() == "cseq":
            number = value.strip()
    return (method, number) if number else None


def _encode(image: Image) -> bytes:
    """Return four seconds of the picture as MPEG-2 video in an MPEG transport stream."""
    target = io.BytesIO()
    height, width = image.shape[:2]
    with av.open(target, "w", format="mpegts") as container:
        stream = container.add_stream("mpeg2video", rate=25)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for _ in range(100):
            picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24")
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return target.getvalue()

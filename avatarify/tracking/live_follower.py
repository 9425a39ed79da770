"""Follows one face through a stream: by OpenVINO where it can, else as mediapipe does.

The networks are compiled while faces are searched for already. They are believed as long as they
see what mediapipe sees: whenever a face is found anew, both look at the same frame.
"""

import logging
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np

from avatarify.frames import Image
from avatarify.tracking.face import Face
from avatarify.tracking.mediapipe_graph import MediapipeGraph
from avatarify.tracking.mesh_networks import MeshNetworks, MeshReader, compiled_networks
from avatarify.tracking.search import Window

logger = logging.getLogger(__name__)

_APART = 0.06
"""Mean distance of points, over that of the irises, from which two trackers disagree. That the last
frame's points say where to look, instead of the detector, makes 0.01 to 0.03 of it."""

_TRIES = 3
"""How often in a row they may disagree."""


class LiveFollower:
    """Follows one face; use it from one thread."""

    def __init__(self, content: bytes) -> None:
        """Begin to compile in the background.

        Args:
            content: Of `face_landmarker.task`.
        """
        self._content = content
        self._reader: MeshReader | None = None
        self._graph: MediapipeGraph | None = None
        self._is_closed = False
        self._disagreed = 0
        with_one = ThreadPoolExecutor(max_workers=1, thread_name_prefix="face networks")
        self._networks: Future[MeshNetworks] | None = with_one.submit(compiled_networks, content)
        with_one.shutdown(wait=False)

    @property
    def may_change_faces(self) -> bool:
        """Whether another face than the last one may be what it follows next: mediapipe chooses."""
        return self._graph is not None

    def follow(self, image: Image, window: Window, face: Face, time_s: float) -> Face | None:
        """Find a face of a moment ago.

        Args:
            image: (H, W, 3) RGB uint8.
            window: The part of it that mediapipe would look at.
            face: As it was.
            time_s: When the frame was taken.

        Returns:
            The face, or another one if `may_change_faces`; None if it is lost, or nobody can follow
            it yet.
        """
        reader = self._quick()
        if reader is not None:
            return reader.read(image, face.landmarks)
        if self._graph is None:
            return None
        return next(iter(self._graph.find(image, window, time_s)), None)

    def confirm(self, image: Image, face: Face) -> Face:
        """Look at a face that was searched for and found in this very frame.

        Returns:
            The face as it will be followed, or as it was found.
        """
        reader = self._quick()
        if reader is None:
            return face
        seen = reader.read(image, face.landmarks)
        if seen is not None and _distance(seen, face) <= _APART:
            self._disagreed = 0
            return seen
        self._disagreed += 1
        if self._disagreed >= _TRIES:
            self._give_up("they see another face than mediapipe does")
        return face

    def forget(self) -> None:
        """Be ready for pictures of another size."""
        if self._graph is not None:
            self._graph.forget()

    def close(self) -> None:
        """Release the networks; a second call does nothing."""
        self._is_closed, self._reader, self._networks = True, None, None
        if self._graph is not None:
            self._graph.close()
            self._graph = None

    def _quick(self) -> MeshReader | None:
        """Return what follows faces by OpenVINO, as soon as it is ready."""
        if self._networks is None or not self._networks.done():
            return self._reader
        networks, self._networks = self._networks, None
        try:
            self._reader = MeshReader(networks.result())
        except (ImportError, OSError, RuntimeError, ValueError) as error:
            self._give_up(str(error).strip().split("\n", 1)[0])
        return self._reader

    def _give_up(self, why: str) -> None:
        logger.info("OpenVINO does not run mediapipe's networks: %s", why)
        self._reader = None
        if not self._is_closed:
            self._graph = MediapipeGraph(self._content, is_video=True, most_faces=1)


def _distance(face: Face, other: Face) -> float:
    ways = np.linalg.norm(face.landmarks[:, :2] - other.landmarks[:, :2], axis=1)
    return float(ways.mean()) / max(1e-6, other.interocular)

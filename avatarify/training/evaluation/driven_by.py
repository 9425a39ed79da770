"""A method whose driver another face tracker has looked at.

What is measured is still seen by the evaluation's own tracker, so that both drivers' rows compare.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from avatarify.frames import Image
from avatarify.tracking.face import Face
from avatarify.tracking.landmarker import LandmarkerMode
from avatarify.tracking.own_finder import OwnFinder
from avatarify.training.evaluation.methods import Method
from avatarify.training.evaluation.sight import Sight

_STREAM_S = 0.05
"""Frames that lie farther apart are a thinned clip and no stream: nobody can be followed."""

_LOOKS = 16
"""How often a stream's first picture is shown until the face is found: live, others would come."""


class DrivenByOwn:
    """Shows a method the driver as our own tracker sees it; the portrait stays as it is known."""

    def __init__(self, method: Method, model_path: Path) -> None:
        """Put the tracker before a method.

        Args:
            method: What moves the portrait.
            model_path: `landmarks.safetensors`.
        """
        self._method = method
        self._model_path = model_path
        self._reference: Face | None = None

    @property
    def name(self) -> str:
        """The method's, and whose tracker drives it."""
        return f"{self._method.name}, our own tracker"

    def start(self, portrait: Sight, reference: Sight) -> None:
        """Choose the portrait, and look at the reference; if no face is found it stays as known."""
        with OwnFinder(self._model_path, LandmarkerMode.IMAGE) as finder:
            face = finder.find(reference.picture) or reference.face
        self._reference = face
        self._method.start(portrait, reference._replace(face=face))

    def perform(self, driving: Sequence[Sight]) -> Iterator[Image]:
        """Follow the driver, and yield what the method makes of it."""
        yield from self._method.perform(self._followed(driving))

    def still(self) -> Image:
        """Return the portrait."""
        return self._method.still()

    def _followed(self, driving: Sequence[Sight]) -> list[Sight]:
        times_s = [sight.time_s for sight in driving]
        is_stream = len(times_s) > 1 and float(np.median(np.diff(times_s))) <= _STREAM_S
        mode = LandmarkerMode.VIDEO if is_stream else LandmarkerMode.IMAGE
        assert self._reference is not None
        face, seen = self._reference, []
        with OwnFinder(self._model_path, mode) as finder:
            for _ in range(_LOOKS if is_stream else 0):
                if finder.find(driving[0].picture, driving[0].time_s) is not None:
                    break
            for sight in driving:
                face = finder.find(sight.picture, sight.time_s) or face  # lost: it stays
                seen.append(sight._replace(face=face))
        return seen

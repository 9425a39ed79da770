"""Who paints the moved person: the processor, or a graphics card that has shown that it can.

A card is tried on each portrait before it is used: it must paint what the processor paints, and in
less time. Later on a frame of every few hundred is painted by both. Whatever fails, the processor
goes on from the very same frame, and the log says why.
"""

import logging
import shutil
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

import numpy as np

from avatarify.animation.face.likeness import unlike
from avatarify.animation.face.native_painter import NativePainter
from avatarify.animation.face.processor_painter import ProcessorPainter
from avatarify.animation.face.puppet import FacePuppet
from avatarify.animation.native.library import native_library
from avatarify.errors import DeviceError
from avatarify.frames import Image
from avatarify.geometry.face_mesh import MESH_COUNT
from avatarify.geometry.face_motion import neck_joint
from avatarify.geometry.face_transfer import MovedFace
from avatarify.geometry.similarity import Similarity, rotation_from_vector

if TYPE_CHECKING:
    import torch

_LOG = logging.getLogger(__name__)

PROCESSOR = "cpu"

_TRIAL_TURN = (0.1, 0.45, 0.05)
"""Of the head that is painted to try a card, in radians: there are silhouettes in it."""

_TRIES = 3
"""Of which the quickest counts."""

_LOOK_EVERY = 300
"""Frames between two that are painted by both. A card that was asleep with the computer may come
back with other contents, and no error."""

_SPARSE = 24
"""Every so many rows and columns of each picture are looked at."""

_LEAP = 12.0
"""Levels by which their mean may differ from that of the last picture that both painted, before
this one is painted by both too: nothing black ever gets out."""


class PersonPainter(Protocol):
    """Paints the moved person over the room: `ProcessorPainter`, or a card in its place."""

    def draw(self, face: MovedFace) -> Image:
        """Return RGB (H, W, 3), in memory of its own."""


class PersonPainters:
    """Makes a painter for each portrait: a card's while it is of use, else the processor's."""

    def __init__(
        self, device: "torch.device | None" = None, note: str = "", *, must_be_faster: bool = True
    ) -> None:
        """Begin with confidence in the card.

        Args:
            device: The card; None lets the processor paint, which needs no torch.
            note: Why there is no card, a sentence, or empty.
            must_be_faster: Whether a card is refused where the processor is as fast.
        """
        self._device = device
        self._must_be_faster = must_be_faster
        self._name = PROCESSOR
        self.note = note
        """Why the card is not used, a sentence, or empty."""
        if device is not None:
            from avatarify.animation.devices import name_of

            self._name = name_of(device)

    @property
    def name(self) -> str:
        """What users call what paints now."""
        return PROCESSOR if self._device is None else self._name

    def on_processor(self, puppet: FacePuppet) -> ProcessorPainter:
        """Return what paints a portrait on the processor: compiled, where that paints the same."""
        plain, library = ProcessorPainter(puppet), native_library()
        if library is None:
            return plain
        compiled, face = NativePainter(puppet, library), trial_face(puppet)
        fault = unlike(compiled.draw(face), plain.draw(face))
        if fault is None:
            return compiled
        _LOG.warning("OpenCV paints instead of the compiled functions: %s.", fault)
        return plain

    def of(self, own: ProcessorPainter) -> PersonPainter:
        """Try the card on a portrait, unless it failed before: that takes about four frames.

        Args:
            own: Paints the portrait on the processor, and is returned where no card is of use.
        """
        if self._device is None:
            return own
        try:
            painter = _on_card(own.puppet, self._device)
            fault = _fault(painter, own, must_be_faster=self._must_be_faster)
        except Exception as error:  # whatever a driver throws must not stop the call
            _LOG.debug("the card failed", exc_info=True)
            fault = _failure(error)
        if fault is not None:
            self._give_up(fault)
            return own
        return _Watched(painter, own, self._give_up)

    def _give_up(self, why: str) -> None:
        self.note = f"The processor paints instead of {self._name}: {why}."
        self._device = None
        _LOG.warning(self.note)


class _Watched:
    """A card's painter, replaced by the processor for good when it fails."""

    def __init__(
        self, painter: PersonPainter, own: ProcessorPainter, give_up: Callable[[str], None]
    ) -> None:
        self._painter: PersonPainter | None = painter
        self._own = own
        self._give_up = give_up
        self._count = 0
        self._level = -np.inf

    def draw(self, face: MovedFace) -> Image:
        if self._painter is None:
            return self._own.draw(face)
        try:
            picture = self._painter.draw(face)
        except Exception as error:
            _LOG.debug("the card failed", exc_info=True)
            return self._without(face, _failure(error))
        self._count += 1
        level = float(picture[::_SPARSE, ::_SPARSE].mean())
        if self._count % _LOOK_EVERY and abs(level - self._level) < _LEAP:
            return picture
        self._level = level
        fault = unlike(picture, self._own.draw(face))
        return picture if fault is None else self._without(face, fault)

    def _without(self, face: MovedFace, why: str) -> Image:
        self._painter = None  # its memory goes too
        self._give_up(why)
        return self._own.draw(face)


def person_painters(wanted: str) -> PersonPainters:
    """Look for a card that could paint.

    Args:
        wanted: "auto", "cpu", "cuda" or "mps"; only CUDA is tried. "auto" looks for NVIDIA's driver
            before it imports torch, which a session without a card never needs.

    Returns:
        The card's painters, or the processor's; they say why if "cuda" was asked for.
    """
    if wanted not in ("auto", "cuda") or (wanted == "auto" and not shutil.which("nvidia-smi")):
        return PersonPainters()
    try:
        from avatarify.animation.devices import choose_device

        return PersonPainters(choose_device("cuda"))
    except (DeviceError, ImportError, OSError) as error:
        _LOG.info("The processor paints: %s", error)
        return PersonPainters(note=f"The processor paints. {error}" if wanted == "cuda" else "")


def _on_card(puppet: FacePuppet, device: "torch.device") -> PersonPainter:
    from avatarify.animation.face.device_painter import DevicePainter

    return DevicePainter(puppet, device)


def trial_face(puppet: FacePuppet) -> MovedFace:
    """Return the portrait's face, turned aside."""
    face = puppet.sheet.rest[:MESH_COUNT]
    rotation = rotation_from_vector(np.array(_TRIAL_TURN))
    joint = neck_joint(face)
    head = Similarity(1.0, rotation, joint - rotation @ joint)
    return MovedFace(head.apply(face), head)


def _fault(painter: PersonPainter, own: ProcessorPainter, *, must_be_faster: bool) -> str | None:
    """Paint one face with both; return why the card must not be used, or None."""
    face = trial_face(own.puppet)
    fault = unlike(painter.draw(face), own.draw(face))
    if fault is not None or not must_be_faster:
        return fault
    card_s, own_s = (min(_times_s(one, face)) for one in (painter, own))
    if card_s < own_s:
        return None
    return f"it takes {1e3 * card_s:.1f} ms for a picture, the processor {1e3 * own_s:.1f} ms"


def _times_s(painter: PersonPainter, face: MovedFace) -> list[float]:
    times_s = []
    for _ in range(_TRIES):
        start_s = time.perf_counter()
        painter.draw(face)
        times_s.append(time.perf_counter() - start_s)
    return times_s


def _failure(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return f"it failed ({lines[0].rstrip('.') if lines else type(error).__name__})"

"""Opens a `SharedAnimator` in the fastest way that proves to paint what the networks paint."""

import logging
from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray

from avatarify.animation.backends.acceptance import APPROXIMATE, peak_signal_to_noise
from avatarify.animation.backends.probe import draw_face
from avatarify.animation.backends.shared_animator import SharedAnimator
from avatarify.animation.devices import Precision, choose_device, choose_precision
from avatarify.animation.torch_engine import TorchEngine
from avatarify.errors import DeviceError
from avatarify.frames import Image
from avatarify.geometry import transfer
from avatarify.networks.motion_model import MotionModel

_LOG = logging.getLogger(__name__)

_CALIBRATION, _DRIVING = (0.0, 0.03), (0.03, 0.06)
"""Shift and mouth of the probe's two driving frames."""


def open_shared(
    model: MotionModel, seats: int, device: str = "auto", precision: str = "auto"
) -> SharedAnimator:
    """Prepare a model for several streams.

    A way that fails, or paints something else than the readable networks, is left out: the log
    and `description.note` say so.

    Args:
        model: In eval mode, on the CPU.
        seats: How many streams there can be.
        device: "auto", "cpu", "cuda" or "mps".
        precision: "auto", "fp32", "fp16" or "bf16".

    Raises:
        DeviceError: Device or precision are not available, or nothing computes rightly here.
    """
    chosen = choose_device(device)
    notes: list[str] = []
    for where, how in _ways(chosen, choose_precision(precision, chosen)):
        name = f"{how} on {where.type}"
        try:
            shared = SharedAnimator(model, seats, how, where, " ".join(notes))
            fault = _fault(shared, TorchEngine(model))
        except Exception as error:  # whatever a driver throws: the next way is tried
            _LOG.debug("%s failed", name, exc_info=True)
            fault = f"it failed: {(str(error).strip() or type(error).__name__).splitlines()[0]}"
        if fault is None:
            return shared
        notes.append(f"{name} is not used: {fault.rstrip('.')}.")
        _LOG.warning(notes[-1])
    raise DeviceError(" ".join(notes))


def _ways(device: torch.device, precision: Precision) -> Iterator[tuple[torch.device, Precision]]:
    yield device, precision
    if precision != "fp32":
        yield device, "fp32"
    if device.type != "cpu":
        yield torch.device("cpu"), "fp32"


def _fault(shared: SharedAnimator, reference: TorchEngine) -> str | None:
    """Animate a full house for one frame, every seat with a portrait of its own."""
    side = shared.config.image_size
    calibration, driving = draw_face(side, *_CALIBRATION), draw_face(side, *_DRIVING)
    portraits = [
        np.ascontiguousarray(np.roll(draw_face(shared.config.output_size), seat, axis=2))
        for seat in range(shared.free_seats)
    ]
    streams = [shared.join(portrait) for portrait in portraits]
    for stream in streams:
        shared.calibrate(stream, calibration)
        shared.submit(stream, driving)
    shared.launch()
    painted = shared.collect()
    worst_db = min(
        peak_signal_to_noise(
            painted[stream].astype(np.float32),
            _expected(reference, portrait, calibration, driving),
        )
        for stream, portrait in zip(streams, portraits[:3], strict=False)
    )
    for stream in streams:
        shared.leave(stream)
    assert APPROXIMATE.psnr_db is not None
    if worst_db < APPROXIMATE.psnr_db:
        return f"a picture has only {worst_db:.0f} dB; {APPROXIMATE.psnr_db:.0f} dB are needed"
    return None


def _expected(
    reference: TorchEngine, portrait: Image, calibration: Image, driving: Image
) -> NDArray[np.float32]:
    encoded, config = reference.encode(portrait), reference.config
    source, first = encoded.keypoints, reference.keypoints(calibration)
    scale = transfer.movement_scale(source, first)
    moved = transfer.relative(source, reference.keypoints(driving), first, scale)
    moved = transfer.corrected(source, moved, config.spans, config.jacobian_noise)
    return reference.render(encoded, moved).astype(np.float32)

"""Loads the motion model of an offline run. Apart from the rest, because it imports torch."""

from pathlib import Path

from avatarify.animation.animator import PortraitAnimator
from avatarify.animation.backends.choice import open_engine
from avatarify.animation.checkpoint import load_model
from avatarify.animation.devices import choose_device, unused_gpu
from avatarify.animation.settings import MotionSettings
from avatarify.session.offline.settings import OfflineListener

_LANES = 2
"""Graphs that run at once, where the processor has the threads."""


def load_animator(
    model_file: Path,
    config: Path | None,
    motion: MotionSettings,
    listener: OfflineListener,
    *,
    device: str,
    precision: str,
    backend: str = "auto",
) -> PortraitAnimator:
    """Load a model onto the fastest back end that proves itself.

    The program's own models run in the precision of the live loop, which is checked against exact
    float32 when they are loaded. Published models are what others compare with: on a processor
    they stay exact unless a precision is asked for.

    Args:
        model_file: A published checkpoint or one of the program's own files.
        config: The YAML file of a published checkpoint, if it is not beside it.
        motion: How motion is transferred.
        listener: Told when a graphics card goes unused or a back end had to be left out.
        device: auto, cpu, cuda or mps.
        precision: auto, fp32, fp16, bf16 or int8.
        backend: auto, openvino, torch or reference.

    Raises:
        CheckpointError: The file or its configuration is wrong.
        DeviceError: Device or precision are not available here.
    """
    unused = unused_gpu() if device == "auto" else None
    if unused is not None:
        listener.notice(unused)
    model = load_model(model_file, config)
    is_own = model.config.architecture == "compact"
    if precision == "auto" and not is_own and choose_device(device).type == "cpu":
        precision = "fp32"
    engine = open_engine(model, device, precision, backend, lanes=_LANES, keeps=True)
    if engine.description.note:
        listener.notice(engine.description.note)
    return PortraitAnimator(engine, motion)

"""Loads the motion model of an offline run. Apart from the rest, because it imports torch."""

from pathlib import Path

from avatarify.animation.animator import PortraitAnimator
from avatarify.animation.checkpoint import load_model
from avatarify.animation.devices import choose_device, choose_precision, unused_gpu
from avatarify.animation.settings import MotionSettings
from avatarify.animation.torch_engine import TorchEngine
from avatarify.session.offline_settings import OfflineListener


def load_animator(
    model_file: Path,
    config: Path | None,
    motion: MotionSettings,
    listener: OfflineListener,
    *,
    device: str,
    precision: str,
) -> PortraitAnimator:
    """Load a model onto the best device.

    Args:
        model_file: A published checkpoint or one of the program's own files.
        config: The YAML file of a published checkpoint, if it is not beside it.
        motion: How motion is transferred.
        listener: Told when a graphics card goes unused.
        device: auto, cpu, cuda or mps.
        precision: auto, fp32, fp16 or bf16.

    Raises:
        CheckpointError: The file or its configuration is wrong.
        DeviceError: Device or precision are not available here.
    """
    chosen = choose_device(device)
    unused = unused_gpu() if device == "auto" else None
    if unused is not None:
        listener.notice(unused)
    chosen_precision = choose_precision(precision, chosen)
    model = load_model(model_file, config)
    return PortraitAnimator(TorchEngine(model, chosen, chosen_precision), motion)

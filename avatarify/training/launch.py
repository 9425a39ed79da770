"""Puts a run together: settings, networks, engine, trainer, and the exported model."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import torch
from lightning_fabric import Fabric

from avatarify.animation.checkpoint import load_model, save_model
from avatarify.networks.motion_model import MotionModel, build
from avatarify.training.precision import precision_plugin
from avatarify.training.settings import TrainingSettings, read_settings
from avatarify.training.trainer import Trainer


class CanStop(Protocol):
    """A loop that ends when it is asked to."""

    def stop(self) -> None:
        """End after the step that it is in."""


@dataclass(frozen=True, slots=True)
class TrainingRun:
    """What the command line says of a run."""

    config: Path
    """The YAML file."""

    folder: Path
    """Checkpoint and log lie here; an existing checkpoint is resumed."""

    until: int | None = None
    """Stop after this step."""

    time_limit_s: float = float("inf")
    """Stop after this many seconds."""

    device: str = "auto"
    """auto, cpu, cuda or mps."""

    devices: int = 1
    """Processes on this machine; under `torchrun` it is the one who decides."""

    threads: int | None = None
    """CPU threads of each process; torch's choice when None."""

    export: Path | None = None
    """Where the averaged weights go at the end."""

    half: bool = False
    """Export in half precision: half the size, for models that ship."""


def train(run: TrainingRun) -> Trainer:
    """Train or resume, then export.

    Raises:
        SettingsError: The configuration, the cache or the checkpoint is broken.
        OutputError: The run's folder cannot be written.
    """
    if run.threads is not None:
        torch.set_num_threads(run.threads)
    settings = read_settings(run.config)
    device = choose_device(run.device)
    processes, machines = _processes(run.devices)
    fabric = Fabric(
        accelerator=device,
        devices=processes,
        num_nodes=machines,
        plugins=precision_plugin(settings.precision, device),
    )
    fabric.launch()
    torch.manual_seed(settings.seed)
    trainer = Trainer(settings, _model(settings), run.folder, fabric)
    trainer.resume()
    with ending_gently(trainer):
        trainer.run(run.until, run.time_limit_s)
    if run.export is not None and fabric.is_global_zero:
        facts = {"steps": str(trainer.step)}
        save_model(trainer.average.model, run.export, facts, half=run.half)
    return trainer


@contextmanager
def ending_gently(trainer: CanStop) -> Iterator[None]:
    """Let SIGTERM, which machines send before they are taken away, save what was learnt."""
    previous = signal.signal(signal.SIGTERM, lambda _number, _frame: trainer.stop())
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)


def _processes(wanted: int) -> tuple[int, int]:
    """Return the processes of each machine, and how many machines there are."""
    here = int(os.environ.get("LOCAL_WORLD_SIZE", "0"))
    if here == 0:
        return wanted, 1
    return here, max(1, int(os.environ.get("WORLD_SIZE", here)) // here)


def choose_device(wanted: str) -> str:
    """Return a device's name in torch; "auto" is the fastest there is."""
    if wanted != "auto":
        return wanted
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def _model(settings: TrainingSettings) -> MotionModel:
    model = build(settings.model)
    if settings.start_from:
        start = load_model(Path(settings.start_from))
        model.load_state_dict(start.state_dict())
    return model

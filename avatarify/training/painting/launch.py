"""Puts a painter's run together: settings, examples, trainer, and the exported file."""

from pathlib import Path

import torch

from avatarify.animation.face.painter_file import PainterWeights, read_painters, save_painters
from avatarify.animation.face.painter_torch import weights_of
from avatarify.training.launch import TrainingRun, choose_device, ending_gently
from avatarify.training.painting.settings import read_painting
from avatarify.training.painting.trainer import PaintingTrainer


def train_painter(run: TrainingRun) -> PaintingTrainer:
    """Train or resume a painter, then export it.

    Painters of other parts that the exported file holds already stay in it: mouth and eyes are
    trained by themselves and shipped together.

    Raises:
        SettingsError: The configuration, the cache or the checkpoint is broken.
        CheckpointError: The file that is exported to holds something else.
        OutputError: The run's folder cannot be written.
    """
    if run.threads is not None:
        torch.set_num_threads(run.threads)
    settings = read_painting(run.config)
    trainer = PaintingTrainer(settings, run.folder, choose_device(run.device))
    trainer.resume()
    with ending_gently(trainer):
        trainer.run(run.until, run.time_limit_s)
    if run.export is not None:
        _export(trainer, run.export)
    return trainer


def _export(trainer: PaintingTrainer, path: Path) -> None:
    painters: dict[str, PainterWeights] = read_painters(path) if path.exists() else {}
    painters[trainer.settings.part] = weights_of(trainer.average.model)
    save_painters(painters, path, {f"{trainer.settings.part}_steps": str(trainer.step)})

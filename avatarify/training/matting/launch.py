"""Puts a run together: settings, people, trainer, and the file that comes out."""

from pathlib import Path

import torch

from avatarify.animation.face.matte_file import save_matte_weights
from avatarify.networks.matte_net import folded
from avatarify.training.launch import TrainingRun
from avatarify.training.matting.people import read_people
from avatarify.training.matting.settings import read_matte_settings
from avatarify.training.matting.trainer import MatteTrainer


def train_matte(run: TrainingRun) -> MatteTrainer:
    """Train or resume, then export; of the run's device only the processor's threads count.

    Raises:
        SettingsError: The configuration or the people are broken.
        OutputError: The run's folder or the export cannot be written.
    """
    if run.threads is not None:
        torch.set_num_threads(run.threads)
    settings = read_matte_settings(run.config)
    people = read_people(Path(settings.people), settings.left_out)
    trainer = MatteTrainer(settings, people, run.folder)
    trainer.train(run.until, run.time_limit_s)
    if run.export is not None:
        save_matte_weights(folded(trainer.net), run.export, {"steps": str(trainer.step)})
    return trainer

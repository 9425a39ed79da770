"""Puts a run together: settings, trainer, and the model file that comes out."""

import logging
from pathlib import Path

import numpy as np
import torch

from avatarify.networks.expression_net import ExpressionNet
from avatarify.networks.landmark_net import LandmarkNet
from avatarify.tracking.landmark_compiler import compile_landmarks
from avatarify.tracking.landmark_file import (
    LandmarkModel,
    load_landmark_model,
    save_landmark_model,
)
from avatarify.tracking.landmark_reader import LandmarkReader
from avatarify.training.landmarks.expression import teach_expression
from avatarify.training.landmarks.face_crops import FaceCrops, join_crops
from avatarify.training.landmarks.head_shape import average_head
from avatarify.training.landmarks.prepare import SIDE
from avatarify.training.landmarks.settings import LandmarkSettings, read_landmark_settings
from avatarify.training.landmarks.spread import fit_spread
from avatarify.training.landmarks.trainer import LandmarkTrainer
from avatarify.training.launch import TrainingRun

logger = logging.getLogger(__name__)

_SPREAD_FACES = 2500


def train_landmarks(run: TrainingRun) -> None:
    """Train or resume, then export; of the run's device only the processor's threads count.

    Raises:
        SettingsError: The configuration or the crops are broken.
        TrackerError: The model to start from is.
        OutputError: The run's folder or the export cannot be written.
    """
    if run.threads is not None:
        torch.set_num_threads(run.threads)
    settings = read_landmark_settings(run.config)
    start = load_landmark_model(Path(settings.start_from)) if settings.start_from else None
    crops = join_crops(Path(settings.crops), settings.left_out)
    trainer = LandmarkTrainer(settings, crops, run.folder, start)
    trainer.train(run.until, run.time_limit_s)
    if run.export is not None:
        facts = {"steps": str(trainer.step)}
        model = complete(trainer.net, crops, settings, start)
        save_landmark_model(model, run.export, facts)


def complete(
    net: LandmarkNet,
    crops: FaceCrops,
    settings: LandmarkSettings,
    start: LandmarkModel | None = None,
) -> LandmarkModel:
    """Add what follows from trained networks in closed form, or in a minute.

    Args:
        net: The trained networks; their `spread` is fitted here.
        crops: The faces that they were taught with.
        settings: The run.
        start: What the run began with, for what it keeps of it.
    """
    net, mean, seed = net.eval(), net.mean.numpy(), settings.seed
    if start is not None and not settings.expression_steps:
        expression, head = start.expression, start.head
    else:
        expression = teach_expression(
            crops.points, crops.shapes, mean, steps=settings.expression_steps, seed=seed
        )
        head = average_head(crops.points, crops.poses, SIDE)
    with torch.no_grad():
        net.spread.weight.zero_()
    engine = compile_landmarks(net, ExpressionNet().eval()).engine
    reader = LandmarkReader(engine, net.config, mean)
    rows = np.random.default_rng(seed).choice(len(crops), min(_SPREAD_FACES, len(crops)), False)
    with torch.no_grad():
        net.spread.weight.copy_(torch.from_numpy(fit_spread(reader, crops, mean, rows, seed)))
    return LandmarkModel(net, expression, head)

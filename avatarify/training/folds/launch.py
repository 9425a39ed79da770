"""Puts a fit together: settings, clips, and the file that comes out."""

import logging
from pathlib import Path

import numpy as np

from avatarify.errors import SettingsError
from avatarify.geometry.skin_folds import SkinFolds
from avatarify.media.whole_file import whole_file
from avatarify.training.clip_cache import open_cache
from avatarify.training.folds.fit import explained, fit_folds, see
from avatarify.training.folds.settings import read_fold_settings
from avatarify.training.launch import TrainingRun

logger = logging.getLogger(__name__)


def train_folds(run: TrainingRun) -> SkinFolds:
    """Fit the folds in closed form, and export them; of the run only config and export count.

    How much of the shades of each person they explain who was left out is logged: that, and not
    what they explain of people they know, says what they are worth.

    Raises:
        SettingsError: The configuration or a cache is broken, or no clip is long enough.
        OutputError: The export cannot be written.
    """
    settings = read_fold_settings(run.config)
    clips = [clip for cache in settings.caches for clip in open_cache(Path(cache))]
    seen = see(clips, settings)
    if not seen:
        raise SettingsError(f"{run.config}: none of the clips is long enough to learn folds from.")
    for person in sorted({one.person for one in seen}):
        others = [one for one in seen if one.person != person]
        if others:
            folds = fit_folds(others, settings)
            shares = [explained(folds, one) for one in seen if one.person == person]
            logger.info("%s, left out: %.3f of the variance explained", person, np.mean(shares))
    folds = fit_folds(seen, settings)
    if run.export is not None:
        write_folds(folds, run.export)
    return folds


def write_folds(folds: SkinFolds, path: Path) -> None:
    """Write the model in half precision; the file appears when it is whole.

    Raises:
        OutputError: It cannot be written.
    """
    directions, shades = (part.astype(np.float16) for part in folds)
    with whole_file(path) as file:
        np.savez_compressed(file, directions=directions, shades=shades)

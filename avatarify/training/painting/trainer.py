"""The loop of a painter's training; what it has learnt survives kills."""

import logging
import time
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from avatarify.animation.face.painter_file import read_painters
from avatarify.animation.face.painter_torch import network_of
from avatarify.errors import SettingsError
from avatarify.networks.discriminator import PatchDiscriminator
from avatarify.networks.face_painter import FacePainter, corrected, split
from avatarify.training import losses
from avatarify.training.averaged_weights import AveragedWeights
from avatarify.training.guidance import ramp
from avatarify.training.learning_rate import rate_at
from avatarify.training.objective import total
from avatarify.training.painting.objective import (
    Painted,
    PaintingObjective,
    hinge_painted,
    hinge_real,
    inner_detail,
    inner_error,
    middle_of,
)
from avatarify.training.painting.sampler import ExampleSampler, PainterBatch
from avatarify.training.painting.settings import PaintingSettings
from avatarify.training.run_log import RunLog
from avatarify.training.run_state import read_state, write_state

logger = logging.getLogger(__name__)

_JUDGE_WIDTH, _JUDGE_BLOCKS = 24, 3
_RAMP = 300
"""Steps over which the discriminator's say grows."""

_MEASURED = 192
"""Examples of the tuning people that are looked at."""


class PaintingTrainer:
    """Trains one painter; a resumed run repeats the uninterrupted one."""

    def __init__(self, settings: PaintingSettings, folder: Path, device: str = "cpu") -> None:
        """Open the examples, which are made first where they are missing.

        Raises:
            SettingsError: Examples or start weights are missing or broken.
        """
        self.settings = settings
        self.folder = folder
        self.device = torch.device(device)
        self.sampler = ExampleSampler(settings)
        self.step = 0
        self._is_asked_to_stop = False
        torch.manual_seed(settings.seed)
        rates = settings.optimiser
        self._is_mixed = settings.precision == "bf16-mixed"
        self.painter = _painter(settings).to(self.device)
        self.objective = PaintingObjective(self.painter, settings.loss, is_mixed=self._is_mixed)
        self.average = AveragedWeights(self.painter, rates.ema)
        self.optimiser = torch.optim.Adam(
            self.painter.parameters(), lr=rates.learning_rate, betas=(0.5, 0.999)
        )
        self.judge: PatchDiscriminator | None = None
        if settings.loss.is_adversarial:
            self.judge = PatchDiscriminator(5, _JUDGE_WIDTH, _JUDGE_BLOCKS).to(self.device)
            self.judge_optimiser = torch.optim.Adam(
                self.judge.parameters(), lr=rates.discriminator_rate, betas=(0.5, 0.999)
            )

    @property
    def state_path(self) -> Path:
        """Where the run's checkpoint lies."""
        return self.folder / "state.ckpt"

    def resume(self) -> None:
        """Go on from the run's checkpoint, where there is one."""
        if not self.state_path.exists():
            return
        state = read_state(self.state_path)
        self.step = int(state["step"])
        self.painter.load_state_dict(state["painter"])
        self.average.model.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        if self.judge is not None and "judge" in state:
            self.judge.load_state_dict(state["judge"])
            self.judge_optimiser.load_state_dict(state["judge_optimiser"])
        logger.info("Resumed at step %d", self.step)

    def save(self) -> None:
        """Write the run's checkpoint."""
        state: dict[str, Any] = {
            "step": self.step,
            "painter": self.painter.state_dict(),
            "average": self.average.model.state_dict(),
            "optimiser": self.optimiser.state_dict(),
        }
        if self.judge is not None:
            state["judge"] = self.judge.state_dict()
            state["judge_optimiser"] = self.judge_optimiser.state_dict()
        write_state(self.state_path, state)

    def stop(self) -> None:
        """Let `run` end, with a checkpoint, after the step that it is in; for signal handlers."""
        self._is_asked_to_stop = True

    def run(self, until: int | None = None, time_limit_s: float = float("inf")) -> None:
        """Train.

        Args:
            until: Stop after this step; the settings' `steps` when None.
            time_limit_s: Stop, with a checkpoint, after this many seconds.
        """
        settings = self.settings
        end = min(settings.steps, until or settings.steps)
        started = saved = time.monotonic()
        log = RunLog(self.folder)
        try:
            while self.step < end:
                terms = self._take_step(self.step)
                self.step += 1
                if self.step % settings.log_every == 0:
                    log.scalars(self.step, {name: float(term) for name, term in terms.items()})
                if self.step % settings.measure_every == 0:
                    self._measure(log)
                now = time.monotonic()
                if now - saved >= settings.save_every_s:
                    self.save()
                    saved = now
                if self._is_asked_to_stop or now - started >= time_limit_s:
                    break
            self.save()
        finally:
            log.close()

    def _take_step(self, step: int) -> dict[str, Tensor]:
        settings = self.settings
        batch = self._here(self.sampler.batch(step))
        rate = settings.optimiser.learning_rate * rate_at(step, settings.steps, settings.optimiser)
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        painted: Painted = self.objective(batch)
        terms = painted.terms
        judges = self.judge is not None and step >= settings.loss.adversarial_from
        if judges:
            terms = terms | self._judged(batch, painted.picture)
        self.optimiser.zero_grad()
        torch.autograd.backward(total(terms))
        torch.nn.utils.clip_grad_norm_(self.painter.parameters(), settings.optimiser.clip)
        self.optimiser.step()
        self.average.update(self.painter, step)
        if judges:
            terms = terms | self._train_judge(batch, painted.picture.detach())
        return {name: term.detach() for name, term in terms.items()}

    def _judged(self, batch: PainterBatch, picture: Tensor) -> dict[str, Tensor]:
        assert self.judge is not None
        loss, masks = self.settings.loss, batch.patch[:, 6:]
        share = ramp(self.step, loss.adversarial_from, loss.adversarial_from + _RAMP)
        self.judge.requires_grad_(False)
        with torch.no_grad():
            _, real_features = self._opinion(batch.target, masks)
        score, features = self._opinion(picture, masks)
        self.judge.requires_grad_(True)
        matching = losses.feature_matching(real_features, features)
        return {
            "adversarial": -share * loss.adversarial * score.mean(),
            "feature_matching": share * loss.feature_matching * matching,
        }

    def _opinion(self, picture: Tensor, masks: Tensor) -> tuple[Tensor, list[Tensor]]:
        assert self.judge is not None
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self._is_mixed):
            score, features = self.judge(middle_of(picture, masks))
        return score.float(), [one.float() for one in features]

    def _train_judge(self, batch: PainterBatch, picture: Tensor) -> dict[str, Tensor]:
        assert self.judge is not None
        masks = batch.patch[:, 6:]
        real, _ = self._opinion(batch.target, masks)
        painted, _ = self._opinion(picture, masks)
        distance = hinge_real(real) + hinge_painted(painted)
        self.judge_optimiser.zero_grad()
        torch.autograd.backward(distance)
        self.judge_optimiser.step()
        return {"discriminator": distance}

    @torch.no_grad()
    def _measure(self, log: RunLog) -> None:
        """Look at people whom the painter does not learn from: error and detail together."""
        batch = self.sampler.tuning(_MEASURED)
        if batch is None:
            return
        batch = self._here(batch)
        correction = split(self.average.model(batch.patch))
        before = batch.patch[:, :3]
        after = corrected(before, correction, batch.region)
        log.scalars(
            self.step,
            {
                "tuning_error_before": float(inner_error(before, batch)),
                "tuning_error": float(inner_error(after, batch)),
                "tuning_detail_before": float(inner_detail(before, batch)),
                "tuning_detail": float(inner_detail(after, batch)),
            },
        )
        shown = slice(None, None, max(1, len(before) // 6))
        log.grid(
            self.step, [one[shown] for one in (batch.patch[:, 3:6], before, after, batch.target)]
        )

    def _here(self, batch: PainterBatch) -> PainterBatch:
        return PainterBatch(*(part.to(self.device) for part in batch))


def _painter(settings: PaintingSettings) -> FacePainter:
    """Return the painter to begin with, with the channels innermost: a third faster."""
    painter: Any = _beginner(settings)  # torch's types lack the option
    innermost: FacePainter = painter.to(memory_format=torch.channels_last)
    return innermost


def _beginner(settings: PaintingSettings) -> FacePainter:
    if not settings.start_from:
        return FacePainter(settings.painter)
    found = read_painters(Path(settings.start_from)).get(settings.part)
    if found is None or found.config != settings.painter:
        raise SettingsError(
            f"{settings.start_from} holds no painter of the {settings.part} of this size."
        )
    return network_of(found)

"""The training loop: one objective, an optional discriminator, and a run that survives kills."""

import logging
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import torch
from lightning_fabric import Fabric
from lightning_fabric.wrappers import _FabricModule
from torch import Tensor, nn

from avatarify.errors import SettingsError
from avatarify.networks.discriminator import PatchDiscriminator
from avatarify.networks.motion_model import MotionModel
from avatarify.training import losses
from avatarify.training.augmentation import random_colours
from avatarify.training.averaged_weights import AveragedWeights
from avatarify.training.guidance import ramp
from avatarify.training.learning_rate import rate_at
from avatarify.training.objective import Objective, Step, total
from avatarify.training.pair_random import PairRandom
from avatarify.training.pairs import Batch, PairSampler
from avatarify.training.regions import cut_regions
from avatarify.training.run_log import RunLog
from avatarify.training.run_state import read_state, write_state
from avatarify.training.settings import TrainingSettings

logger = logging.getLogger(__name__)


class Trainer:
    """Trains a motion model from a run's settings.

    Everything random in a step follows from the seed, the step's number and the pair's place in
    it, so a resumed run repeats the uninterrupted one, and two processes see together what one
    would have seen alone.
    """

    def __init__(
        self, settings: TrainingSettings, model: MotionModel, folder: Path, fabric: Fabric
    ) -> None:
        self.settings = settings
        self.folder = folder
        self.fabric = fabric
        self.sampler = PairSampler(settings.data, settings.model.image_size, settings.seed)
        self.step = 0
        self._is_asked_to_stop = False
        self._pairs = _share_of_pairs(settings.batch, fabric)
        fabric.seed_everything(settings.seed)
        objective = Objective(model, settings, self.sampler.canonical)
        self.average = AveragedWeights(model, settings.optimiser.ema)
        self.average.model.to(fabric.device)
        optimiser = torch.optim.Adam(
            model.parameters(), lr=settings.optimiser.learning_rate, betas=(0.5, 0.999)
        )
        self.objective, self.optimiser = fabric.setup(objective, optimiser)
        self.discriminator: _FabricModule | None = None
        if settings.loss.is_adversarial:
            judge = PatchDiscriminator(settings.model.channels)
            judge_optimiser = torch.optim.Adam(
                judge.parameters(), lr=settings.optimiser.discriminator_rate, betas=(0.5, 0.999)
            )
            self.discriminator, self.judge_optimiser = fabric.setup(judge, judge_optimiser)

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
        _inner(self.objective).model.load_state_dict(state["model"])
        self.average.model.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        if state.get("precision"):  # the loss scale of half precision; empty without
            self.fabric.strategy.precision.load_state_dict(state["precision"])
        if self.discriminator is not None and "discriminator" in state:
            _inner(self.discriminator).load_state_dict(state["discriminator"])
            self.judge_optimiser.load_state_dict(state["judge_optimiser"])
        logger.info("Resumed at step %d", self.step)

    def save(self) -> None:
        """Write the run's checkpoint; only one process does."""
        if self.fabric.is_global_zero:
            write_state(self.state_path, self._state())
        self.fabric.barrier()

    def _state(self) -> dict[str, Any]:
        state = {
            "step": self.step,
            "model": _inner(self.objective).model.state_dict(),
            "average": self.average.model.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "precision": self.fabric.strategy.precision.state_dict(),
        }
        if self.discriminator is not None:
            state["discriminator"] = _inner(self.discriminator).state_dict()
            state["judge_optimiser"] = self.judge_optimiser.state_dict()
        return state

    def stop(self) -> None:
        """Let `run` end, with a checkpoint, after the step that it is in; for signal handlers."""
        self._is_asked_to_stop = True

    def run(self, until: int | None = None, time_limit_s: float = float("inf")) -> None:
        """Train.

        Args:
            until: Stop after this step; the settings' `steps` when None.
            time_limit_s: Stop, with a checkpoint, after this many seconds.
        """
        end = min(self.settings.steps, until or self.settings.steps)
        started = saved = time.monotonic()
        log = RunLog(self.folder if self.fabric.is_global_zero else None)
        try:
            for batch in self._batches(end):
                step = self._take_step(batch)
                self.step += 1
                if self.step % self.settings.log_every == 0:
                    log.scalars(self.step, self._reduced(step.terms))
                if self.step % self.settings.sample_every == 0:
                    log.pictures(self.step, batch, step.animation)
                now = time.monotonic()
                if self._agreed(now - saved >= self.settings.save_every_s):
                    self.save()
                    saved = now
                is_over = self._is_asked_to_stop or now - started >= time_limit_s
                if self._agreed(is_over):
                    break
            self.save()
        finally:
            log.close()

    def _batches(self, end: int) -> Iterator[Batch]:
        """Yield batches, the next one being drawn while the current one is trained on."""
        first, share = self._pairs.start, len(self._pairs)
        with ThreadPoolExecutor(1, "pairs") as pool:
            waiting: Future[Batch] = pool.submit(self.sampler.batch, self.step, share, first)
            for number in range(self.step, end):
                batch = waiting.result()
                if number + 1 < end:
                    waiting = pool.submit(self.sampler.batch, number + 1, share, first)
                yield Batch(*(self.fabric.to_device(part) for part in batch))

    def _take_step(self, batch: Batch) -> Step:
        settings = self.settings
        random = PairRandom(settings.seed, self.step, self._pairs)
        source, driving = random_colours(batch.source, batch.driving, settings.data.colour, random)
        batch = batch._replace(source=source, driving=driving)
        rate = settings.optimiser.learning_rate * rate_at(
            self.step, settings.steps, settings.optimiser
        )
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        self.objective.train(self.step < settings.freeze_norm_from)
        step: Step = self.objective(batch, self.step, random)
        terms = step.terms
        adversarial = self.discriminator is not None and self.step >= settings.loss.adversarial_from
        if adversarial:
            terms = terms | self._adversarial_terms(batch, step)
        self.optimiser.zero_grad()
        self.fabric.backward(total(terms))
        self.fabric.clip_gradients(
            self.objective,
            self.optimiser,
            max_norm=settings.optimiser.clip,
            error_if_nonfinite=False,
        )
        self.optimiser.step()
        if adversarial:
            terms = terms | self._train_discriminator(batch, step)
        self.average.update(_inner(self.objective).model, self.step)
        return step._replace(terms=terms)

    def _adversarial_terms(self, batch: Batch, step: Step) -> dict[str, Tensor]:
        assert self.discriminator is not None
        loss = self.settings.loss
        share = ramp(self.step, loss.adversarial_from, loss.adversarial_from + 500)
        self.discriminator.requires_grad_(False)
        terms = {"adversarial": torch.zeros((), device=self.fabric.device)}
        terms["feature_matching"] = terms["adversarial"]
        for real, painted in self._judged(batch, step):
            _, real_features = self.discriminator(real)
            score, features = self.discriminator(painted)
            terms["adversarial"] = terms["adversarial"] + share * loss.adversarial * (
                losses.least_squares_real(score.float())
            )
            terms["feature_matching"] = terms["feature_matching"] + share * (
                loss.feature_matching * losses.feature_matching(real_features, features)
            )
        strange = self._strange(step)
        if strange is not None:
            score, _ = self.discriminator(strange)
            terms["exchanged_adversarial"] = (
                share * loss.exchanged_adversarial * losses.least_squares_real(score.float())
            )
        self.discriminator.requires_grad_(True)
        return terms

    def _train_discriminator(self, batch: Batch, step: Step) -> dict[str, Tensor]:
        assert self.discriminator is not None
        distance = torch.zeros((), device=self.fabric.device)
        for real, painted in self._judged(batch, step):
            real_score, _ = self.discriminator(real)
            score, _ = self.discriminator(painted.detach())
            distance = distance + losses.least_squares_discriminator(
                real_score.float(), score.float()
            )
        strange = self._strange(step)
        if strange is not None:
            score, _ = self.discriminator(strange.detach())
            distance = distance + losses.least_squares_generated(score.float())
        self.judge_optimiser.zero_grad()
        self.fabric.backward(distance)
        self.judge_optimiser.step()
        return {"discriminator": distance.detach()}

    def _judged(self, batch: Batch, step: Step) -> list[tuple[Tensor, Tensor]]:
        """Return pairs of real and painted pictures that the discriminator compares."""
        picture = step.animation.picture.float()
        regions = self.settings.loss.adversarial_regions
        pairs = [(batch.driving, picture)] if "image" in regions else []
        parts = tuple(region for region in regions if region != "image")
        if parts:
            marks = batch.driving_landmarks
            pairs.append(
                (cut_regions(batch.driving, marks, parts), cut_regions(picture, marks, parts))
            )
        return pairs

    def _strange(self, step: Step) -> Tensor | None:
        """Return mouths and eyes that another's driver moved, for which there is no real one."""
        loss = self.settings.loss
        if step.exchanged is None or loss.exchanged_adversarial <= 0.0:
            return None
        return cut_regions(*step.exchanged, loss.adversarial_regions)

    def _reduced(self, terms: dict[str, Tensor]) -> dict[str, float]:
        reduced = {}
        for name, term in terms.items():
            mean = self.fabric.all_reduce(term.detach().float(), reduce_op="mean")
            assert isinstance(mean, Tensor)
            reduced[name] = mean.item()
        return reduced

    def _agreed(self, wish: bool) -> bool:
        """Let the first process decide, so that all save and stop at the same step."""
        if self.fabric.world_size == 1:
            return wish
        return bool(self.fabric.broadcast(wish))


def _share_of_pairs(batch: int, fabric: Fabric) -> range:
    """Return the places of this process's pairs in every step."""
    share, rest = divmod(batch, fabric.world_size)
    if rest or share == 0:
        raise SettingsError(
            f"batch {batch} cannot be shared by {fabric.world_size} processes. Choose a multiple."
        )
    first = share * fabric.global_rank
    return range(first, first + share)


def _inner(module: nn.Module) -> Any:
    """Return the module inside Fabric's and DDP's wrappers."""
    return getattr(module, "module", module)

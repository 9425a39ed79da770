"""The loop that teaches the matte network; it can be stopped and goes on where it was."""

import logging
import math
import sys
import time
from pathlib import Path

import torch
import torch.nn.functional as F  # noqa: N812 - the field's own name for it
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from avatarify.errors import SettingsError
from avatarify.networks.matte_net import MatteNet
from avatarify.training.averaged_weights import AveragedWeights
from avatarify.training.learning_rate import rate_at
from avatarify.training.matting.people import Person
from avatarify.training.matting.sampler import Batch, MatteSampler
from avatarify.training.matting.settings import MatteSettings
from avatarify.training.processor import has_bfloat16
from avatarify.training.run_state import read_state, write_state
from avatarify.training.settings import OptimiserSettings

logger = logging.getLogger(__name__)

_COURSE = OptimiserSettings(schedule="cosine", warm_up=100, final_rate=0.01)

_NEAR = 25
"""Pixels within half of this of a person count twice."""

_TUNING_PICTURES = 96
_STATE = "state.ckpt"


class MatteTrainer:
    """A run: the network, its average, the optimiser, and what they learn from."""

    def __init__(self, settings: MatteSettings, people: list[Person], folder: Path) -> None:
        """Start, or go on where the run was.

        Args:
            settings: The run.
            people: Who teaches, and who is measured.
            folder: Of the run's state.

        Raises:
            SettingsError: The state is broken, or nobody is left to learn from.
        """
        torch.manual_seed(settings.seed)
        self._settings, self._folder = settings, folder
        taught = [person for person in people if person.name not in settings.tuning]
        tuning = [person for person in people if person.name in settings.tuning]
        if not taught:
            raise SettingsError("Everybody is kept for tuning: nobody is left to learn from.")
        self._sampler = MatteSampler(taught, settings)
        self._looks = _looks(tuning, settings) if tuning else None
        net = MatteNet(settings.widths)
        self._net = net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._average = AveragedWeights(self._net, settings.average)
        self._optimiser = torch.optim.AdamW(
            self._net.parameters(), lr=settings.rate, weight_decay=settings.decay
        )
        self.step = 0
        self._resume()

    @property
    def net(self) -> MatteNet:
        """The averaged network."""
        return self._average.model

    def train(self, until: int | None = None, time_limit_s: float = float("inf")) -> None:
        """Train until the run's steps are done.

        Args:
            until: Stop after this step.
            time_limit_s: Stop after so many seconds of this call.
        """
        settings = self._settings
        end = min(settings.steps, sys.maxsize if until is None else until)
        start = saved = time.monotonic()
        drawn = _Drawn(self._sampler, settings.batch, self.step, end)
        loader = DataLoader(drawn, batch_size=None, num_workers=1, prefetch_factor=4)
        sums = 0.0
        for seen, matte, here in loader:
            sums += self._learn(Batch(seen, matte, here))
            if self.step % settings.measure_every == 0:
                self._report(sums / settings.measure_every)
                sums = 0.0
            now = time.monotonic()
            if now - saved > settings.save_every_s:
                self._save()
                saved = now
            if now - start > time_limit_s:
                break
        self._save()

    def overlap(self) -> float:
        """Return the mean intersection over union with people kept for tuning; nan without any."""
        if self._looks is None:
            return math.nan
        with torch.inference_mode():
            parts = torch.split(self._looks.seen, 16)
            found = torch.cat([self._average.model(part) for part in parts]) > 0
        here = self._looks.here > 0
        found, true = found & here, (self._looks.matte > 0.5) & here
        both, either = ((found & true), (found | true))
        shares = both.sum((1, 2, 3)) / either.sum((1, 2, 3)).clamp(min=1)
        return float(shares.mean())

    def _learn(self, batch: Batch) -> float:
        settings = self._settings
        for group in self._optimiser.param_groups:
            group["lr"] = settings.rate * rate_at(self.step, settings.steps, _COURSE)
        seen = batch.seen.to(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16, enabled=has_bfloat16()):
            odds = self._net(seen)
        error = matte_error(odds.float(), batch)
        self._optimiser.zero_grad(set_to_none=True)
        error.backward()  # type: ignore[no-untyped-call]  # untyped in torch
        torch.nn.utils.clip_grad_norm_(self._net.parameters(), 1.0)
        self._optimiser.step()
        self._average.update(self._net, self.step)
        self.step += 1
        return float(error.detach())

    def _report(self, error: float) -> None:
        logger.info("%6d: error %.4f, tuning overlap %.4f", self.step, error, self.overlap())

    def _save(self) -> None:
        state = {
            "net": self._net.state_dict(),
            "average": self._average.model.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "step": self.step,
        }
        write_state(self._folder / _STATE, state)

    def _resume(self) -> None:
        path = self._folder / _STATE
        if not path.is_file():
            return
        state = read_state(path)
        try:
            self._net.load_state_dict(state["net"])
            self._average.model.load_state_dict(state["average"])
            self._optimiser.load_state_dict(state["optimiser"])
            self.step = int(state["step"])
        except (KeyError, RuntimeError, ValueError, TypeError) as error:
            raise SettingsError(
                f"{path} does not belong to this run ({error}). Remove it."
            ) from error


def matte_error(odds: Tensor, batch: Batch) -> Tensor:
    """Return the cross entropy of log odds (B, 1, S, S), people and what is near them twice."""
    reach = _NEAR // 2
    above = F.max_pool2d(batch.matte, (_NEAR, 1), 1, (reach, 0))
    near = F.max_pool2d(above, (1, _NEAR), 1, (0, reach)) * batch.here
    weight = batch.here + near
    errors = F.binary_cross_entropy_with_logits(odds, batch.matte, reduction="none")
    return (errors * weight).sum() / weight.sum().clamp(min=1.0)


class _Drawn(Dataset[Batch]):
    """The steps' batches, made beside the training."""

    def __init__(self, sampler: MatteSampler, batch: int, start: int, end: int) -> None:
        self._sampler, self._batch, self._start = sampler, batch, start
        self._count = max(0, end - start)

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> Batch:
        return self._sampler.draw(self._batch, self._start + index)


def _looks(people: list[Person], settings: MatteSettings) -> Batch:
    sampler = MatteSampler(people, settings)
    return sampler.draw(_TUNING_PICTURES, sys.maxsize)

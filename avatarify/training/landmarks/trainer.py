"""The loop that teaches the landmark networks; it can be stopped and goes on where it was.

All that is drawn in a step follows from the seed and the step's number.
"""

import logging
import math
import sys
import time
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from avatarify.errors import SettingsError
from avatarify.geometry.face_mesh import counterparts
from avatarify.networks.landmark_net import ANCHORS, LandmarkNet
from avatarify.tracking.landmark_file import LandmarkModel
from avatarify.training.averaged_weights import AveragedWeights
from avatarify.training.landmarks.face_crops import FaceCrops, mean_face, read_empty
from avatarify.training.landmarks.objective import Lesson, anchor_points, shape_from_anchors
from avatarify.training.landmarks.prepare import EMPTY_FILE
from avatarify.training.landmarks.samples import Sampler
from avatarify.training.landmarks.settings import LandmarkSettings

logger = logging.getLogger(__name__)

_WARM_UP = 150
_LAST_RATE = 0.005
_REPORT_EVERY = 50
_CALM_DRAWS = 24


class LandmarkTrainer:
    """A run: networks, their average, the optimiser, and what they learn from."""

    def __init__(
        self,
        settings: LandmarkSettings,
        crops: FaceCrops,
        folder: Path,
        start: LandmarkModel | None = None,
    ) -> None:
        """Start, or go on where the run was.

        Args:
            settings: The run.
            crops: The faces that teach.
            folder: Of the run's state.
            start: The model to begin with, if any.

        Raises:
            SettingsError: The state is broken, or there are no pictures without a face.
        """
        torch.manual_seed(settings.seed)
        self._settings, self._folder = settings, folder
        mean = _mean(crops) if start is None else start.net.mean.numpy()
        self._anchors = anchor_points(mean, ANCHORS)
        self._lesson = Lesson(self._anchors)
        self._net = LandmarkNet(settings.networks).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._net.mean.copy_(torch.from_numpy(mean))
        self._elapsed_s, self._step = 0.0, 0
        self._sampler = self._make_sampler(crops, mean)
        if start is None:
            self._start_shape()
        else:
            self._net.load_state_dict(_fitting(start.net, self._net, settings.start_from))
        self._hold_others()
        self._average = AveragedWeights(self._net, settings.average)
        self._optimiser = torch.optim.AdamW(self._groups(), lr=settings.rate)
        self._resume()

    @property
    def step(self) -> int:
        """Steps taken so far."""
        return self._step

    @property
    def net(self) -> LandmarkNet:
        """The averaged networks."""
        return self._average.model

    def train(self, until: int | None = None, time_limit_s: float = float("inf")) -> None:
        """Train until the run's steps are done.

        Args:
            until: Stop after this step.
            time_limit_s: Stop after so many seconds of this call.
        """
        settings = self._settings
        self._folder.mkdir(parents=True, exist_ok=True)
        last = saved = start = time.monotonic()
        sums: dict[str, float] = {}
        end = min(settings.steps, sys.maxsize if until is None else until)
        while self._step < end and last - start < time_limit_s:
            for name, error in self._learn().items():
                sums[name] = sums.get(name, 0.0) + error / _REPORT_EVERY
            now = time.monotonic()
            self._elapsed_s, last = self._elapsed_s + now - last, now
            if self._step % _REPORT_EVERY == 0:
                self._report(sums)
                sums = {}
            if now - saved > settings.save_every_s:
                self._save()
                saved = now
        self._save()

    def _learn(self) -> dict[str, float]:
        for group in self._optimiser.param_groups:
            group["lr"] = self._settings.rate * self._rate()
        batch = self._sampler.draw(self._settings.batch, self._settings.empty, self._step)
        errors = self._lesson.errors(self._net, batch, parts=self._settings.parts)
        self._optimiser.zero_grad(set_to_none=True)
        torch.stack(list(errors.values())).sum().backward()  # type: ignore[no-untyped-call]  # untyped in torch
        torch.nn.utils.clip_grad_norm_(self._net.parameters(), 5.0)
        self._optimiser.step()
        self._average.update(self._net, self._step)
        self._step += 1
        return {name: float(error.detach()) for name, error in errors.items()}

    def _rate(self) -> float:
        done = min(1.0, self._step / self._settings.steps)
        fallen = _LAST_RATE + (1.0 - _LAST_RATE) * (1.0 + math.cos(math.pi * done)) / 2.0
        return fallen * min(1.0, (self._step + 1) / _WARM_UP)

    def _groups(self) -> list[dict[str, Any]]:
        """Decay the filters, not the norms and biases."""
        trained = [p for p in self._net.parameters() if p.requires_grad]
        filters = [p for p in trained if p.ndim > 1]
        others = [p for p in trained if p.ndim <= 1]
        return [
            {"params": filters, "weight_decay": self._settings.decay},
            {"params": others, "weight_decay": 0.0},
        ]

    def _make_sampler(self, crops: FaceCrops, mean: NDArray[np.float32]) -> Sampler:
        settings = self._settings
        empty = read_empty(Path(settings.crops) / EMPTY_FILE)
        weights = crops.draw_weights(settings.shares)
        logger.info("%d faces of %d clips", len(crops), len(np.unique(crops.names)))
        return Sampler(
            crops,
            weights,
            empty,
            mean,
            settings.networks,
            seed=settings.seed,
            parts=settings.parts,
            mouth_stretch=settings.mouth_stretch,
        )

    def _hold_others(self) -> None:
        """Hold what does not learn, its norms' statistics included."""
        self._net.requires_grad_(False).eval()
        for part in self._settings.parts:
            self._net.get_submodule(part).requires_grad_(True).train()

    def _start_shape(self) -> None:
        """Let the shape layer complete faces in closed form: only pictures need learning."""
        draw, count = self._sampler.draw, self._settings.batch
        batches = [draw(count, 0, number).points for number in range(_CALM_DRAWS)]
        weights, bias = shape_from_anchors(torch.cat(batches).numpy(), self._anchors)
        with torch.no_grad():
            self._net.coarse.shape.weight.copy_(torch.from_numpy(weights))
            self._net.coarse.shape.bias.copy_(torch.from_numpy(bias))

    def _report(self, sums: dict[str, float]) -> None:
        words = " ".join(f"{name} {value:.4f}" for name, value in sums.items())
        logger.info("%6.1f min %6d: %s", self._elapsed_s / 60.0, self._step, words)

    def _state_file(self) -> Path:
        return self._folder / "state.pt"

    def _save(self) -> None:
        state = {
            "net": self._net.state_dict(),
            "average": self._average.model.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "elapsed_s": self._elapsed_s,
            "step": self._step,
        }
        part = self._state_file().with_suffix(".part")
        torch.save(state, part)
        part.replace(self._state_file())

    def _resume(self) -> None:
        if not self._state_file().is_file():
            return
        try:
            state = torch.load(self._state_file(), weights_only=True)
            self._net.load_state_dict(state["net"])
            self._average.model.load_state_dict(state["average"])
            self._optimiser.load_state_dict(state["optimiser"])
            self._elapsed_s, self._step = state["elapsed_s"], state["step"]
        except (OSError, KeyError, RuntimeError, ValueError, UnpicklingError) as error:
            raise SettingsError(
                f"{self._state_file()} does not belong to this run ({error}). Remove it."
            ) from error


def _mean(crops: FaceCrops) -> NDArray[np.float32]:
    return mean_face(crops.points[:: max(1, len(crops) // 2000)], counterparts())


def _fitting(start: LandmarkNet, net: LandmarkNet, name: str) -> dict[str, Any]:
    """Return the weights to start with; sizes of crops may differ, shapes of weights may not."""
    state, own = start.state_dict(), net.state_dict()
    for key, tensor in state.items():
        if key not in own or own[key].shape != tensor.shape:
            raise SettingsError(f"{name} has networks of another shape ({key}).")
    return state

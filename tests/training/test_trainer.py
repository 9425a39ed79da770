"""The loop: killed and resumed, in two processes as in one, with a discriminator."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
import yaml

from avatarify.animation.checkpoint import load_model
from avatarify.errors import SettingsError
from avatarify.training.launch import TrainingRun, train
from avatarify.training.run_state import read_state
from avatarify.training.trainer import Trainer
from tests.tiny_models import tiny_config

PROJECT = Path(__file__).resolve().parents[2]
ADVERSARIAL = {
    "pyramid_levels": 2,
    "adversarial": 0.1,
    "feature_matching": 1.0,
    "adversarial_regions": ["image", "mouth"],
}


def write_config(path: Path, cache: Path, **changes: object) -> Path:
    values = {
        "model": tiny_config("compact").to_dict(),
        "data": {"caches": {str(cache): 1.0}},
        "guidance": {"landmarks": [13, 159, 386], "own_from": 1, "own_by": 3},
        "loss": {"pyramid_levels": 2},
        "optimiser": {"warm_up": 1},
        "steps": 6,
        "batch": 2,
        "log_every": 1,
        "sample_every": 4,
        **changes,
    }
    path.write_text(yaml.safe_dump(values), encoding="utf-8")
    return path


# Trains with the program's own functions and prints every step's loss as one JSON line, so that
# a test can kill it anywhere.
SCRIPT = """
import json, sys
from pathlib import Path
from avatarify.training import trainer
from avatarify.training.launch import TrainingRun, train
from avatarify.training.objective import total
inner = trainer.Trainer._reduced
def tell(self, terms):
    reduced = inner(self, terms)
    if self.fabric.is_global_zero:
        print(json.dumps([self.step, reduced]), flush=True)
    return reduced
trainer.Trainer._reduced = tell
config, folder, processes = sys.argv[1:4]
train(TrainingRun(Path(config), Path(folder), device="cpu", devices=int(processes), threads=1))
"""


def start(
    config: Path, folder: Path, processes: int = 1, *, by_torchrun: bool = False
) -> "subprocess.Popen[str]":
    script = config.with_suffix(".py")  # a file, because the engine starts it once more
    script.write_text(SCRIPT, encoding="utf-8")
    torchrun = ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}"]
    launcher = torchrun if by_torchrun else []
    devices = 1 if by_torchrun else processes
    return subprocess.Popen(
        [sys.executable, *launcher, str(script), str(config), str(folder), str(devices)],
        cwd=PROJECT,
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(PROJECT)},
        stdout=subprocess.PIPE,
        text=True,
    )


def losses_of(run: "subprocess.Popen[str]") -> dict[int, dict[str, float]]:
    output, _ = run.communicate(timeout=400)
    assert run.returncode == 0
    return dict(json.loads(line) for line in output.splitlines() if line.startswith("["))


def losses_here(
    config: Path, folder: Path, after: Callable[[int], None] = lambda step: None
) -> dict[int, dict[str, float]]:
    """Train in this process, which has loaded torch already, and listen likewise.

    Args:
        config: The YAML file.
        folder: The run's.
        after: Called with the number of each step.
    """
    losses: dict[int, dict[str, float]] = {}
    inner = Trainer._reduced

    def tell(trainer: Trainer, terms: dict[str, torch.Tensor]) -> dict[str, float]:
        losses[trainer.step] = inner(trainer, terms)
        after(trainer.step)
        return losses[trainer.step]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Trainer, "_reduced", tell)
        trained(config, folder)
    return losses


def trained(config: Path, folder: Path, **changes: object) -> dict[str, object]:
    train(TrainingRun(config, folder, device="cpu", threads=1, **changes))  # type: ignore[arg-type]
    return read_state(folder / "state.ckpt")


def same(left: object, right: object) -> bool:
    if isinstance(left, torch.Tensor):
        return isinstance(right, torch.Tensor) and torch.equal(left, right)
    if isinstance(left, dict):
        assert isinstance(right, dict)
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list):
        assert isinstance(right, list)
        return all(same(*pair) for pair in zip(left, right, strict=True))
    return left == right


def test_a_run_in_two_parts_ends_exactly_like_one(tmp_path: Path, cache: Path) -> None:
    config = write_config(tmp_path / "run.yaml", cache, loss=ADVERSARIAL)
    whole = trained(config, tmp_path / "whole")
    trained(config, tmp_path / "parts", until=3)
    parts = trained(config, tmp_path / "parts")
    assert whole["step"] == parts["step"] == 6
    assert "discriminator" in whole
    assert same(whole, parts)  # weights, average, optimisers, discriminator


def test_norms_follow_the_batches_until_they_are_frozen(tmp_path: Path, cache: Path) -> None:
    config = write_config(tmp_path / "run.yaml", cache, freeze_norm_from=2)

    def means(until: int) -> torch.Tensor:
        model = trained(config, tmp_path / "run", until=until)["model"]
        assert isinstance(model, dict)
        return torch.cat([v for name, v in model.items() if name.endswith("running_mean")])

    first, second, last = means(1), means(2), means(6)
    assert not torch.equal(first, second)
    assert torch.equal(second, last)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_killed_run_has_the_same_losses(tmp_path: Path, cache: Path) -> None:
    config = write_config(tmp_path / "run.yaml", cache, steps=12, save_every_s=0.0)
    straight = losses_here(config, tmp_path / "straight")
    assert list(straight) == list(range(1, 13))

    killed = start(config, tmp_path / "killed")
    assert killed.stdout is not None
    for line in killed.stdout:
        if line.startswith("[5,"):
            os.kill(killed.pid, signal.SIGKILL)
            break
    killed.wait()
    killed.stdout.close()
    at = read_state(tmp_path / "killed" / "state.ckpt")["step"]
    assert 4 <= at < 12

    resumed = losses_here(config, tmp_path / "killed")
    assert list(resumed) == list(range(at + 1, 13))
    assert resumed == {step: straight[step] for step in resumed}  # to the last bit


def test_sigterm_ends_a_run_with_what_it_has_learnt(tmp_path: Path, cache: Path) -> None:
    config = write_config(tmp_path / "run.yaml", cache, steps=100_000, save_every_s=1e9)

    def terminate(step: int) -> None:
        if step == 3:
            os.kill(os.getpid(), signal.SIGTERM)

    last = max(losses_here(config, tmp_path / "run", terminate))
    assert read_state(tmp_path / "run" / "state.ckpt")["step"] == last < 100_000


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_two_processes_have_the_losses_of_one(tmp_path: Path, cache: Path) -> None:
    """With norms frozen: batch norm's statistics are those of each process's own pairs."""
    loss = {
        **ADVERSARIAL,
        **{"exchange": 0.5, "flow": 1.0, "exchanged_flow": 1.0, "exchanged_adversarial": 0.5},
        "adversarial_regions": ["mouth"],
    }
    config = write_config(
        tmp_path / "run.yaml", cache, freeze_norm_from=0, steps=4, batch=4, loss=loss
    )
    one = losses_here(config, tmp_path / "one")
    own = losses_of(start(config, tmp_path / "own", processes=2))
    torchrun = losses_of(start(config, tmp_path / "torchrun", processes=2, by_torchrun=True))
    assert list(one) == list(own) == list(torchrun) == [1, 2, 3, 4]
    for step, terms in one.items():
        assert own[step] == pytest.approx(terms, rel=1e-4, abs=1e-6)
        assert torchrun[step] == pytest.approx(terms, rel=1e-4, abs=1e-6)


def test_the_discriminator_waits_for_its_turn(tmp_path: Path, cache: Path) -> None:
    late = {**ADVERSARIAL, "adversarial_from": 100}
    untouched = trained(
        write_config(tmp_path / "a.yaml", cache, loss=late), tmp_path / "late", until=1
    )
    again = trained(
        write_config(tmp_path / "b.yaml", cache, loss=late), tmp_path / "later", until=3
    )
    assert same(untouched["discriminator"], again["discriminator"])
    now = {**ADVERSARIAL, "adversarial_from": 0}
    moved = trained(write_config(tmp_path / "c.yaml", cache, loss=now), tmp_path / "now", until=1)
    assert not same(untouched["discriminator"], moved["discriminator"])


def test_the_averaged_weights_are_exported(tmp_path: Path, cache: Path) -> None:
    config = write_config(tmp_path / "run.yaml", cache, steps=2)
    export = tmp_path / "model.safetensors"
    state = trained(config, tmp_path / "run", export=export)
    exported = load_model(export).state_dict()
    average = state["average"]
    assert isinstance(average, dict)
    weights = {name: value for name, value in exported.items() if value.is_floating_point()}
    assert same({name: average[name] for name in weights}, weights)  # counters are not exported
    small = tmp_path / "small.safetensors"
    trained(config, tmp_path / "run", export=small, half=True)
    assert small.stat().st_size < 0.7 * export.stat().st_size
    for name, value in load_model(small).state_dict().items():
        torch.testing.assert_close(value, exported[name], rtol=1e-3, atol=1e-6)


def test_a_run_starts_from_a_model(tmp_path: Path, cache: Path) -> None:
    export = tmp_path / "model.safetensors"
    trained(write_config(tmp_path / "a.yaml", cache, steps=1), tmp_path / "a", export=export)
    config = write_config(
        tmp_path / "b.yaml", cache, steps=1, start_from=str(export), optimiser={"learning_rate": 0}
    )
    state = trained(config, tmp_path / "b")
    weights = state["model"]
    assert isinstance(weights, dict)
    name = "generator.final.weight"
    assert torch.equal(weights[name], load_model(export).state_dict()[name])


def test_time_runs_out_with_a_checkpoint(tmp_path: Path, cache: Path) -> None:
    config = write_config(tmp_path / "run.yaml", cache)
    assert trained(config, tmp_path / "run", time_limit_s=0.0)["step"] == 1


def test_the_log_holds_scalars_and_pictures(tmp_path: Path, cache: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import (  # type: ignore[import-untyped]
        EventAccumulator,
    )

    trained(write_config(tmp_path / "run.yaml", cache, steps=4), tmp_path / "run")
    log = EventAccumulator(str(tmp_path / "run" / "tensorboard"))
    log.Reload()
    tags = log.Tags()
    assert {"loss/pixel", "loss/guidance"} <= set(tags["scalars"])
    assert tags["images"] == ["samples"]


def test_mixed_precision_trains(tmp_path: Path, cache: Path) -> None:
    config = write_config(tmp_path / "run.yaml", cache, steps=2, precision="bf16-mixed")
    model = trained(config, tmp_path / "run")["model"]
    assert isinstance(model, dict)
    assert all(bool(tensor.isfinite().all()) for tensor in model.values())


def test_a_batch_that_cannot_be_shared_is_refused(tmp_path: Path, cache: Path) -> None:
    from lightning_fabric import Fabric

    from avatarify.training.trainer import _share_of_pairs

    class TwoOfThree:
        world_size, global_rank = 3, 1

    fabric: Fabric = TwoOfThree()  # type: ignore[assignment]
    assert _share_of_pairs(6, fabric) == range(2, 4)
    with pytest.raises(SettingsError, match="batch 4 cannot be shared by 3 processes"):
        _share_of_pairs(4, fabric)

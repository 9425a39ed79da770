"""Choosing a device where the wanted one is missing: this machine, and pretended ones."""

import os
from pathlib import Path

import pytest
import torch

from avatarify.animation import devices
from avatarify.animation.devices import choose_device, choose_precision, name_of, unused_gpu
from avatarify.errors import DeviceError

HAS_GPU = torch.cuda.is_available() or torch.backends.mps.is_available()


def test_the_cpu_is_always_there() -> None:
    assert choose_device("cpu") == torch.device("cpu")
    assert name_of(torch.device("cpu")) == "cpu"


@pytest.mark.skipif(HAS_GPU, reason="this machine has a GPU")
def test_without_a_gpu() -> None:
    assert choose_device("auto") == torch.device("cpu")
    assert choose_precision("auto", torch.device("cpu")) == "fp32"
    with pytest.raises(DeviceError, match="CUDA cannot be used"):
        choose_device("cuda")
    with pytest.raises(DeviceError, match="Apple chip"):
        choose_device("mps")


def test_precisions_that_a_cpu_lacks() -> None:
    assert choose_precision("bf16", torch.device("cpu")) == "bf16"
    with pytest.raises(DeviceError, match="fp16 needs a GPU"):
        choose_precision("fp16", torch.device("cpu"))
    with pytest.raises(DeviceError, match="Apple"):
        choose_precision("bf16", torch.device("mps"))


def test_unknown_words_are_the_callers_fault() -> None:
    with pytest.raises(ValueError, match="tpu"):
        choose_device("tpu")
    with pytest.raises(ValueError, match="int4"):
        choose_precision("int4", torch.device("cpu"))


def put_nvidia_smi(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    program = folder / "nvidia-smi"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


@pytest.mark.skipif(os.name == "nt", reason="needs a shell script")
@pytest.mark.skipif(HAS_GPU, reason="this machine has a GPU")
def test_a_card_that_goes_unused_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_nvidia_smi(tmp_path, "echo NVIDIA GeForce RTX 4070", monkeypatch)
    reason = unused_gpu()
    assert reason is not None
    assert reason.startswith("The NVIDIA GeForce RTX 4070 in this machine is not used: ")
    if torch.version.cuda is None:
        assert "built without CUDA" in reason


@pytest.mark.skipif(os.name == "nt", reason="needs a shell script")
@pytest.mark.parametrize("script", ["exit 9", "true", "echo; exit 0"])
def test_a_driver_without_a_card(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    put_nvidia_smi(tmp_path, script, monkeypatch)
    assert devices.nvidia_card() is None


def test_without_a_driver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert devices.nvidia_card() is None
    assert unused_gpu() is None

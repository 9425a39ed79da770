"""The machine's own limits, measured on the spot: what a frame could cost at best."""

import os
import platform
from dataclasses import dataclass

import torch
from torch.nn.functional import conv2d

from avatarify.animation.backends.device_step import full_float32
from avatarify.animation.devices import name_of
from avatarify.session.bench.rounds import take_turns

_MATRIX_SIDE = 1536
_COPIED_BYTES = 2**27
_CONVOLUTION = (1, 256, 64, 64)


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine and its limits."""

    name: str
    """Processor or card."""

    threads: int
    """That torch uses."""

    torch_version: str
    """Of the build."""

    load: float
    """Processes that wanted to run in the last minute; above `threads`, others were busy too."""

    matrix_product_gflops: float
    """float32, of a large matrix product."""

    convolution_gflops: float
    """float32, of a 3×3 convolution of 256 channels."""

    half_convolution_gflops: float
    """The same in float16 on a GPU, in bfloat16 on a CPU."""

    copy_gb_per_s: float
    """Bytes read and written by a large copy."""


def measure_machine(device: torch.device, seconds: float = 1.0) -> Machine:
    """Measure the limits; the best of the rounds counts, because limits are meant."""
    square = torch.rand(_MATRIX_SIDE, _MATRIX_SIDE, device=device)
    long = torch.zeros(_COPIED_BYTES // 4, device=device)
    target = torch.empty_like(long)
    features = torch.rand(*_CONVOLUTION, device=device)
    weight = torch.rand(_CONVOLUTION[1], _CONVOLUTION[1], 3, 3, device=device)
    half = torch.bfloat16 if device.type == "cpu" else torch.float16
    half_features, half_weight = (
        tensor.to(half, memory_format=torch.channels_last) for tensor in (features, weight)
    )

    def finished(work: object) -> None:
        wait_for(device)

    with torch.inference_mode(), full_float32():
        times = take_turns(
            {
                "product": lambda: finished(square @ square),
                "convolution": lambda: finished(conv2d(features, weight, padding=1)),
                "half": lambda: finished(conv2d(half_features, half_weight, padding=1)),
                "copy": lambda: finished(target.copy_(long)),
            },
            seconds,
        )
    best = {name: min(values) for name, values in times.items()}
    convolved = 2 * 9 * _CONVOLUTION[1] ** 2 * _CONVOLUTION[2] * _CONVOLUTION[3]
    return Machine(
        name=name_of(device) if device.type != "cpu" else _processor(),
        threads=torch.get_num_threads(),
        torch_version=torch.__version__,
        load=os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0,
        matrix_product_gflops=2 * _MATRIX_SIDE**3 / best["product"] / 1e9,
        convolution_gflops=convolved / best["convolution"] / 1e9,
        half_convolution_gflops=convolved / best["half"] / 1e9,
        copy_gb_per_s=2 * _COPIED_BYTES / best["copy"] / 1e9,
    )


def wait_for(device: torch.device) -> None:
    """Wait until a GPU has done what it was given; a CPU has."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:  # noqa: PTH123  # not a real file
            names = [line.partition(":")[2].strip() for line in file if "model name" in line]
    except OSError:
        names = []
    return names[0] if names else platform.processor() or platform.machine()

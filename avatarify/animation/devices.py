"""Which processor runs a model, in which precision, and why not the one the user expects."""

import logging
import platform
import shutil
import subprocess
import warnings
from typing import Literal, cast, get_args

import torch

from avatarify.errors import DeviceError

_LOG = logging.getLogger(__name__)

Precision = Literal["fp32", "fp16", "bf16"]

DTYPES: dict[Precision, torch.dtype] = {
    "fp32": torch.float32,
    "fp16": torch.float16,
    "bf16": torch.bfloat16,
}
"""What torch calls each precision."""

_QUERY_TIMEOUT_S = 5.0
_TENSOR_CORES = (7, 0)
"""Compute capability from which half precision is faster than single."""


def choose_device(wanted: str = "auto") -> torch.device:
    """Return the device to use.

    Args:
        wanted: "cpu", "cuda", "mps", or "auto" for the fastest that works.

    Raises:
        DeviceError: The wanted device does not work here; the message says why.
        ValueError: There is no such kind of device.
    """
    if wanted not in ("auto", "cpu", "cuda", "mps"):
        raise ValueError(f"a device is auto, cpu, cuda or mps, not {wanted!r}")
    if wanted in ("auto", "cuda") and _cuda_works():
        return torch.device("cuda")
    if wanted in ("auto", "mps") and torch.backends.mps.is_available():
        return torch.device("mps")
    if wanted == "cuda":
        raise DeviceError(f"CUDA cannot be used: {_why_no_cuda()} Or use --device cpu.")
    if wanted == "mps":
        raise DeviceError("MPS needs a Mac with an Apple chip and macOS 13 or newer.")
    return torch.device("cpu")


def choose_precision(wanted: str, device: torch.device) -> Precision:
    """Return the precision to use.

    Args:
        wanted: "fp32", "fp16", "bf16", or "auto" for what is fast and safe on the device.
        device: From `choose_device`.

    Raises:
        DeviceError: The device cannot compute in the wanted precision.
        ValueError: There is no such precision.
    """
    if wanted == "auto":
        has_tensor_cores = device.type == "cuda" and (
            torch.cuda.get_device_capability(device) >= _TENSOR_CORES
        )
        return "fp16" if has_tensor_cores else "fp32"
    if wanted not in get_args(Precision):
        raise ValueError(f"a precision is auto, fp32, fp16 or bf16, not {wanted!r}")
    if wanted == "fp16" and device.type == "cpu":
        raise DeviceError("fp16 needs a GPU. On a CPU use --precision fp32 or bf16.")
    if wanted == "bf16" and device.type == "mps":
        raise DeviceError("bf16 is not used on Apple chips. Use --precision fp32 or fp16.")
    if wanted == "bf16" and device.type == "cuda" and not torch.cuda.is_bf16_supported():
        raise DeviceError("This NVIDIA card has no bf16. Use --precision fp32 or fp16.")
    return cast(Precision, wanted)


def name_of(device: torch.device) -> str:
    """Return what a user calls this device, such as "cuda (NVIDIA H200)"."""
    if device.type == "cuda":
        return f"cuda ({torch.cuda.get_device_name(device)})"
    return device.type


def unused_gpu() -> str | None:
    """Say why an NVIDIA card that is in this machine goes unused, and what to do.

    Returns:
        None when there is no such card, or when it can be used.
    """
    card = nvidia_card()
    if card is None or _cuda_works():
        return None
    return f"The {card} in this machine is not used: {_why_no_cuda()}"


def nvidia_card() -> str | None:
    """Return the name of the first NVIDIA card, as its driver tells it, or None."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return None
    try:
        answer = subprocess.run(
            [program, "--query-gpu=name", "--format=csv,noheader"],
            capture_output=True,
            text=True,
            timeout=_QUERY_TIMEOUT_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        _LOG.debug("nvidia-smi does not answer: %s", error)
        return None
    names = [line.strip() for line in answer.stdout.splitlines() if line.strip()]
    return names[0] if names else None


def _cuda_works() -> bool:
    # An old driver makes torch warn; `_why_no_cuda` passes that on as the reason.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return torch.cuda.is_available()


def _why_no_cuda() -> str:
    if torch.version.cuda is None:
        return (
            f"the installed torch {torch.__version__} was built without CUDA. Install its CUDA "
            "build; the README says how."
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            torch.zeros(1, device="cuda")
    except (RuntimeError, AssertionError, UserWarning) as error:
        reason = str(error).strip().split("\n")[0].split(". ")[0]
        return f"{reason}. Install the newest NVIDIA driver for {platform.system()}."
    return "torch finds no NVIDIA card. Install the newest NVIDIA driver."

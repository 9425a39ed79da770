"""Whether the installed torch can use the graphics card that is in the machine.

The commonest complaint about programs of this kind is a card that lies idle while the processor
does all the work at two frames per second. So every reason for it has its own sentence here.
"""

import logging
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

from avatarify.session.checkup.finding import Finding, Level
from avatarify.shipped import how_to_install

logger = logging.getLogger(__name__)

_SUBJECT = "Graphics card"
_OLDEST_DRIVER = 525
"""The first driver that runs programs built for CUDA 12."""

_DRIVER_OF_CUDA_13 = 580
_BLACKWELL = 10.0
"""Cards of this compute capability or above need a build for CUDA 12.8 or newer."""


@dataclass(frozen=True, slots=True)
class GraphicsCard:
    """What NVIDIA's driver says about a card."""

    name: str
    driver: str
    """Version of the driver, such as 550.54.14."""

    capability: float
    """Compute capability, such as 8.9; 0 where the driver does not tell."""


@dataclass(frozen=True, slots=True)
class TorchBuild:
    """What the installed torch says about itself."""

    version: str
    cuda: str | None
    """The CUDA release it was built for; None for a build without CUDA."""

    device: str | None
    """Name of the device it can use: a card, or `mps`; None for the processor alone."""

    architectures: tuple[str, ...] = ()
    """Card generations it holds code for, such as sm_86."""


def check_graphics_card() -> Iterator[Finding]:
    """Compare the card with the installed torch."""
    build = torch_build()
    if build is None:
        yield Finding(
            _SUBJECT,
            Level.PROBLEM,
            "torch does not load, so no avatar can be animated",
            how_to_install("--force-reinstall torch"),
        )
    else:
        yield judge(build, graphics_card())


def judge(build: TorchBuild, card: GraphicsCard | None) -> Finding:
    """Say whether this torch drives this card, or what to do.

    Args:
        build: The installed torch.
        card: The first card of the machine, or None without NVIDIA's driver.
    """
    if card is None:
        return _without_nvidia(build)
    if build.cuda is None:
        return Finding(
            _SUBJECT,
            Level.WARNING,
            f"{card.name} lies idle: torch {build.version} is a build without CUDA",
            _how_to_install(card),
        )
    if build.device is None:
        return Finding(
            _SUBJECT,
            Level.WARNING,
            f"{card.name} lies idle: torch {build.version} (CUDA {build.cuda}) cannot reach it "
            f"through driver {card.driver}",
            f"Restart the computer or update NVIDIA's driver. Else: {_how_to_install(card)}",
        )
    if not _has_code_for(card, build):
        return Finding(
            _SUBJECT,
            Level.WARNING,
            f"{card.name} (sm_{round(card.capability * 10)}) is not served by torch "
            f"{build.version}, which has {', '.join(build.architectures)}",
            _how_to_install(card),
        )
    text = f"{build.device}, driver {card.driver}, torch {build.version} for CUDA {build.cuda}"
    return Finding(_SUBJECT, Level.OK, text)


def graphics_card() -> GraphicsCard | None:
    """Ask NVIDIA's driver for the first card; None where there is none."""
    if shutil.which("nvidia-smi") is None:
        return None
    query = ["nvidia-smi", "--query-gpu=name,driver_version,compute_cap", "--format=csv,noheader"]
    try:
        answer = subprocess.run(query, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        logger.debug("nvidia-smi gave no answer: %s", error)
        return None
    return parse_card(answer.stdout)


def parse_card(answer: str) -> GraphicsCard | None:
    """Read the first line of `nvidia-smi --query-gpu=name,driver_version,compute_cap`."""
    parts = [part.strip() for part in answer.strip().partition("\n")[0].rsplit(",", 2)]
    if len(parts) != 3:
        return None
    try:
        return GraphicsCard(parts[0], parts[1], float(parts[2]))
    except ValueError:
        return GraphicsCard(parts[0], parts[1], 0.0)


def torch_build() -> TorchBuild | None:
    """Describe the installed torch; None when it does not load."""
    try:
        import torch
    except (ImportError, OSError) as error:
        logger.debug("torch does not load: %s", error)
        return None
    cuda = torch.version.cuda
    if cuda is not None and torch.cuda.is_available():
        name = torch.cuda.get_device_name(0)
        return TorchBuild(torch.__version__, cuda, name, tuple(torch.cuda.get_arch_list()))
    mps = "mps" if torch.backends.mps.is_available() else None
    return TorchBuild(torch.__version__, cuda, mps)


def _without_nvidia(build: TorchBuild) -> Finding:
    if build.device is not None:
        return Finding(_SUBJECT, Level.OK, f"{build.device}, torch {build.version}")
    return Finding(
        _SUBJECT,
        Level.OK,
        f"none from NVIDIA; torch {build.version} uses the processor",
        "The shipped model is made for processors; the larger ones want a card.",
    )


def _has_code_for(card: GraphicsCard, build: TorchBuild) -> bool:
    """A card runs code for its own generation, and for older ones of the same major number."""
    if not card.capability or not build.architectures:
        return True
    generation = round(card.capability * 10)
    numbers = [
        int(digits)
        for name in build.architectures
        if (digits := "".join(character for character in name if character.isdecimal()))
    ]
    return any(
        number <= generation and number // 10 == generation // 10 for number in numbers
    ) or any(name.startswith("compute_") for name in build.architectures)


def _how_to_install(card: GraphicsCard) -> str:
    driver = int(card.driver.partition(".")[0]) if card.driver[:1].isdecimal() else 0
    if driver < _OLDEST_DRIVER:
        return (
            f"Update NVIDIA's driver to {_DRIVER_OF_CUDA_13} or newer (this is {card.driver}), "
            f"then this. {_pip_line('cu126')}"
        )
    if card.capability >= _BLACKWELL:
        return _pip_line("cu130" if driver >= _DRIVER_OF_CUDA_13 else "cu128")
    return _pip_line("cu126")


def _pip_line(cuda: str) -> str:
    return how_to_install(
        f'--force-reinstall "torch>=2.6,<2.14" --index-url https://download.pytorch.org/whl/{cuda}'
    )

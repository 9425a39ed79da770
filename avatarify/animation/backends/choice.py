"""Which back end runs a model: the fastest that is here and proves that it computes the same."""

import logging
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import NamedTuple, cast

import torch

from avatarify.animation.backends.acceptance import (
    APPROXIMATE,
    CLOSE,
    EXACT,
    SPARE,
    Bound,
    complaint,
)
from avatarify.animation.backends.fast_engine import FastEngine
from avatarify.animation.backends.refusals import Refusals
from avatarify.animation.checkpoint import load_model
from avatarify.animation.devices import Precision, choose_device, choose_precision
from avatarify.animation.engine import Engine
from avatarify.animation.rewriting.tiled_bottleneck import can_be_tiled
from avatarify.animation.torch_engine import TorchEngine
from avatarify.errors import DeviceError
from avatarify.networks.motion_model import MotionModel
from avatarify.networks.silent_openvino import openvino
from avatarify.shipped import how_to_install

_LOG = logging.getLogger(__name__)

BACKENDS = ("auto", "openvino", "torch", "reference")
"""What a user may ask for: OpenVINO; torch's fast path for the device; the readable networks."""


class _Candidate(NamedTuple):
    name: str
    build: Callable[[str], Engine]
    bound: Bound | None
    is_extra: bool = False  # one more try, whose failure users need not hear of


def open_engine(
    model: MotionModel | Path,
    device: str = "auto",
    precision: str = "auto",
    backend: str = "auto",
    config: Path | None = None,
    *,
    lanes: int = 1,
    keeps: bool = False,
) -> Engine:
    """Run a model in the fastest way that works here.

    Every way but the readable networks in float32 is first tried on one frame. What fails, or
    paints something else, is left out: the log and `description.note` say so. What was kept, or
    refused, of an earlier trial on this machine is not tried again.

    Args:
        model: A loaded model, or its file.
        device: "auto", "cpu", "cuda" or "mps".
        precision: "auto", "fp32", "fp16", "bf16" or "int8".
        backend: One of `BACKENDS`.
        config: The YAML file of a published checkpoint, if `model` is one without it beside.
        lanes: How many frames may be worked on at once, see `Engine.lanes`, where that is quicker.
        keeps: Whether what was compiled, and what was refused, is kept on the disk for the next
            start.

    Raises:
        CheckpointError: The file or its configuration is wrong.
        DeviceError: Device or precision are not available here.
        ValueError: There is no such device, precision or back end.
    """
    if backend not in BACKENDS:
        raise ValueError(f"a back end is one of {', '.join(BACKENDS)}, not {backend!r}")
    loaded = load_model(model, config) if isinstance(model, Path) else model
    chosen = choose_device("cpu" if backend == "openvino" and device == "auto" else device)
    candidates = _candidates(loaded, chosen, _known(precision, chosen), backend, lanes, keeps=keeps)
    reference = TorchEngine(loaded)
    refusals = Refusals(loaded, chosen) if keeps else None
    notes: list[str] = []
    for candidate in candidates:
        engine = _tried(candidate, reference, notes, refusals)
        if engine is not None:
            return engine
    return TorchEngine(loaded, note=_joined(notes))


def _tried(
    candidate: _Candidate, reference: Engine, notes: list[str], refusals: Refusals | None
) -> Engine | None:
    """Build and check an engine; on failure say why in `notes`."""
    engine: Engine | None = None
    fault = None if refusals is None else refusals.why(candidate.name)
    try:
        if fault is None:
            engine = candidate.build(_joined(notes))
            fault = _fault(engine, reference, candidate.bound)
            if fault is not None and refusals is not None:
                refusals.remember(candidate.name, fault)
    except ImportError as error:
        extra = "int8" if error.name == "nncf" else "fast"
        fault = f"{error.name} is not installed. {how_to_install(f'avatarify[{extra}]')}"
    except Exception as error:  # whatever a driver or a library throws must not stop the call
        _LOG.debug("%s failed", candidate.name, exc_info=True)
        fault = f"it failed: {(str(error).strip() or type(error).__name__).splitlines()[0]}"
    if fault is None:
        return engine
    said = f"{candidate.name} is not used: {fault.rstrip('.')}."
    _LOG.log(logging.DEBUG if candidate.is_extra else logging.WARNING, said)
    if not candidate.is_extra:
        notes.append(said)
    return None


def _fault(engine: Engine, reference: Engine, bound: Bound | None) -> str | None:
    """Check an engine, if it was not checked before and kept."""
    if bound is None:
        return None
    if not isinstance(engine, FastEngine):
        return complaint(engine, reference, bound)
    if engine.was_accepted:
        return None
    fault = complaint(engine, reference, bound)
    if fault is None:
        engine.accept()
    return fault


def _joined(notes: list[str]) -> str:
    return " ".join(notes)


def _known(precision: str, device: torch.device) -> str:
    """Check a wish for a precision."""
    if precision == "int8":
        if device.type != "cpu":
            raise DeviceError("int8 is for the CPU only. Use --device cpu or --precision fp16.")
        return precision
    chosen = choose_precision(precision, device)
    return precision if precision == "auto" and device.type == "cpu" else chosen


def _candidates(
    model: MotionModel,
    device: torch.device,
    precision: str,
    backend: str,
    lanes: int,
    *,
    keeps: bool,
) -> Iterator[_Candidate]:
    """Yield what to try, the fastest first; nothing if the readable networks are asked for."""
    if device.type == "cpu":
        if backend == "openvino" or (backend == "auto" and _has_openvino()):
            yield from _openvino(model, precision, lanes, keeps)
        if backend != "reference":
            yield from _torch_cpu(model, precision)
        elif precision == "bf16":
            yield from _plain(model, device, precision)
        return
    if device.type == "cuda" and backend != "reference":
        # What overflows in half precision still gains from the graph.
        for chosen in dict.fromkeys((precision, "fp32")):
            build = _cuda_graph(model, chosen)
            yield _Candidate(f"The CUDA graph in {chosen}", build, _bound(chosen, "cuda"))
    yield from _plain(model, device, precision)
    if backend == "auto":  # a card that fails is no reason to be slow
        yield from _candidates(model, torch.device("cpu"), "auto", backend, lanes, keeps=keeps)


def _openvino(model: MotionModel, precision: str, lanes: int, keeps: bool) -> Iterator[_Candidate]:
    def build(exact: str, judging: str = "fp32", winograd: bool = False) -> Callable[[str], Engine]:
        def with_note(note: str) -> Engine:
            from avatarify.animation.backends.openvino_cpu import OpenVinoEngine

            return OpenVinoEngine(
                model, exact, note, judging, lanes, winograd=winograd, keeps=keeps
            )

        return with_note

    if precision == "int8":
        yield _Candidate("OpenVINO in int8", build("int8"), APPROXIMATE)
    can_tile = can_be_tiled(model.config)
    if precision == "bf16" or (precision == "auto" and _has_fast_bf16()):
        if can_tile:
            tiled = build("bf16", winograd=True)
            name = "OpenVINO with Winograd's convolutions in bf16"
            yield _Candidate(name, tiled, SPARE, is_extra=True)
        if model.config.architecture != "monkey-net":
            # Not every model bears it, and nothing is lost that anyone asked for.
            cut = build("bf16", judging="bf16")
            yield _Candidate("OpenVINO with the flow in bf16", cut, CLOSE, is_extra=True)
        yield _Candidate("OpenVINO in bf16", build("bf16"), APPROXIMATE)
    if can_tile:
        tiled = build("fp32", winograd=True)
        yield _Candidate("OpenVINO with Winograd's convolutions", tiled, EXACT)
    yield _Candidate("OpenVINO", build("fp32"), EXACT)


def _torch_cpu(model: MotionModel, precision: str) -> Iterator[_Candidate]:
    def build(exact: Precision) -> Callable[[str], Engine]:
        def with_note(note: str) -> Engine:
            from avatarify.animation.backends.torch_cpu import TorchCpuEngine

            return TorchCpuEngine(model, exact, note)

        return with_note

    if precision == "bf16":
        yield _Candidate("torch in bf16", build("bf16"), APPROXIMATE)
    yield _Candidate("torch's fast path", build("fp32"), EXACT)


def _cuda_graph(model: MotionModel, precision: str) -> Callable[[str], Engine]:
    def with_note(note: str) -> Engine:
        from avatarify.animation.backends.torch_cuda import TorchCudaEngine

        return TorchCudaEngine(model, cast(Precision, precision), note)

    return with_note


def _plain(model: MotionModel, device: torch.device, precision: str) -> Iterator[_Candidate]:
    """Yield the readable networks on a device, in what precision they can."""

    def build(chosen: Precision) -> Callable[[str], Engine]:
        # A copy: the reference stays on the CPU.
        return lambda note: TorchEngine(deepcopy(model), device, chosen, note)

    wanted: tuple[Precision, ...] = ("fp16", "bf16", "fp32")
    for chosen in wanted:
        if chosen not in (precision, "fp32"):
            continue
        yield _Candidate(f"{chosen} on {device.type}", build(chosen), _bound(chosen, device.type))


def _bound(precision: str, device: str = "cpu") -> Bound:
    # Another processor's float32 sums in another order, and TF32 has ten bits.
    return EXACT if precision == "fp32" and device == "cpu" else APPROXIMATE


def _has_openvino() -> bool:
    from importlib.util import find_spec

    return find_spec("openvino") is not None


def _has_fast_bf16() -> bool:
    try:
        return "BF16" in openvino().Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    except (ImportError, RuntimeError):
        return False  # the attempt to build an engine says why

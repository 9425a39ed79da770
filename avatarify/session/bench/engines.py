"""One model in every back end, against the textbook loop."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from functools import partial

import torch
from torch.utils.flop_counter import FlopCounterMode

from avatarify.animation.animator import PortraitAnimator
from avatarify.animation.backends.choice import open_engine
from avatarify.animation.backends.probe import draw_face
from avatarify.animation.backends.torch_cpu import TorchCpuEngine
from avatarify.animation.engine import Engine, Portrait
from avatarify.animation.settings import MotionSettings
from avatarify.errors import AvatarifyError
from avatarify.frames import Image
from avatarify.session.bench.accuracy import CheckedClip, bound_of, talking_face
from avatarify.session.bench.rounds import median_ms, ratio, take_turns
from avatarify.session.bench.subjects import Subject, Textbook

PRECISIONS = ("fp32", "fp16", "bf16", "int8")
"""That there are."""

_Wish = tuple[str, str]

_WISHES = {
    "cpu": (
        ("reference", "fp32"),
        ("torch", "fp32"),
        ("torch", "bf16"),
        ("openvino", "fp32"),
        ("openvino", "bf16"),
        ("openvino", "int8"),
    ),
    "cuda": (("reference", "fp32"), ("reference", "fp16"), ("torch", "fp32"), ("torch", "fp16")),
    "mps": (("reference", "fp32"), ("reference", "fp16")),
}


@dataclass(frozen=True, slots=True)
class EngineTimes:
    """What one back end needs for a frame."""

    backend: str
    """As in `--backend`; "textbook" for the loop that all are compared with."""

    precision: str
    """As in `--precision`."""

    note: str = ""
    """Why it was not measured, or empty."""

    times_textbook: float = 0.0
    """How many times as fast as the textbook loop, median of the rounds' ratios."""

    frame_ms: float = 0.0
    """Driving square in, picture out."""

    keypoints_ms: float = 0.0
    """Of it, finding the keypoints."""

    render_ms: float = 0.0
    """Of it, painting."""

    gflops: float = 0.0
    """Arithmetic per second, 0 where it is not counted; see `Machine` for the limits."""

    largest_difference: float = 0.0
    """From the readable networks in float32, of a colour in [0, 1], over the checked frames."""

    worst_psnr_db: float = 0.0
    """Likewise, of the worst frame."""

    keeps_bound: bool = True
    """Whether every checked frame is as near as the back end's check at load asks of one."""


@dataclass(frozen=True, slots=True)
class ModelTimes:
    """One model in every back end."""

    model: str
    """Its name."""

    parameters: int
    """How many."""

    textbook_gflop: float
    """Arithmetic of one frame of the textbook loop; 0 where it cannot be counted."""

    checked_frames: int
    """How many frames the accuracies are the worst of."""

    float32_noise: float
    """How far the readable networks themselves are in float32 from float64, of a colour."""

    engines: tuple[EngineTimes, ...]
    """The textbook loop first."""


def measure_engines(
    subject: Subject, device: str, seconds: float, precisions: Collection[str] = PRECISIONS
) -> ModelTimes:
    """Measure a model.

    Args:
        subject: The model.
        device: "cpu", "cuda" or "mps".
        seconds: How long to go on.
        precisions: Which to measure, of `PRECISIONS`.
    """
    config = subject.model.config
    source = draw_face(config.output_size)
    frames = talking_face(config.image_size)
    torch_device = torch.device(device)
    textbook = Textbook(subject.model, source, torch_device)
    textbook_gflop = _gflop(lambda: textbook(frames[0]))
    engines: dict[_Wish, Engine] = {}
    notes: dict[_Wish, str] = {}
    for wish, engine, note in _engines(subject, device, precisions):
        notes[wish] = note
        if engine is not None:
            engines[wish] = engine
    lean = TorchCpuEngine(subject.model, "bf16")  # counted without Winograd, as OpenVINO computes
    lean_gflop = _gflop(_Frame(lean, lean.encode(source), frames[0]))
    step = _Counter(frames)
    works: dict[str, Callable[[], object]] = {"textbook": lambda: textbook(step.frame)}
    for wish, engine in engines.items():
        works["/".join(wish)] = partial(_animate_next, _animator(engine, source, frames[0]), step)
    times = take_turns(works, seconds)
    clip = CheckedClip(subject.model, source, frames)
    rows = [_textbook_row(times["textbook"], textbook_gflop)]
    for wish, note in notes.items():
        if wish not in engines:
            rows.append(EngineTimes(*wish, note=note))
            continue
        own = times["/".join(wish)]
        row = EngineTimes(
            *wish,
            note,
            times_textbook=ratio(times["textbook"], own),
            frame_ms=median_ms(own),
            gflops=1e3 * lean_gflop / median_ms(own),
        )
        rows.append(_with_details(row, engines[wish], clip, seconds))
    parameters = sum(tensor.numel() for tensor in subject.model.parameters())
    return ModelTimes(
        subject.name,
        parameters,
        textbook_gflop,
        len(frames),
        clip.float32_noise(),
        tuple(rows),
    )


def _textbook_row(times: list[float], gflop: float) -> EngineTimes:
    return EngineTimes(
        "textbook",
        "fp32",
        times_textbook=1.0,
        frame_ms=median_ms(times),
        gflops=1e3 * gflop / median_ms(times),
        worst_psnr_db=120.0,
    )


def _with_details(
    row: EngineTimes, engine: Engine, clip: CheckedClip, seconds: float
) -> EngineTimes:
    portrait = engine.encode(clip.source)
    keypoints_ms, render_ms = _stages(engine, portrait, clip.frames, seconds / 8)
    accuracy = clip.accuracy(engine)
    return replace(
        row,
        keypoints_ms=keypoints_ms,
        render_ms=render_ms,
        largest_difference=accuracy.largest_difference,
        worst_psnr_db=accuracy.worst_psnr_db,
        keeps_bound=accuracy.keeps(bound_of(engine)),
    )


def _animate_next(animator: PortraitAnimator, step: "_Counter") -> Image:
    return animator.animate(step.frame)


class _Counter:
    """The next frame of a clip at each look."""

    def __init__(self, frames: list[Image]) -> None:
        self._frames = frames
        self._index = 0

    @property
    def frame(self) -> Image:
        self._index += 1
        return self._frames[self._index % len(self._frames)]


def _engines(
    subject: Subject, device: str, precisions: Collection[str]
) -> Iterator[tuple[_Wish, Engine | None, str]]:
    for backend, precision in _WISHES[device]:
        if precision not in precisions:
            continue
        wish = (backend, precision)
        try:
            engine = open_engine(subject.model, device, precision, backend)
        except AvatarifyError as error:
            yield wish, None, str(error)
            continue
        got = engine.description
        is_it = got.backend == backend and (precision == "fp32") == (got.precision == "fp32")
        yield wish, engine if is_it else None, got.note


def _animator(engine: Engine, source: Image, first: Image) -> PortraitAnimator:
    animator = PortraitAnimator(engine, MotionSettings())
    animator.set_source(source)
    animator.calibrate(first)
    return animator


@dataclass(frozen=True, slots=True)
class _Frame:
    engine: Engine
    portrait: Portrait
    driving: Image

    def __call__(self) -> Image:
        return self.engine.render(self.portrait, self.engine.keypoints(self.driving))


def _gflop(work: Callable[[], object]) -> float:
    """Count the arithmetic of a call that runs in torch; 0 where that cannot be counted."""
    try:
        with FlopCounterMode(display=False) as counter:
            work()
    except ModuleNotFoundError:  # torch counts by means of its compiler, which no bundle brings
        return 0.0
    return counter.get_total_flops() / 1e9


def _stages(
    engine: Engine, portrait: Portrait, frames: list[Image], seconds: float
) -> tuple[float, float]:
    keypoints = engine.keypoints(frames[1])

    def detect() -> None:
        # On a card nothing has happened until somebody looks.
        engine.keypoints(frames[2]).value.cpu()

    times = take_turns(
        {"keypoints": detect, "render": lambda: engine.render(portrait, keypoints)}, seconds
    )
    return median_ms(times["keypoints"]), median_ms(times["render"])

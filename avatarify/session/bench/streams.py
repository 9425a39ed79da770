"""Many streams at once in one process, against serving them one by one."""

from dataclasses import dataclass
from functools import partial

import numpy as np

from avatarify.animation.animator import PortraitAnimator
from avatarify.animation.backends.choice import open_engine
from avatarify.animation.backends.probe import draw_face
from avatarify.animation.backends.shared_animator import SharedAnimator, Stream
from avatarify.animation.backends.shared_choice import open_shared
from avatarify.animation.devices import choose_device
from avatarify.frames import Image
from avatarify.networks.config import ModelConfig
from avatarify.session.bench.accuracy import talking_face
from avatarify.session.bench.rounds import median_ms, ratio, take_turns
from avatarify.session.bench.subjects import Subject, Textbook


@dataclass(frozen=True, slots=True)
class StreamTimes:
    """What a frame of every stream costs; the check at opening has compared the pictures."""

    model: str
    """Its name."""

    streams: int
    """How many."""

    device: str
    """As `EngineDescription` has it."""

    precision: str
    """Likewise."""

    note: str
    """Why it is not what was asked for, or empty."""

    step_ms: float
    """One frame of all streams: squares in, pictures out, transfers included."""

    fps_each: float
    """Frames per second of each stream."""

    times_textbook: float
    """How many times as fast as the textbook loop that serves the streams one by one."""

    times_alone: float
    """How many times as fast as the fastest single engine that serves them one by one."""


def measure_streams(subject: Subject, device: str, count: int, seconds: float) -> StreamTimes:
    """Measure several streams.

    Args:
        subject: The model.
        device: "cpu", "cuda" or "mps".
        count: How many streams.
        seconds: How long to go on.

    Raises:
        DeviceError: Nothing computes rightly on this device.
    """
    frames = talking_face(subject.model.config.image_size)
    portraits = _portraits(subject.model.config, count)
    textbook = Textbook(subject.model, portraits[0], choose_device(device))
    shared = open_shared(subject.model, count, device)
    streams = [shared.join(portrait) for portrait in portraits]
    for stream in streams:
        shared.calibrate(stream, frames[0])
    animator = PortraitAnimator(open_engine(subject.model, device))
    animator.set_source(portraits[0])
    animator.calibrate(frames[0])
    times = take_turns(
        {
            "textbook": lambda: textbook(frames[1]),
            "alone": lambda: animator.animate(frames[1]),
            "shared": partial(_animate_all, shared, streams, frames),
        },
        seconds,
    )
    each = [seconds / count for seconds in times["shared"]]
    return StreamTimes(
        subject.name,
        count,
        shared.description.device,
        shared.description.precision,
        shared.description.note,
        step_ms=median_ms(times["shared"]),
        fps_each=1e3 / median_ms(times["shared"]),
        times_textbook=ratio(times["textbook"], each),
        times_alone=ratio(times["alone"], each),
    )


def _animate_all(
    shared: SharedAnimator, streams: list[Stream], frames: list[Image]
) -> dict[Stream, Image]:
    for index, stream in enumerate(streams):
        shared.submit(stream, frames[index % len(frames)])
    shared.launch()
    return shared.collect()


def _portraits(config: ModelConfig, count: int) -> list[Image]:
    """Draw faces of different colours."""
    face = draw_face(config.output_size)
    return [np.ascontiguousarray(np.roll(face, index, axis=2)) for index in range(count)]

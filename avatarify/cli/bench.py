"""`avatarify bench`: what a frame costs on this machine, as ratios."""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from avatarify.cli import DONE
from avatarify.cli.tracker_argument import add_tracker
from avatarify.shipped import shipped

if TYPE_CHECKING:  # these import torch, which `--help` must not
    from collections.abc import Iterator

    from avatarify.session.bench.engines import ModelTimes
    from avatarify.session.bench.machine import Machine
    from avatarify.session.bench.streams import StreamTimes
    from avatarify.session.bench.subjects import Subject
    from avatarify.session.keeping.settings import TrackerWish

HELP = (
    "Measure every back end against the textbook loop and the machine's limits, taking turns in "
    "one process. Close other programs first."
)

CLIP = shipped("assets/demo_driving.mp4")
"""The shipped driving clip."""

AVATAR = shipped("assets/avatars/maya.png")
"""A portrait that the face tracker knows as one."""

_STREAMS = 8


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    parser.add_argument(
        "--model",
        action="append",
        metavar="NAME|PATH",
        help="what to measure; may be repeated (default: compact and vox-256, made up with random "
        "weights where they are not installed; with --part whole face, which is no network)",
    )
    parser.add_argument("--device", choices=["auto", "cpu", "cuda", "mps"], default="auto")
    parser.add_argument(
        "--precision",
        action="append",
        choices=["fp32", "fp16", "bf16", "int8"],
        help="may be repeated (default: all that the device has)",
    )
    parser.add_argument(
        "--seconds", type=_positive, default=10.0, metavar="S", help="for each model"
    )
    parser.add_argument(
        "--part",
        choices=["all", "engines", "streams", "start", "whole"],
        default="all",
        help="engines: networks only; streams: many at once; start: cold import to first frame; "
        "whole: the start, the live loop and animate",
    )
    parser.add_argument(
        "--streams",
        type=_count,
        action="append",
        metavar="N",
        help="how many at once; may be repeated (default: 8 with --part streams, else none)",
    )
    add_tracker(parser)


def run(arguments: argparse.Namespace) -> int:
    """Measure and print."""
    from avatarify.animation.devices import choose_device
    from avatarify.session.bench.machine import measure_machine
    from avatarify.session.bench.memory import peak_memory_mb

    device = choose_device(arguments.device)
    machine = measure_machine(device)
    found: dict[str, Any] = {"machine": asdict(machine)}
    if not arguments.json:
        _print_machine(machine)
    part = arguments.part
    if part in ("all", "engines"):
        found["models"] = _measure_engines(arguments, device.type, machine)
    if part == "streams" or arguments.streams:
        found["streams"] = _measure_streams(arguments, device.type)
    found["peak_memory_mb"] = peak_memory_mb()
    if part in ("all", "start", "whole"):
        found["whole"] = _measure_whole(arguments)
    if arguments.json:
        print(json.dumps(found, indent=2))
    return DONE


def _measure_engines(
    arguments: argparse.Namespace, device: str, machine: "Machine"
) -> list[dict[str, Any]]:
    from avatarify.session.bench.engines import PRECISIONS, measure_engines

    found = []
    for subject in _subjects(arguments):
        precisions = arguments.precision or PRECISIONS
        times = measure_engines(subject, device, arguments.seconds, precisions)
        found.append(asdict(times))
        if not arguments.json:
            _print_engines(times, machine)
    return found


def _measure_streams(arguments: argparse.Namespace, device: str) -> list[dict[str, Any]]:
    from avatarify.session.bench.streams import measure_streams

    found = []
    if not arguments.json:
        _print_streams_head()
    for subject in _subjects(arguments):
        for count in arguments.streams or (_STREAMS,):
            times = measure_streams(subject, device, count, arguments.seconds)
            found.append(asdict(times))
            if not arguments.json:
                _print_streams(times)
    return found


def _subjects(arguments: argparse.Namespace) -> "Iterator[Subject]":
    from avatarify.session.bench.subjects import COMPACT, VOX, open_subject
    from avatarify.session.bench.whole import FACE

    for name in arguments.model or (COMPACT, VOX):
        if name == FACE:
            continue  # it is no network
        print(f"Measuring {name} ...", file=sys.stderr)
        yield open_subject(name)


def _measure_whole(arguments: argparse.Namespace) -> dict[str, Any]:
    from avatarify.session.bench import whole

    name = (arguments.model or [whole.FACE])[0]
    print(f"Measuring the whole program with {name} ...", file=sys.stderr)
    with TemporaryDirectory() as folder:
        model = _measured_model(name, Path(folder))
        found: dict[str, Any] = {"start": asdict(whole.measure_start(model))}
        lacks = "" if arguments.part == "start" else _lack(model, arguments.tracker)
        if arguments.part != "start" and not lacks:
            found |= _measure_clip(model, arguments)
    if not arguments.json:
        _print_whole(found)
        if lacks:
            print(f"{lacks}: no live loop, no animate.")
    return found


def _measured_model(name: str, folder: Path) -> str:
    """Return what is measured: `face`, or the file of a motion model that may be made up."""
    from avatarify.animation.checkpoint import save_model
    from avatarify.session.bench.subjects import open_subject
    from avatarify.session.bench.whole import FACE

    if name == FACE:
        return name
    path = folder / "measured.safetensors"
    save_model(open_subject(name).model, path, {})
    return str(path)


def _lack(model: str, tracker: "TrackerWish") -> str:
    """Why no clip can drive the model, or empty."""
    from avatarify.session.bench.whole import FACE
    from avatarify.session.keeping.tracker_choice import has_tracker

    if not CLIP.is_file():
        return f"The clip {CLIP} is missing"
    is_blind = model == FACE and not has_tracker(tracker)
    return "The face tracker is missing, which finds the driver's landmarks" if is_blind else ""


def _measure_clip(model: str, arguments: argparse.Namespace) -> dict[str, Any]:
    from avatarify.session.bench import whole
    from avatarify.session.keeping.tracker_choice import has_tracker

    how = CLIP, model, arguments.seconds, arguments.device, arguments.tracker
    found = {
        "live": asdict(whole.measure_live(*how)),
        "capacity": asdict(whole.measure_capacity(*how)),
    }
    if model != whole.FACE:
        found["animate"] = asdict(whole.measure_batch(CLIP, model))
    if AVATAR.is_file() and has_tracker(arguments.tracker):
        batch = whole.measure_batch(CLIP, model, AVATAR, arguments.tracker)
        found["animate_tracked"] = asdict(batch)
    return found


def _print_machine(machine: "Machine") -> None:
    print(
        f"{machine.name}, {machine.threads} threads, torch {machine.torch_version}, load "
        f"{machine.load:.1f}\nlimits: matrix product {machine.matrix_product_gflops:.0f} GFLOP/s, "
        f"convolution {machine.convolution_gflops:.0f} GFLOP/s, copy "
        f"{machine.copy_gb_per_s:.0f} GB/s (float32); convolution in half precision "
        f"{machine.half_convolution_gflops:.0f} GFLOP/s\n"
    )


def _print_engines(times: "ModelTimes", machine: "Machine") -> None:
    counted = times.textbook_gflop > 0
    textbook = f"textbook loop {times.textbook_gflop:.1f} GFLOP per frame"
    print(
        f"## {times.model}: {times.parameters / 1e6:.1f} M parameters, "
        f"{textbook if counted else 'arithmetic not counted: a bundle cannot'}\n"
    )
    print("| back end | precision | x textbook | ms | keypoints | render | of limit | accuracy |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: | --- |")
    for row in times.engines:
        if not row.times_textbook:
            print(f"| {row.backend} | {row.precision} | not used: {row.note} | | | | | |")
            continue
        is_half = row.precision != "fp32"
        limit = machine.half_convolution_gflops if is_half else machine.convolution_gflops
        accuracy = f"{row.largest_difference:.0e}, {row.worst_psnr_db:.0f} dB"
        verdict = "" if row.keeps_bound else ": MISSES ITS BOUND"
        print(
            f"| {row.backend} | {row.precision} | {row.times_textbook:.2f} | {row.frame_ms:.1f} | "
            f"{row.keypoints_ms:.1f} | {row.render_ms:.1f} | "
            f"{f'{row.gflops / limit:.0%}' if counted else '–'} | {accuracy}{verdict} |"
        )
    print(
        f"\nAccuracy: largest difference of a colour in [0, 1] from the readable networks in "
        f"float32, and PSNR of the worst of {times.checked_frames} frames, keypoints found by the "
        f"back end itself. The readable networks are themselves {times.float32_noise:.0e} from "
        f"float64.\n"
    )


def _print_streams_head() -> None:
    print("| model | streams | precision | ms for all | fps each | x textbook | x one by one |")
    print("| --- | ---: | --- | ---: | ---: | ---: | ---: |")


def _print_streams(times: "StreamTimes") -> None:
    print(
        f"| {times.model} | {times.streams} | {times.precision} | {times.step_ms:.1f} | "
        f"{times.fps_each:.1f} | {times.times_textbook:.2f} | {times.times_alone:.2f} |"
        f"{' ' + times.note if times.note else ''}"
    )


def _print_whole(found: dict[str, Any]) -> None:
    start = found["start"]
    memory = start["peak_memory_mb"]
    print(
        f"start to first frame {start['first_frame_s']:.1f} s, "
        f"of it imports {start['imports_s']:.1f} s"
        + ("" if memory is None else f"; peak memory {memory:.0f} MB")
    )
    if "live" not in found:
        return
    live, capacity = found["live"], found["capacity"]
    frame_ms, held_mb = _frame_ms(capacity), live["peak_memory_mb"]
    print(" ".join(part for part in (f"painted by {live['device']}.", live["note"]) if part))
    print(
        f"live to 1280x720 at 30 fps: {live['fps']:.1f} fps, latency {live['median_ms']:.0f} ms, "
        f"p95 {live['p95_ms']:.0f} ms ({_stages(live)} ms); processor {_processor(live)}"
        + ("" if held_mb is None else f"; peak memory {held_mb:.0f} MB")
        + f"\nlive at capacity: {capacity['fps']:.1f} fps, {frame_ms:.1f} ms per frame "
        f"({_stages(capacity)} ms); processor {_processor(capacity)}"
    )
    for key, name in (("animate", "animate"), ("animate_tracked", "animate, tracker on")):
        if key in found:
            _print_batch(name, found[key], frame_ms)


def _print_batch(name: str, batch: dict[str, Any], frame_ms: float) -> None:
    batch_ms = 1e3 * batch["seconds"] / batch["frames"]
    print(
        f"{name}: {batch['frames']} frames in {batch['seconds']:.1f} s, {batch_ms:.1f} ms each, "
        f"start included: {batch_ms / frame_ms:.2f} times a live frame at capacity"
    )


def _stages(live: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value:.1f}" for name, value in live["stages_ms"])


def _processor(live: dict[str, Any]) -> str:
    threads: float = live["processor_threads"]
    return f"{threads:.2f} threads, {threads * _frame_ms(live):.1f} ms a picture"


def _frame_ms(live: dict[str, Any]) -> float:
    fps: float = live["fps"]
    return 1e3 / fps if fps else float("inf")


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return value


def _positive(text: str) -> float:
    value = float(text)
    if not value > 0:
        raise argparse.ArgumentTypeError("must be above 0")
    return value

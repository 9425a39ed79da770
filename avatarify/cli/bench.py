"""`avatarify bench`: what a frame costs on this machine, as ratios."""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from avatarify.cli import DONE

if TYPE_CHECKING:  # these import torch, which `--help` must not
    from avatarify.session.bench.engines import ModelTimes
    from avatarify.session.bench.machine import Machine

HELP = (
    "Measure every back end against the textbook loop and the machine's limits, taking turns in "
    "one process. Close other programs first."
)

CLIP = Path(__file__).resolve().parents[2] / "assets" / "demo_driving.mp4"
"""The shipped driving clip."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    parser.add_argument(
        "--model",
        action="append",
        metavar="NAME|PATH",
        help="what to measure; may be repeated (default: compact and vox-256; made up with random "
        "weights where they are not installed)",
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
        choices=["all", "engines", "whole"],
        default="all",
        help="engines: networks only; whole: the live loop, the start and animate",
    )


def run(arguments: argparse.Namespace) -> int:
    """Measure and print."""
    from avatarify.animation.devices import choose_device
    from avatarify.session.bench.engines import PRECISIONS, measure_engines
    from avatarify.session.bench.machine import measure_machine, peak_memory_mb
    from avatarify.session.bench.subjects import DEFAULT, VOX, open_subject

    device = choose_device(arguments.device)
    machine = measure_machine(device)
    found: dict[str, Any] = {"machine": asdict(machine)}
    if not arguments.json:
        _print_machine(machine)
    if arguments.part != "whole":
        found["models"] = []
        for name in arguments.model or (DEFAULT, VOX):
            print(f"Measuring {name} ...", file=sys.stderr)
            precisions = arguments.precision or PRECISIONS
            subject = open_subject(name)
            times = measure_engines(subject, device.type, arguments.seconds, precisions)
            found["models"].append(asdict(times))
            if not arguments.json:
                _print_engines(times, machine)
        found["peak_memory_mb"] = peak_memory_mb()
    if arguments.part != "engines":
        found["whole"] = _measure_whole(arguments)
    if arguments.json:
        print(json.dumps(found, indent=2))
    return DONE


def _measure_whole(arguments: argparse.Namespace) -> dict[str, Any]:
    from avatarify.animation.checkpoint import save_model
    from avatarify.session.bench import whole
    from avatarify.session.bench.subjects import DEFAULT, open_subject

    name = (arguments.model or [DEFAULT])[0]
    print(f"Measuring the whole program with {name} ...", file=sys.stderr)
    with TemporaryDirectory() as folder:
        model = Path(folder) / "measured.safetensors"
        save_model(open_subject(name).model, model, {})
        start = whole.measure_start(model)
        found: dict[str, Any] = {"start": asdict(start)}
        if CLIP.is_file():
            found["live"] = asdict(whole.measure_live(CLIP, model, arguments.seconds))
            found["animate"] = asdict(whole.measure_batch(CLIP, model))
    if not arguments.json:
        _print_whole(found)
    return found


def _print_machine(machine: "Machine") -> None:
    print(
        f"{machine.name}, {machine.threads} threads, torch {machine.torch_version}, load "
        f"{machine.load:.1f}\nlimits: matrix product {machine.matrix_product_gflops:.0f} GFLOP/s, "
        f"convolution {machine.convolution_gflops:.0f} GFLOP/s, copy "
        f"{machine.copy_gb_per_s:.0f} GB/s (float32)\n"
    )


def _print_engines(times: "ModelTimes", machine: "Machine") -> None:
    print(
        f"## {times.model}: {times.parameters / 1e6:.1f} M parameters, textbook loop "
        f"{times.textbook_gflop:.1f} GFLOP per frame\n"
    )
    print("| back end | precision | x textbook | ms | keypoints | render | of limit | accuracy |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: | --- |")
    for row in times.engines:
        if not row.times_textbook:
            print(f"| {row.backend} | {row.precision} | not used: {row.note} | | | | | |")
            continue
        accuracy = f"{row.largest_difference:.0e}, {row.worst_psnr_db:.0f} dB"
        print(
            f"| {row.backend} | {row.precision} | {row.times_textbook:.2f} | {row.frame_ms:.1f} | "
            f"{row.keypoints_ms:.1f} | {row.render_ms:.1f} | "
            f"{row.gflops / machine.convolution_gflops:.0%} | {accuracy} |"
        )
    print()


def _print_whole(found: dict[str, Any]) -> None:
    start = found["start"]
    print(
        f"start to first frame {start['first_frame_s']:.1f} s, "
        f"of it imports {start['imports_s']:.1f} s"
    )
    if "live" not in found:
        print(f"The clip {CLIP} is missing: no live loop, no animate.")
        return
    live, batch = found["live"], found["animate"]
    stages = ", ".join(f"{name} {value:.1f}" for name, value in live["stages_ms"])
    print(
        f"live to 1280x720: {live['fps']:.1f} fps, latency {live['median_ms']:.0f} ms, p95 "
        f"{live['p95_ms']:.0f} ms ({stages} ms)\n"
        f"animate: {batch['frames']} frames in {batch['seconds']:.1f} s, "
        f"{1e3 * batch['seconds'] / batch['frames']:.1f} ms each, start included"
    )


def _positive(text: str) -> float:
    value = float(text)
    if not value > 0:
        raise argparse.ArgumentTypeError("must be above 0")
    return value

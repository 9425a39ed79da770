"""`avatarify train`: prepare clips, train, resume, export."""

import argparse
import logging
from pathlib import Path

HELP = "train a motion model from a YAML file"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("config", type=Path, metavar="CONFIG", help="the run's YAML file")
    parser.add_argument(
        "--run", type=Path, default=Path("runs/default"), help="folder of the run (resumed)"
    )
    parser.add_argument("--until", type=int, help="stop after this step")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="stop after this long")
    parser.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda", "mps"))
    parser.add_argument("--devices", type=int, default=1, help="processes, one per device")
    parser.add_argument("--threads", type=int, help="CPU threads of each process")
    parser.add_argument("--export", type=Path, help="write the averaged weights here at the end")


def run(arguments: argparse.Namespace) -> int:
    """Run the command."""
    logging.getLogger("avatarify").setLevel(logging.INFO)
    from avatarify.training.launch import TrainingRun, train

    train(
        TrainingRun(
            config=arguments.config,
            folder=arguments.run,
            until=arguments.until,
            time_limit_s=60.0 * arguments.minutes,
            device=arguments.device,
            devices=arguments.devices,
            threads=arguments.threads,
            export=arguments.export,
        )
    )
    return 0

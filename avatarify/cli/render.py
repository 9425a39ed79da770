"""`avatarify render`: synthetic training clips with exact landmarks, and the built-in pictures."""

import argparse
from pathlib import Path

from avatarify.errors import OutputError, SettingsError
from avatarify.media.output_errors import make_output_folder

HELP = "render synthetic faces: training clips, avatars, stills, turns, the demo clip"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("--output", type=Path, help="folder for the clips")
    parser.add_argument("--clips", type=int, default=1, help="how many (one person each)")
    parser.add_argument("--first", type=int, default=0, help="number of the first clip")
    parser.add_argument("--frames", type=int, default=64, help="frames of each clip")
    parser.add_argument("--size", type=int, default=256, help="height and width in pixels")
    parser.add_argument("--fps", type=float, default=25.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--blinks", type=float, default=1.0, help="how often lids close, against a person at ease"
    )
    parser.add_argument("--style", choices=("real", "cartoon", "mixed"), default="real")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--threads", type=int, help="CPU threads")
    parser.add_argument(
        "--format",
        choices=("video", "cache"),
        default="video",
        help="mp4 with an npz of landmarks, or folders that `avatarify train` reads directly",
    )
    parser.add_argument("--avatars", type=Path, help="draw the built-in avatars into this folder")
    parser.add_argument("--only", action="append", help="draw just this avatar; may be repeated")
    parser.add_argument(
        "--stills",
        type=Path,
        help="draw new people (--seed; as many as --clips) in many poses into this folder",
    )
    parser.add_argument(
        "--turns",
        type=Path,
        help="draw heads turned step by step (--only, or all) into this folder",
    )
    parser.add_argument(
        "--demo",
        type=Path,
        help="draw the demo driving clip into this file, its motion into demo_motion.npz beside it",
    )


def run(arguments: argparse.Namespace) -> int:
    """Run the command."""
    import torch

    from avatarify.cli.rendered_demo import draw_demo
    from avatarify.cli.rendered_pictures import draw_avatars, draw_stills, draw_turns
    from avatarify.zoo import store

    wanted = ("output", "avatars", "stills", "turns", "demo")
    if not any(getattr(arguments, name) for name in wanted):
        raise OutputError(
            "Nothing to render. Give --output, --avatars, --stills, --turns or --demo."
        )
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    if arguments.avatars:
        draw_avatars(arguments.avatars, arguments.only, store.find("face_landmarker.task"))
    if arguments.stills:
        draw_stills(arguments.stills, arguments.seed, arguments.clips)
    if arguments.turns:
        draw_turns(arguments.turns, arguments.only)
    if arguments.demo:
        draw_demo(arguments.demo, store.find("face_landmarker.task"))
    if arguments.output:
        _render_clips(arguments)
    return 0


def _render_clips(arguments: argparse.Namespace) -> None:
    from tqdm import tqdm

    from avatarify.cli.rendered_clips import is_done, write_cache, write_video
    from avatarify.synthesis.clips import ClipSettings, render_clip

    try:
        settings = ClipSettings(
            frames=arguments.frames,
            size=arguments.size,
            fps=arguments.fps,
            style=arguments.style,
            seed=arguments.seed,
            blinks=arguments.blinks,
        )
    except ValueError as error:
        raise SettingsError(
            f"{error}. Use at least 1 frame, 16 pixels, fps and blinks above 0."
        ) from error
    make_output_folder(arguments.output)
    write = write_video if arguments.format == "video" else write_cache
    indices = range(arguments.first, arguments.first + arguments.clips)
    for index in tqdm(indices, desc="clips", unit="clip"):
        name = f"synthetic_{settings.style}_{settings.seed}_{index:05d}"
        if not is_done(arguments.output, name):
            frames = list(render_clip(settings, index, arguments.device))
            write(arguments.output, name, settings, frames)

"""`avatarify render`: synthetic training clips with exact landmarks, and the built-in pictures."""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from avatarify.synthesis.clips import ClipFrame, ClipSettings

HELP = "render synthetic faces: training clips, avatars, the demo clip"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("--output", type=Path, help="folder for the clips")
    parser.add_argument("--clips", type=int, default=1, help="how many (one person each)")
    parser.add_argument("--first", type=int, default=0, help="number of the first clip")
    parser.add_argument("--frames", type=int, default=64, help="frames of each clip")
    parser.add_argument("--size", type=int, default=256, help="height and width in pixels")
    parser.add_argument("--fps", type=float, default=25.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--style", choices=("real", "cartoon", "mixed"), default="real")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--threads", type=int, help="CPU threads")
    parser.add_argument(
        "--format",
        choices=("video", "cache"),
        default="video",
        help="mp4 with an npz of landmarks, or folders that `avatarify train` reads directly",
    )


def run(arguments: argparse.Namespace) -> int:
    """Run the command."""
    import torch
    from tqdm import tqdm

    from avatarify.synthesis.clips import ClipSettings, render_clip

    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    settings = ClipSettings(
        frames=arguments.frames,
        size=arguments.size,
        fps=arguments.fps,
        style=arguments.style,
        seed=arguments.seed,
    )
    arguments.output.mkdir(parents=True, exist_ok=True)
    write = _write_video if arguments.format == "video" else _write_cache
    indices = range(arguments.first, arguments.first + arguments.clips)
    for index in tqdm(indices, desc="clips", unit="clip"):
        name = f"synthetic_{settings.style}_{settings.seed}_{index:05d}"
        if not _is_done(arguments.output, name):
            write(
                arguments.output,
                name,
                settings,
                list(render_clip(settings, index, arguments.device)),
            )
    return 0


def _is_done(folder: Path, name: str) -> bool:
    """Clips that are there are kept, so that an interrupted run continues."""
    return (folder / f"{name}.npz").exists() or (folder / name / "clip.json").exists()


def _write_video(
    folder: Path, name: str, settings: "ClipSettings", frames: "list[ClipFrame]"
) -> None:
    import numpy as np

    from avatarify.frames import Frame
    from avatarify.media.video_writer import VideoWriter

    with VideoWriter(folder / f"{name}.mp4", settings.fps) as writer:
        for index, frame in enumerate(frames):
            writer.write(Frame(frame.image, index / settings.fps, index))
    landmarks = np.stack([frame.landmarks for frame in frames])
    np.savez_compressed(folder / f"{name}.npz", landmarks=landmarks, fps=settings.fps)


def _write_cache(
    folder: Path, name: str, settings: "ClipSettings", frames: "list[ClipFrame]"
) -> None:
    import numpy as np

    clip = folder / name
    clip.mkdir(exist_ok=True)
    np.save(clip / "frames.npy", np.stack([frame.image for frame in frames]))
    points = np.stack([frame.landmarks for frame in frames])
    depth = np.zeros((*points.shape[:2], 1), np.float32)
    np.save(clip / "landmarks.npy", np.concatenate((points, depth), axis=2))
    about = {"name": name, "person": name, "fps": settings.fps, "synthetic": True}
    # Written last: a clip without it is not complete.
    (clip / "clip.json").write_text(json.dumps(about), encoding="utf-8")

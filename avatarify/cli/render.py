"""`avatarify render`: synthetic training clips with exact landmarks, and the built-in pictures."""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from avatarify.errors import OutputError, SettingsError

if TYPE_CHECKING:
    from avatarify.synthesis.clips import ClipFrame, ClipSettings

HELP = "render synthetic faces: training clips, avatars, the demo clip"

_AVATAR_SIZE, _DEMO_SIZE, _DEMO_FPS = 512, 256, 30.0
_CREDITS = """# Credits

Every picture in this folder was drawn by Avatarify's own renderer: no photograph, no scan, no
drawing and no generated picture of anybody went into it.
Made again by `avatarify render --avatars assets/avatars`.

"""
_CREDIT = (
    "- `{name}.png`: rendered by avatarify's own synthesis; MIT like the program, or CC0 1.0.\n"
)


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
    parser.add_argument("--demo", type=Path, help="draw the demo driving clip into this file")


def run(arguments: argparse.Namespace) -> int:
    """Run the command."""
    import torch

    if not (arguments.output or arguments.avatars or arguments.demo):
        raise OutputError("Nothing to render. Give --output, --avatars or --demo.")
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    if arguments.avatars:
        _draw_avatars(arguments.avatars, arguments.only)
    if arguments.demo:
        _draw_demo(arguments.demo)
    if arguments.output:
        _render_clips(arguments)
    return 0


def _render_clips(arguments: argparse.Namespace) -> None:
    from tqdm import tqdm

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
    arguments.output.mkdir(parents=True, exist_ok=True)
    write = _write_video if arguments.format == "video" else _write_cache
    indices = range(arguments.first, arguments.first + arguments.clips)
    for index in tqdm(indices, desc="clips", unit="clip"):
        name = f"synthetic_{settings.style}_{settings.seed}_{index:05d}"
        if not _is_done(arguments.output, name):
            frames = list(render_clip(settings, index, arguments.device))
            write(arguments.output, name, settings, frames)


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
    # The cache counts from pixel centres, the renderer from the picture's corner.
    points = np.stack([frame.landmarks for frame in frames]) - np.float32(0.5)
    depth = np.zeros((*points.shape[:2], 1), np.float32)
    np.save(clip / "landmarks.npy", np.concatenate((points, depth), axis=2))
    about = {"name": name, "person": name, "fps": settings.fps, "synthetic": True}
    # Written last: a clip without it is not complete.
    (clip / "clip.json").write_text(json.dumps(about), encoding="utf-8")


def _draw_avatars(folder: Path, only: list[str] | None) -> None:
    from tqdm import tqdm

    from avatarify.media.image_file import write_image
    from avatarify.synthesis.avatars import AVATARS
    from avatarify.synthesis.portrait import portrait

    unknown = set(only or ()) - set(AVATARS)
    if unknown:
        raise OutputError(f"No avatar {', '.join(unknown)}. There are: {', '.join(AVATARS)}.")
    folder.mkdir(parents=True, exist_ok=True)
    for name in tqdm(only or AVATARS, desc="avatars", unit="avatar"):
        write_image(folder / f"{name}.png", portrait(AVATARS[name], _AVATAR_SIZE))
    lines = [_CREDIT.format(name=name) for name in AVATARS]
    (folder / "CREDITS.md").write_text(_CREDITS + "".join(lines), encoding="utf-8")


def _draw_demo(path: Path) -> None:
    from tqdm import tqdm

    from avatarify.frames import Frame
    from avatarify.media.video_writer import VideoWriter
    from avatarify.synthesis.avatars import DEMO_DRIVER
    from avatarify.synthesis.performance import DEMO_SECONDS, demo_motion
    from avatarify.synthesis.portrait import film

    frames = film(DEMO_DRIVER, demo_motion(_DEMO_FPS), _DEMO_SIZE)
    with VideoWriter(path, _DEMO_FPS) as writer:
        total = round(DEMO_SECONDS * _DEMO_FPS)
        for index, image in enumerate(tqdm(frames, desc="demo", unit="frame", total=total)):
            writer.write(Frame(image, index / _DEMO_FPS, index))

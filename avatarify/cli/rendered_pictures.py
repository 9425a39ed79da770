"""The pictures that `avatarify render` draws beside clips: avatars, stills and turns."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from avatarify.cli.tracked_outline import as_tracked
from avatarify.errors import OutputError, TrackerError
from avatarify.media.image_file import write_image
from avatarify.media.output_errors import make_output_folder
from avatarify.session.avatars.layers_file import SUFFIX, PortraitLayers, write_layers
from avatarify.synthesis.avatars import AVATARS
from avatarify.synthesis.finish import Shot
from avatarify.synthesis.portrait import portrait, room, still, turns
from avatarify.synthesis.stills import plan_still
from avatarify.tracking.landmarker import FaceLandmarker, LandmarkerMode

PICTURE_SIZE = (720, 1280)
"""Height and width of avatars, stills and turns."""

TURNS_DEG = (
    *((float(yaw), 0.0) for yaw in range(-30, 31, 5)),
    *((yaw, pitch) for pitch in (-15.0, 15.0) for yaw in (-20.0, 0.0, 20.0)),
)
"""Yaw and pitch of the series of turns."""

_CREDITS = """# Credits

Every picture in this folder was drawn by Avatarify's own renderer: no photograph, no scan, no
drawing and no generated picture of anybody went into it.
Made again by `avatarify render --avatars assets/avatars`. The `.npz` beside each picture holds what
is known about it: `landmarks` (478, 3) in pixels, the renderer's lids, lips and irises in the
outline that the face tracker sees, the renderer's `matte` (height, width), and the `room` behind
the person, the bytes of a JPEG.

"""
_CREDIT = (
    "- `{name}.png`: rendered by avatarify's own synthesis; MIT like the program, or CC0 1.0.\n"
)


def draw_avatars(folder: Path, only: Sequence[str] | None, tracker: Path | None) -> None:
    """Draw the built-in avatars, with mattes, landmarks and credits.

    Args:
        folder: Where to.
        only: Names of those to draw; all by default.
        tracker: mediapipe's `face_landmarker.task`.

    Raises:
        OutputError: `only` names an avatar that does not exist.
        TrackerError: There is no tracker.
    """
    names = _names(only)
    if tracker is None:
        raise TrackerError(
            "The avatars' outlines need the face tracker. Run `avatarify models pull "
            "face-landmarker`."
        )
    make_output_folder(folder)
    with FaceLandmarker(tracker, LandmarkerMode.IMAGE) as landmarker:
        for name in tqdm(names, desc="avatars", unit="avatar"):
            shot = portrait(AVATARS[name], PICTURE_SIZE)
            seen = as_tracked(shot.image, shot.landmarks, landmarker)
            write_image(folder / f"{name}.png", shot.image)
            layers = PortraitLayers(seen, shot.matte, room(AVATARS[name], PICTURE_SIZE))
            write_layers(folder / f"{name}{SUFFIX}", layers)
    lines = [_CREDIT.format(name=name) for name in AVATARS]
    (folder / "CREDITS.md").write_text(_CREDITS + "".join(lines), encoding="utf-8")


def draw_stills(folder: Path, seed: int, count: int) -> None:
    """Draw people that nobody has seen, with mattes and landmarks."""
    make_output_folder(folder)
    for index in tqdm(range(count), desc="stills", unit="still"):
        plan = plan_still(seed, index)
        shot = still(plan.identity, plan.motion, PICTURE_SIZE)
        _write_shot(folder, f"{seed}_{index:02d}_{plan.kind}", shot)


def draw_turns(folder: Path, only: Sequence[str] | None) -> None:
    """Draw avatars turned step by step, one folder each, exact to the pixel.

    `turns.npz` holds what belongs to the pictures in their order: `rotation_deg` (N, 3), yaw,
    pitch and roll; `landmarks` (N, 478, 3); `mattes` (N, height, width).

    Raises:
        OutputError: `only` names an avatar that does not exist.
    """
    rotation = torch.tensor([[yaw, pitch, 0.0] for yaw, pitch in TURNS_DEG])
    for name in _names(only):
        clip = folder / name
        make_output_folder(clip)
        shots = []
        series = turns(AVATARS[name], rotation, PICTURE_SIZE)
        for index, shot in enumerate(tqdm(series, desc=name, unit="turn", total=len(rotation))):
            write_image(clip / f"{index:02d}.png", shot.image)
            shots.append(shot)
        np.savez_compressed(
            clip / "turns.npz",
            rotation_deg=rotation.numpy(),
            landmarks=np.stack([shot.landmarks for shot in shots]),
            mattes=np.stack([shot.matte for shot in shots]),
        )


def _names(only: Sequence[str] | None) -> Sequence[str]:
    unknown = set(only or ()) - set(AVATARS)
    if unknown:
        raise OutputError(f"No avatar {', '.join(unknown)}. There are: {', '.join(AVATARS)}.")
    return only or tuple(AVATARS)


def _write_shot(folder: Path, name: str, shot: Shot) -> None:
    write_image(folder / f"{name}.png", shot.image)
    np.savez_compressed(folder / f"{name}.npz", landmarks=shot.landmarks, matte=shot.matte)

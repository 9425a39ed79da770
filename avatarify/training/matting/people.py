"""People with their mattes, to be laid over other rooms: from clips and stills, and rendered ones.

Of filmed people mattes are what landmarks and colours find; a run names those that are wrong. Those
of rendered people are exact.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple
from zipfile import BadZipFile

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from avatarify.animation.face.backdrop import fill_backdrop
from avatarify.animation.face.matte import person_matte
from avatarify.animation.face.matte_frame import MatteFrame, softened
from avatarify.errors import ImageError, SettingsError, VideoError
from avatarify.frames import Image
from avatarify.media.whole_file import whole_file
from avatarify.synthesis.figure import build_figure
from avatarify.synthesis.finish import finish, photograph
from avatarify.synthesis.identity import random_identity
from avatarify.synthesis.motion import random_motion
from avatarify.synthesis.renderer import render, render_room
from avatarify.tracking.landmarker import FaceLandmarker, LandmarkerMode
from avatarify.training.face_track import sampled, stride_of
from avatarify.training.footage import Footage, new_footage

SIDE = 384
"""Pixels of a kept picture's side."""

_WIDER = 1.12
"""A kept picture shows this much more than the network's square, to be moved about in."""

_LOOKS = 5
"""Frames of a clip, evenly over all of it."""

_DRAWN_SIDE = 256
_POSES = 3
_TURNS_DEG = (16.0, 8.0, 7.0)
_CARTOON_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class PeoplePreparation:
    """What is prepared, and how."""

    folder: Path
    """Where people go."""

    tracker: Path
    """mediapipe's `face_landmarker.task`."""

    manifest: Path | None = None
    """As for `list_footage`."""


class Look(NamedTuple):
    """One picture of a person."""

    picture: Image
    """(S, S, 3), RGB."""
    matte: NDArray[np.uint8]
    """(S, S), 255 where the person is."""
    room: Image
    """(S, S, 3), what is behind the person."""
    here: NDArray[np.uint8]
    """(S, S), 255 where the original picture is, 0 beyond its edges."""
    landmarks: NDArray[np.float32]
    """(478, 3), in pixels of this picture, 0 its upper left corner."""


class Person(NamedTuple):
    """All looks at one person."""

    name: str
    """The file's, with `c_` for a clip, `s_` for a still, `r_` for one who is rendered."""
    looks: tuple[Look, ...]

    @property
    def is_drawn(self) -> bool:
        """Whether it is a rendered person, whose matte is exact."""
        return self.name.startswith("r_")


def prepare_people(
    folders: list[Path], settings: PeoplePreparation, advance: Callable[[str], None]
) -> list[str]:
    """Cut people out of all videos and pictures of some folders; what is done is skipped.

    Returns:
        What could not be used, and why.

    Raises:
        SettingsError: A folder holds nothing.
        OutputError: The people cannot be written.
        TrackerError: The tracker's file is missing or broken.
    """
    skipped: list[str] = []
    with FaceLandmarker(settings.tracker, LandmarkerMode.IMAGE) as tracker:
        for footage, path in new_footage(folders, settings.manifest, settings.folder, advance):
            try:
                looks = tuple(_looks(footage, tracker))
            except (VideoError, ImageError) as error:
                skipped.append(str(error))
                continue
            if looks:
                _write(path, looks)
            else:
                skipped.append(f"{footage.path}: no face was found.")
    return skipped


def draw_people(count: int, folder: Path, advance: Callable[[str], None]) -> None:
    """Render people in front of rooms; those that are there are kept.

    Raises:
        OutputError: They cannot be written.
    """
    for number in range(count):
        path = folder / f"r_{number:05d}.npz"
        if not path.is_file():
            advance(path.stem)
            _write(path, tuple(_drawn(number)))


def read_people(folder: Path, left_out: tuple[str, ...] = ()) -> list[Person]:
    """Read all people of a folder, by name.

    Args:
        folder: Where `prepare_people` and `draw_people` left them.
        left_out: Names that are not read.

    Raises:
        SettingsError: There are none, or a file is broken.
    """
    people = []
    for path in sorted(folder.glob("*.npz")):
        if path.stem in left_out:
            continue
        try:
            with np.load(path, allow_pickle=False) as file:
                planes = [file[name] for name in Look._fields]
        except (OSError, KeyError, ValueError, BadZipFile) as error:
            raise SettingsError(f"{path} holds no people: {error}. Delete it.") from error
        people.append(Person(path.stem, tuple(Look(*row) for row in zip(*planes, strict=True))))
    if not people:
        raise SettingsError(f"{folder} holds no people. Run `avatarify train --prepare --people`.")
    return people


def _looks(footage: Footage, tracker: FaceLandmarker) -> Iterator[Look]:
    for frame in sampled(footage.path, stride_of(footage, _LOOKS)):
        face = tracker.find(frame.image)
        if face is not None:
            marks = face.landmarks.astype(np.float64)
            matte = person_matte(frame.image, marks, has_network=False)
            yield _kept(frame.image, matte, fill_backdrop(frame.image, matte), marks)


def _drawn(number: int) -> Iterator[Look]:
    generator = torch.Generator().manual_seed(77_000_000 + number)
    is_cartoon = float(torch.rand((), generator=generator)) < _CARTOON_SHARE
    drawn = random_identity(generator, "cartoon" if is_cartoon else "real")
    farther = 0.95 + 0.75 * float(torch.rand((), generator=generator))
    identity = replace(drawn, blur=0.0, noise=0.0, framing=drawn.framing * farther)
    motion = random_motion(generator, 8 * _POSES, 2.0)
    turns = torch.randn((len(motion.scale), 3), generator=generator) * torch.tensor(_TURNS_DEG)
    motion, figure = motion._replace(rotation_deg=turns), build_figure(identity, 512)
    room = finish(render_room(identity, _DRAWN_SIDE), identity, generator)[0]
    for index in range(4, len(motion.scale), 8):
        with torch.inference_mode():
            rendering = render(figure, motion.frames(index, index + 1), _DRAWN_SIDE)
        shot = photograph(rendering, generator)[0]
        yield _kept(shot.image, shot.matte, room, shot.landmarks.astype(np.float64))


def _kept(
    picture: Image, matte: NDArray[np.uint8], room: Image, landmarks: NDArray[np.floating]
) -> Look:
    """Cut the network's square, and some more around it."""
    to_square = MatteFrame.of(landmarks, SIDE).to_square
    to_square = to_square / _WIDER
    to_square[:, 2] += (SIDE - SIDE / _WIDER) / 2.0
    scale = float(to_square[0, 0])

    def cut(plane: NDArray[np.uint8]) -> NDArray[np.uint8]:
        laid = cv2.warpAffine(softened(plane, scale), to_square, (SIDE, SIDE))
        return np.asarray(laid, np.uint8)

    here = cv2.warpAffine(
        np.full(matte.shape, 255, np.uint8), to_square, (SIDE, SIDE), flags=cv2.INTER_NEAREST
    )
    points = landmarks * scale
    points[:, :2] += to_square[:, 2]
    marks = points.astype(np.float32)
    return Look(cut(picture), cut(matte), cut(room), np.asarray(here, np.uint8), marks)


def _write(path: Path, looks: tuple[Look, ...]) -> None:
    with whole_file(path) as file:
        planes = Look(*(np.stack(plane) for plane in zip(*looks, strict=True)))
        np.savez_compressed(
            file,
            picture=planes.picture,
            matte=planes.matte,
            room=planes.room,
            here=planes.here,
            landmarks=planes.landmarks,
        )

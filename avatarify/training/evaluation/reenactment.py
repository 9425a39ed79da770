"""Self-reenactment and cross-identity: performances and their scores."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from avatarify.frames import Image
from avatarify.tracking.face import Face
from avatarify.training.evaluation import measures
from avatarify.training.evaluation.driving_clip import DrivingClip, FindFace
from avatarify.training.evaluation.expression import arrivals
from avatarify.training.evaluation.methods import DO_NOTHING, MODEL, Method
from avatarify.training.evaluation.scores import Scores
from avatarify.training.evaluation.stillness import flicker, rest_psnr_db


class Performance(NamedTuple):
    """What one method made of one clip and one portrait."""

    scores: Scores
    """Measured."""

    pictures: list[Image]
    """(256, 256, 3), one for each driving frame."""


class Cast(NamedTuple):
    """A portrait, and what the driver shows when it is at rest."""

    name: str
    """Of the portrait's file."""

    portrait: Image
    """RGB (512, 512, 3)."""

    reference: Image
    """RGB (512, 512, 3), the frame that the driver calibrates with for this portrait."""


def reenact_itself(
    clip: DrivingClip, methods: list[Method], find_face: FindFace
) -> Iterator[Performance]:
    """Let a person drive the first frame of their own clip.

    With the source as driving reference, relative motion is absolute motion. The source frame
    itself is not counted.
    """
    targets = [measures.shrink(picture) for picture in clip.pictures]
    for method in methods:
        method.start(clip.pictures[0], clip.pictures[0])
        pictures = [measures.shrink(picture) for picture in method.perform(clip.pictures)]
        faces = _find_all(pictures, find_face)
        pairs = list(zip(targets, pictures, strict=True))[1:]
        distances = [
            measures.keypoint_distance_px(true, face)
            for true, face in list(zip(clip.faces, faces, strict=True))[1:]
            if face is not None
        ]
        moves = method.name != DO_NOTHING
        scores = Scores(
            driver=clip.name,
            portrait=clip.name,
            method=method.name,
            frames=len(pairs),
            face_found=_share_found(faces[1:]),
            arrivals=arrivals(clip.faces, faces),
            l1=_mean([measures.mean_absolute_difference(*pair) for pair in pairs]),
            psnr_db=_mean([measures.peak_signal_to_noise_db(*pair) for pair in pairs]),
            ssim=_mean([measures.similarity(*pair) for pair in pairs]),
            akd_px=_mean(distances),
            rest_psnr_db=rest_psnr_db(method, clip.pictures[0]) if moves else None,
            flicker=flicker(method, clip.pictures[_liveliest(clip)]) if moves else None,
        )
        yield Performance(scores, pictures)


def drive_portrait(
    clip: DrivingClip, cast: Cast, method: Method, find_face: FindFace
) -> Performance:
    """Let a person drive somebody else's portrait, calibrated as the program calibrates."""
    method.start(cast.portrait, cast.reference)
    pictures = [measures.shrink(picture) for picture in method.perform(clip.pictures)]
    faces = _find_all(pictures, find_face)
    scores = Scores(
        driver=clip.name,
        portrait=cast.name,
        method=method.name,
        frames=len(pictures),
        face_found=_share_found(faces),
        arrivals=arrivals(clip.faces, faces),
        rest_psnr_db=rest_psnr_db(method, cast.reference),
        flicker=flicker(method, clip.pictures[_liveliest(clip)]) if method.name == MODEL else None,
    )
    return Performance(scores, pictures)


def _find_all(pictures: list[Image], find_face: FindFace) -> list[Face | None]:
    """Find a face in every picture; a picture like the one before is not searched again."""
    faces: list[Face | None] = []
    for index, picture in enumerate(pictures):
        same = index > 0 and np.array_equal(picture, pictures[index - 1])
        faces.append(faces[-1] if same else find_face(picture))
    return faces


def _share_found(faces: list[Face | None]) -> float:
    return sum(face is not None for face in faces) / max(1, len(faces))


def _liveliest(clip: DrivingClip) -> int:
    """Return the frame whose face is farthest from the neutral one."""
    rest = clip.faces[clip.neutral]
    return int(np.argmax([measures.keypoint_distance_px(rest, face) for face in clip.faces]))


def _mean(values: list[float]) -> float | None:
    return float(np.mean(values)) if values else None

"""Self-reenactment and cross-identity: performances and their scores."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from avatarify.frames import Image
from avatarify.tracking.face import Face
from avatarify.training.evaluation import measures
from avatarify.training.evaluation.driving_clip import DrivingClip
from avatarify.training.evaluation.expression import arrivals, shapes_correlation
from avatarify.training.evaluation.methods import DO_NOTHING, Method
from avatarify.training.evaluation.mouth import Moment, mouth_scores
from avatarify.training.evaluation.scores import Scores
from avatarify.training.evaluation.sight import FindFace, Sight, look
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

    portrait: Sight
    """The portrait."""

    reference: Sight
    """The frame that the driver calibrates with for this portrait."""


def reenact_itself(
    clip: DrivingClip, methods: Sequence[Method], find_face: FindFace
) -> Iterator[Performance]:
    """Let a person drive the first frame of their own clip.

    With the source as driving reference, relative motion is absolute motion. The source frame
    itself is not counted.
    """
    targets = [measures.shrink(sight.picture) for sight in clip.sights]
    for method in methods:
        method.start(clip.sights[0], clip.sights[0])
        pictures, faces = _performed(clip, method, find_face)
        moments = [
            Moment(true, picture, sight.face, face)
            for true, picture, sight, face in zip(
                targets[1:], pictures[1:], clip.sights[1:], faces[1:], strict=True
            )
            if face is not None
        ]
        pairs = list(zip(targets, pictures, strict=True))[1:]
        distances = [(moment.true_face, moment.output_face) for moment in moments]
        mean = measures.mean_of
        scores = Scores(
            driver=clip.name,
            portrait=clip.name,
            method=method.name,
            frames=len(pairs),
            face_found=_share_found(faces[1:]),
            arrivals=arrivals(clip.faces, faces),
            shapes=shapes_correlation(clip.faces, faces),
            l1=mean(measures.mean_absolute_difference(*pair) for pair in pairs),
            psnr_db=mean(measures.peak_signal_to_noise_db(*pair) for pair in pairs),
            ssim=mean(measures.similarity(*pair) for pair in pairs),
            akd_px=mean(measures.keypoint_distance_px(*pair) for pair in distances),
            lips_px=mean(measures.lips_distance_px(*pair) for pair in distances),
            mouth=mouth_scores(moments, targets[0]),
            rest_psnr_db=_rest(method, clip.sights[0]),
            flicker=_flicker(method, clip, find_face),
        )
        yield Performance(scores, pictures)


def drive_portrait(
    clip: DrivingClip, cast: Cast, method: Method, find_face: FindFace
) -> Performance:
    """Let a person drive somebody else's portrait, calibrated as the program calibrates."""
    method.start(cast.portrait, cast.reference)
    pictures, faces = _performed(clip, method, find_face)
    scores = Scores(
        driver=clip.name,
        portrait=cast.name,
        method=method.name,
        frames=len(pictures),
        face_found=_share_found(faces),
        arrivals=arrivals(clip.faces, faces),
        shapes=shapes_correlation(clip.faces, faces),
        rest_psnr_db=_rest(method, cast.reference),
        flicker=_flicker(method, clip, find_face),
    )
    return Performance(scores, pictures)


def _performed(
    clip: DrivingClip, method: Method, find_face: FindFace
) -> tuple[list[Image], list[Face | None]]:
    """Return the pictures at 256² and the faces in them at 512².

    A picture like the one before is not searched again.
    """
    pictures: list[Image] = []
    faces: list[Face | None] = []
    previous: Image | None = None
    for picture in method.perform(clip.sights):
        same = previous is not None and np.array_equal(picture, previous)
        faces.append(faces[-1] if same else look(picture, find_face))
        pictures.append(measures.shrink(picture))
        previous = picture
    return pictures, faces


def _rest(method: Method, reference: Sight) -> float | None:
    return None if method.name == DO_NOTHING else rest_psnr_db(method, reference)


def _flicker(method: Method, clip: DrivingClip, find_face: FindFace) -> float | None:
    if method.name == DO_NOTHING:
        return None
    return flicker(method, clip.sights[_liveliest(clip)], find_face)


def _share_found(faces: list[Face | None]) -> float:
    return sum(face is not None for face in faces) / max(1, len(faces))


def _liveliest(clip: DrivingClip) -> int:
    """Return the frame whose face is farthest from the neutral one."""
    rest = clip.faces[clip.neutral]
    return int(np.argmax([measures.keypoint_distance_px(rest, face) for face in clip.faces]))

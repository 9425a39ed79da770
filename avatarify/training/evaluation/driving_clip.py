"""A clip as the evaluation sees it: one fixed square around the face, sampled over time."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import ceil

import numpy as np

from avatarify.errors import FaceNotFoundError
from avatarify.frames import Frame, Image
from avatarify.media.file_choice import open_source
from avatarify.tracking.calibration import rate
from avatarify.tracking.conditions import Observation
from avatarify.tracking.crop import Crop, crop_of_face, cut
from avatarify.tracking.face import Face
from avatarify.training.evaluation.measures import SEEN_SIZE
from avatarify.training.evaluation.sight import FindFace, Sight, look
from avatarify.training.footage import Footage

_LOOKED_AT_FOR_THE_SQUARE = 40


@dataclass(frozen=True, slots=True)
class DrivingClip:
    """One clip's sampled frames in which a face was found."""

    name: str
    """Of the file."""

    person: str
    """Who is seen."""

    sights: list[Sight]
    """The frames, in order."""

    neutral: int
    """Which frame shows the face from the front, at rest."""

    @property
    def pictures(self) -> list[Image]:
        """RGB (512, 512, 3)."""
        return [sight.picture for sight in self.sights]

    @property
    def faces(self) -> list[Face]:
        """In the pictures' pixels."""
        return [sight.face for sight in self.sights]

    def reference_for(self, portrait: Face) -> Sight:
        """Return the frame that calibration would take for a portrait, of all frames.

        Args:
            portrait: The face that the driver has to look like.
        """
        return self.sights[_best(self.faces, portrait)]

    def thinned(self, most_frames: int) -> "DrivingClip":
        """Return the clip with every n-th frame, so that no more than `most_frames` are left."""
        sights = self.sights[:: ceil(len(self.sights) / most_frames)]
        return replace(self, sights=sights, neutral=most_neutral([sight.face for sight in sights]))


def read_driving_clip(
    footage: Footage, find_face: FindFace, stride: int = 1, most_frames: int = 200
) -> DrivingClip:
    """Read, frame and track a clip.

    Args:
        footage: A video.
        find_face: Finds the face in one picture.
        stride: Take every n-th frame.
        most_frames: A longer clip is sampled more sparsely, evenly over all of it.

    Raises:
        VideoError: The video cannot be read.
        FaceNotFoundError: It shows no face.
    """
    with open_source(footage.path) as source:
        count = sum(1 for _ in iter(source.read, None))
    step = max(stride, ceil(count / most_frames))
    crop = _square(footage, find_face, max(step, count // _LOOKED_AT_FOR_THE_SQUARE))
    sights = []
    for frame in _sampled(footage, step):
        picture = cut(frame.image, crop, SEEN_SIZE)
        face = look(picture, find_face)
        if face is not None:
            sights.append(Sight(picture, face, frame.time_s))
    if not sights:
        raise FaceNotFoundError(f"No face was found in {footage.path}. Leave it out.")
    neutral = most_neutral([sight.face for sight in sights])
    return DrivingClip(footage.name, footage.person, sights, neutral)


def most_neutral(faces: list[Face]) -> int:
    """Return the index of the face that calibration would rate highest for a neutral portrait."""
    return _best(faces, None)


def _best(faces: list[Face], portrait: Face | None) -> int:
    scores = [
        rate(Observation(face, (SEEN_SIZE, SEEN_SIZE), 0.0), portrait).score for face in faces
    ]
    return int(np.argmax(scores))


def _square(footage: Footage, find_face: FindFace, step: int) -> Crop:
    found = [find_face(frame.image) for frame in _sampled(footage, step)]
    crops = [crop_of_face(face) for face in found if face is not None]
    if not crops:
        raise FaceNotFoundError(f"No face was found in {footage.path}. Leave it out.")
    middle = np.median([(c.center_x, c.center_y, c.size) for c in crops], axis=0)
    return Crop(*middle.tolist())


def _sampled(footage: Footage, step: int) -> Iterator[Frame]:
    with open_source(footage.path) as source:
        for frame in iter(source.read, None):
            if frame.index % step == 0:
                yield frame

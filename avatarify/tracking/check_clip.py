"""How well a face tracker does on this machine: a clip whose points are known, in one number.

The clip is of a rendered head. It cannot say which tracker is finer on people, which
models/LANDMARKS_CARD.md does; it says whether a tracker does here what it does elsewhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avatarify.frames import Frame
from avatarify.tracking.face_finder import FaceFinder
from avatarify.tracking.track_score import Agreement, agreement, movements

_LEAST_SHARE = 0.5
"""Of the frames, in which a face must be found: of fewer, movements say nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class CheckClip:
    """Frames and what is to be found in them."""

    frames: Sequence[Frame]
    """N of them, in their order."""

    landmarks: NDArray[np.float32]
    """(N, 478, 3), exact, in pixels of the frames."""

    def __post_init__(self) -> None:
        if len(self.frames) != len(self.landmarks):
            raise ValueError("each frame of a check clip has its landmarks")


def rate_finder(finder: FaceFinder, clip: CheckClip) -> float:
    """Return how well a finder follows the clip's face, 0 to 1.

    It is the mean over the movements of lips, lids, gaze and brows of correlation times gain (or
    its inverse, if above 1), times the share of frames in which the face is found.

    Args:
        finder: In VIDEO mode, and fresh.
        clip: What it is shown.
    """
    seen = [finder.find(frame.image, frame.time_s) for frame in clip.frames]
    rows = [
        row
        for row, face in enumerate(seen)
        if face is not None and bool(np.isfinite(face.landmarks).all())
    ]
    if len(rows) < _LEAST_SHARE * len(seen):
        return 0.0
    track = np.stack([face.landmarks for row in rows if (face := seen[row]) is not None])
    ours, theirs = movements(track), movements(clip.landmarks[rows])
    marks = [_mark(agreement(ours[name], theirs[name])) for name in theirs]
    return float(np.mean(marks)) * len(rows) / len(seen)


def _mark(found: Agreement) -> float:
    if not (found.correlation > 0.0 and found.gain > 0.0):  # NaN where nothing moves
        return 0.0
    return found.correlation * min(found.gain, 1.0 / found.gain)

"""What a perfect copy would score: the tracker does not see the same face twice alike.

The driver's own frames are looked at a second time, one percent larger and with a webcam's noise,
and compared with the first look. No method can be told apart from the truth below this.
"""

import cv2
import numpy as np

from avatarify.frames import Image
from avatarify.tracking.face import Face
from avatarify.training.evaluation import measures
from avatarify.training.evaluation.driving_clip import DrivingClip
from avatarify.training.evaluation.expression import arrivals, shapes_correlation
from avatarify.training.evaluation.mouth import Moment, MouthScores, mouth_scores
from avatarify.training.evaluation.scores import Scores
from avatarify.training.evaluation.sight import FindFace, Sight, look
from avatarify.training.evaluation.stillness import NOISE

TRACKER_NOISE = "tracker noise"

ENLARGED = 1.01
"""How much larger the second look sees the picture, about its middle."""

_SEED = 0


def tracker_noise(clip: DrivingClip, find_face: FindFace) -> Scores:
    """Compare two looks at every frame of a clip.

    Args:
        clip: The driver.
        find_face: The tracker.

    Returns:
        A line for the table of self-reenactment, without what compares pictures.
    """
    rng = np.random.default_rng(_SEED)
    faces = [_second_look(sight, find_face, rng) for sight in clip.sights]
    pairs = [(a, b) for a, b in zip(clip.faces, faces, strict=True) if b is not None]
    pictures = [measures.shrink(sight.picture) for sight in clip.sights]
    moments = [
        Moment(picture, picture, first, second)
        for picture, first, second in zip(pictures, clip.faces, faces, strict=True)
        if second is not None
    ]
    teeth = mouth_scores(moments, pictures[0])
    return Scores(
        driver=clip.name,
        portrait=clip.name,
        method=TRACKER_NOISE,
        frames=len(faces),
        face_found=len(pairs) / max(1, len(faces)),
        arrivals=arrivals(clip.faces, faces),
        shapes=shapes_correlation(clip.faces, faces),
        akd_px=measures.mean_of(measures.keypoint_distance_px(*pair) for pair in pairs),
        lips_px=measures.mean_of(measures.lips_distance_px(*pair) for pair in pairs),
        mouth=MouthScores(
            teeth=teeth.teeth, teeth_true=teeth.teeth_true, teeth_output=teeth.teeth_output
        ),
    )


def enlarged(picture: Image) -> Image:
    """Show a square picture `ENLARGED` times larger about its middle, its size kept."""
    middle = (picture.shape[1] - 1) / 2.0  # OpenCV counts from the first pixel's centre
    matrix = cv2.getRotationMatrix2D((middle, middle), 0.0, ENLARGED)
    warped = cv2.warpAffine(
        picture,
        matrix,
        (picture.shape[1], picture.shape[0]),
        flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.ascontiguousarray(warped, dtype=np.uint8)


def _second_look(sight: Sight, find_face: FindFace, rng: np.random.Generator) -> Face | None:
    """Return the face of the enlarged, noisy picture, in pixels of the picture itself."""
    larger = enlarged(sight.picture).astype(np.float64)
    noisy = np.clip(np.round(larger + NOISE * rng.standard_normal(larger.shape)), 0, 255)
    face = look(noisy.astype(np.uint8), find_face)
    if face is None:
        return None
    middle = np.array([measures.SEEN_SIZE / 2.0] * 2 + [0.0])
    landmarks = (face.landmarks - middle) / ENLARGED + middle
    return Face(landmarks.astype(np.float32), face.blendshapes, face.transform)

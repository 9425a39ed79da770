"""The demo's driving clip that `avatarify render` draws, and its motion beside it."""

from pathlib import Path

import numpy as np
from tqdm import tqdm

from avatarify.errors import TrackerError
from avatarify.frames import Frame
from avatarify.media.video_writer import VideoWriter
from avatarify.synthesis.avatars import DEMO_DRIVER
from avatarify.synthesis.performance import DEMO_SECONDS, demo_motion
from avatarify.synthesis.portrait import film, fine_figure
from avatarify.tracking.face import BLENDSHAPE_NAMES
from avatarify.tracking.landmarker import FaceLandmarker

MOTION_NAME = "demo_motion.npz"

_SIZE, _FPS = 256, 30.0
_STEPS_PER_PIXEL = 64
"""Landmarks are rounded to this, which nobody sees and which packs well."""


def draw_demo(path: Path, tracker: Path | None) -> None:
    """Draw the clip, and write what is known about it into `MOTION_NAME` beside it.

    Landmarks are the renderer's own, exact and without noise; expression scores are mediapipe's.

    Args:
        path: The clip, an .mp4.
        tracker: mediapipe's `face_landmarker.task`.

    Raises:
        TrackerError: `tracker` is None, or a frame shows no face to it.
    """
    if tracker is None:
        raise TrackerError(
            "The demo's motion needs the face tracker. Run `avatarify models pull face-landmarker`."
        )
    shots = film(fine_figure(DEMO_DRIVER, _SIZE), demo_motion(_FPS), _SIZE)
    landmarks, scores, times = [], [], []
    total = round(DEMO_SECONDS * _FPS)
    with VideoWriter(path, _FPS) as writer, FaceLandmarker(tracker) as landmarker:
        for index, shot in enumerate(tqdm(shots, desc="demo", unit="frame", total=total)):
            writer.write(Frame(shot.image, index / _FPS, index))
            face = landmarker.find(shot.image, index / _FPS)
            if face is None:
                raise TrackerError(f"The face tracker sees no face in frame {index} of the demo.")
            landmarks.append(shot.landmarks)
            scores.append(face.blendshapes)
            times.append(index / _FPS)
    np.savez_compressed(
        path.with_name(MOTION_NAME),
        landmarks=np.round(np.stack(landmarks) * _STEPS_PER_PIXEL) / np.float32(_STEPS_PER_PIXEL),
        blendshapes=np.asarray(scores, np.float32).reshape(-1, len(BLENDSHAPE_NAMES)),
        times_s=np.asarray(times),
        size=np.array([_SIZE, _SIZE]),
    )

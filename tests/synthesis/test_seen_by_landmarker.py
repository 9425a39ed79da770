"""What mediapipe's face landmarker makes of the renderings."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from avatarify.frames import Image
from avatarify.media.image_file import read_image
from avatarify.media.video_file import VideoFile
from avatarify.synthesis.avatars import AVATARS, DEMO_DRIVER
from avatarify.synthesis.clips import ClipSettings, render_clip
from avatarify.synthesis.figure import Figure, build_figure
from avatarify.synthesis.motion import Motion, express, neutral
from avatarify.synthesis.renderer import render
from avatarify.tracking.face import BLENDSHAPE_NAMES, Face
from avatarify.tracking.landmarker import FaceLandmarker

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

ASSETS = Path(__file__).resolve().parents[2] / "assets"
STEPS = 5


class Viewer:
    """Looks at unrelated pictures one by one."""

    def __init__(self, landmarker: FaceLandmarker) -> None:
        self._landmarker = landmarker
        self._time_s = 0.0

    def look(self, image: Image) -> Face | None:
        self._time_s += 10.0
        self._landmarker.find(np.zeros_like(image), self._time_s - 5.0)  # forgets the last one
        return self._landmarker.find(image, self._time_s)


@pytest.fixture(scope="module")
def viewer(shared: Path) -> Iterator[Viewer]:
    with FaceLandmarker(shared / "models" / "face_landmarker.task") as landmarker:
        yield Viewer(landmarker)


def test_faces_are_found_in_random_pictures_where_our_landmarks_are(viewer: Viewer) -> None:
    indices = [13, 14, 61, 291, 159, 145, 386, 374, 105, 334, 1, 168, 468, 473]
    found, errors = [], []
    people = [(77, index) for index in (0, 1, 2, 3, 4, 6, 12)] + [
        (78, index) for index in (1, 3, 5)
    ]
    for seed, index in people:  # of nine hair styles
        for frame in render_clip(ClipSettings(frames=2, fps=1.0, seed=seed), index):
            face = viewer.look(frame.image)
            found.append(face is not None)
            if face is not None:
                errors.append(
                    np.abs(face.landmarks[indices, :2] - frame.landmarks[indices, :2]).mean()
                )
    assert len(found) == 20
    assert np.mean(found) >= 0.95
    assert np.median(errors) < 3  # px at 256


@pytest.fixture(scope="module")
def driver() -> Figure:
    return build_figure(DEMO_DRIVER, 512)


def images(figure: Figure, motion: Motion) -> list[Image]:
    pictures = []
    for index in range(len(motion.scale)):
        rendering = render(figure, motion.frames(index, index + 1), 256)
        picture = (rendering.image[0].permute(1, 2, 0) * 255).round().byte().contiguous()
        pictures.append(picture.numpy())
    return pictures


def strength(face: Face, *names: str) -> float:
    return float(np.mean([face.blendshapes[BLENDSHAPE_NAMES.index(name)] for name in names]))


RAMP = torch.linspace(0, 1, STEPS)


@pytest.mark.parametrize(
    ("parameters", "blendshapes"),
    [
        (("jaw_open",), ("jawOpen",)),
        (("smile_left", "smile_right"), ("mouthSmileLeft", "mouthSmileRight")),
        (("blink_left",), ("eyeBlinkLeft",)),
        (("blink_right",), ("eyeBlinkRight",)),
        (("pucker",), ("mouthPucker",)),
        (("brow_inner", "brow_outer_left", "brow_outer_right"), ("browInnerUp",)),
    ],
)
def test_expressions_arrive(
    viewer: Viewer, driver: Figure, parameters: tuple[str, ...], blendshapes: tuple[str, ...]
) -> None:
    motion = express(neutral(STEPS), **dict.fromkeys(parameters, RAMP))
    faces = [viewer.look(image) for image in images(driver, motion)]
    seen = [strength(face, *blendshapes) for face in faces if face is not None]
    assert len(seen) == STEPS
    assert np.corrcoef(RAMP.numpy(), seen)[0, 1] > 0.8
    assert seen[-1] > seen[0] + 0.15


@pytest.mark.parametrize(("axis", "name"), [(0, "yaw_deg"), (1, "pitch_deg"), (2, "roll_deg")])
def test_turns_arrive_with_their_sign(viewer: Viewer, driver: Figure, axis: int, name: str) -> None:
    rotation = torch.zeros(STEPS, 3)
    rotation[:, axis] = torch.linspace(-18, 18, STEPS)
    motion = neutral(STEPS)._replace(rotation_deg=rotation)
    faces = [viewer.look(image) for image in images(driver, motion)]
    seen: NDArray[np.float64] = np.array([getattr(face, name) for face in faces if face])
    assert len(seen) == STEPS
    slope = np.polyfit(rotation[:, axis].numpy(), seen, 1)[0]
    assert 0.6 < slope < 1.5


@pytest.mark.parametrize("name", AVATARS)
def test_every_avatar_has_a_calm_frontal_face(viewer: Viewer, name: str) -> None:
    face = viewer.look(read_image(ASSETS / "avatars" / f"{name}.png"))
    assert face is not None
    assert strength(face, "jawOpen") < 0.1
    assert strength(face, "eyeBlinkLeft", "eyeBlinkRight") < 0.35
    assert abs(face.yaw_deg) < 8


def test_the_demo_clip_shows_a_face_that_does_something(viewer: Viewer) -> None:
    with VideoFile(ASSETS / "demo_driving.mp4") as video:
        frames = list(iter(video.read, None))
    assert len(frames) > 200
    faces = [viewer.look(frame.image) for frame in frames[::3]]
    found = [face for face in faces if face is not None]
    assert len(found) >= 0.98 * len(faces)
    assert max(strength(face, "jawOpen") for face in found) > 0.3
    assert max(strength(face, "mouthSmileLeft") for face in found) > 0.4
    assert max(abs(face.yaw_deg) for face in found) > 12

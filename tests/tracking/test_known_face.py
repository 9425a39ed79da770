"""The pose of a face whose points are saved, by the tracker's measure."""

from pathlib import Path

import numpy as np
import pytest

from avatarify.geometry.average_face import average_face
from avatarify.media.video_file import VideoFile
from avatarify.tracking.face import Face
from avatarify.tracking.known_face import face_of_points
from avatarify.tracking.landmarker import FaceLandmarker, LandmarkerMode

SIZE = (720, 1280)
NO_EXPRESSION = np.zeros(52, np.float32)


def posed(yaw: float = 0.0, roll: float = 0.0, middle: tuple[float, float] = (640, 360)) -> Face:
    """The average face, turned to its left and leant to its left by degrees."""
    a, b = np.radians(yaw), np.radians(roll)
    turn = np.array([[np.cos(a), 0, -np.sin(a)], [0, 1, 0], [np.sin(a), 0, np.cos(a)]])
    lean = np.array([[np.cos(b), -np.sin(b), 0], [np.sin(b), np.cos(b), 0], [0, 0, 1]])
    points = 150 * average_face() @ turn.T @ lean.T + (*middle, 0.0)
    return face_of_points(points.astype(np.float32), NO_EXPRESSION, SIZE)


@pytest.mark.parametrize("middle", [(640, 360), (200, 360), (1000, 500)])
def test_a_face_that_looks_ahead_has_no_yaw_and_no_roll(middle: tuple[float, float]) -> None:
    face = posed(middle=middle)
    assert face.yaw_deg == pytest.approx(0.0, abs=0.5)
    assert face.roll_deg == pytest.approx(0.0, abs=0.5)


@pytest.mark.parametrize("degrees", [-30.0, -10.0, 10.0, 30.0])
def test_turns_and_leans_have_their_sign_and_size(degrees: float) -> None:
    assert posed(yaw=degrees).yaw_deg == pytest.approx(degrees, abs=1.0)
    assert posed(roll=degrees).roll_deg == pytest.approx(degrees, abs=1.0)


def test_a_face_turned_to_its_left_has_its_nose_on_the_right_of_the_picture() -> None:
    ahead, turned = posed().landmarks, posed(yaw=20.0).landmarks
    assert turned[4, 0] - turned[:, 0].mean() > ahead[4, 0] - ahead[:, 0].mean() + 10


def test_it_agrees_with_the_tracker_on_a_person(shared: Path) -> None:
    """Every sixth frame of a head that turns from 14° right to 12° left."""
    seen: list[tuple[float, ...]] = []
    with (
        VideoFile(shared / "clips" / "d3.mp4") as video,
        FaceLandmarker(shared / "models" / "face_landmarker.task", LandmarkerMode.IMAGE) as tracker,
    ):
        for frame in iter(video.read, None):
            if frame.index % 6 or frame.index > 150:
                continue
            face = tracker.find(frame.image)
            assert face is not None
            size = (frame.image.shape[0], frame.image.shape[1])
            again = face_of_points(face.landmarks, face.blendshapes, size)
            seen.append((face.yaw_deg, again.yaw_deg, face.pitch_deg, again.pitch_deg))
    yaw, yaw_again, pitch, pitch_again = np.array(seen).T
    assert np.corrcoef(yaw, yaw_again)[0, 1] > 0.99
    assert np.abs(yaw - yaw_again).mean() < 2.0
    assert np.corrcoef(pitch, pitch_again)[0, 1] > 0.9
    assert np.abs(pitch - pitch_again).mean() < 2.0

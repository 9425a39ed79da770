"""Our measures against the independent ones of ../shared/tools, on the same pictures."""

import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from avatarify.frames import Image
from avatarify.media.image_file import write_image
from avatarify.tracking.face import Face
from avatarify.tracking.landmarker import FaceLandmarker, LandmarkerMode
from avatarify.training.evaluation import measures
from avatarify.training.evaluation.driving_clip import read_driving_clip
from avatarify.training.evaluation.expression import arrivals, shapes_correlation
from avatarify.training.evaluation.mouth import Moment, mouth_scores
from avatarify.training.evaluation.sight import look
from avatarify.training.footage import Footage

FRAMES = 12


def follower(true: list[Image]) -> list[Image]:
    """A method that comes late, smears, and shifts: every measure has something to see."""
    shift = np.array([[1, 0, 1.5], [0, 1, -1.0]])
    return [
        np.ascontiguousarray(
            cv2.warpAffine(
                cv2.GaussianBlur(true[max(0, index - 1)], (0, 0), 1.2),
                shift,
                (512, 512),
                borderMode=cv2.BORDER_REPLICATE,
            ),
            np.uint8,
        )
        for index in range(len(true))
    ]


def theirs(shared: Path, driving: Path, output: Path) -> dict[str, float]:
    program = shared / "tools" / "fidelity.py"
    words = ["--driving", str(driving), "--output", str(output), "--truth", "--json"]
    words += ["--tracker", str(shared / "models" / "face_landmarker.task")]
    done = subprocess.run(
        [sys.executable, str(program), *words], capture_output=True, text=True, check=True
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def ours(true: list[Image], output: list[Image], tracker: Path) -> dict[str, float | None]:
    with FaceLandmarker(tracker, LandmarkerMode.IMAGE) as landmarker:
        pair: list[list[Face | None]] = [
            [look(picture, landmarker.find) for picture in pictures] for pictures in (true, output)
        ]
    small = [[measures.shrink(picture) for picture in pictures] for pictures in (true, output)]
    moments = [
        Moment(a, b, face, other)
        for a, b, face, other in zip(*small, *pair, strict=True)
        if face is not None and other is not None
    ]
    faces = [(moment.true_face, moment.output_face) for moment in moments]
    mouth = mouth_scores(moments, small[0][0])
    arrival = arrivals(*pair)
    return {
        **{name: arrival[name].correlation for name in ("jaw", "smile", "blink", "gaze")},
        "shapes": shapes_correlation(*pair),
        "l1": measures.mean_of(measures.mean_absolute_difference(a, b) for a, b, *_ in moments),
        "akd": measures.mean_of(measures.keypoint_distance_px(*both) for both in faces),
        "lips": measures.mean_of(measures.lips_distance_px(*both) for both in faces),
        "mouth_l1": mouth.l1,
        "mouth_l1_static": mouth.l1_still,
        "mouth_sharp": mouth.sharpness,
        "teeth": mouth.teeth,
        "teeth_share_true": mouth.teeth_true,
        "teeth_share_out": mouth.teeth_output,
    }


@pytest.mark.slow
@pytest.mark.parametrize("clip", ["pyfeat_single.mp4", "d0.mp4"])
def test_both_programs_say_the_same(tmp_path: Path, shared: Path, clip: str) -> None:
    tracker = shared / "models" / "face_landmarker.task"
    with FaceLandmarker(tracker, LandmarkerMode.IMAGE) as landmarker:
        footage = Footage(shared / "clips" / clip, "someone", is_still=False)
        true = read_driving_clip(footage, landmarker.find, 1, FRAMES).pictures
    output = follower(true)
    for name, pictures in (("driving", true), ("output", output)):
        (tmp_path / name).mkdir()
        for index, picture in enumerate(pictures):
            write_image(tmp_path / name / f"{index:03d}.png", picture)
    expected = theirs(shared, tmp_path / "driving", tmp_path / "output")
    found = ours(true, output, tracker)
    compared = [name for name, value in found.items() if value is not None and name in expected]
    assert {"akd", "lips", "shapes", "mouth_l1", "mouth_sharp"} <= set(compared)
    for name in compared:
        assert found[name] == pytest.approx(expected[name], rel=1e-5, abs=1e-6), name

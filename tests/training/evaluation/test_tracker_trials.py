from pathlib import Path

import cv2
import numpy as np
import pytest

from avatarify.cli import main
from avatarify.media.image_file import read_image
from avatarify.tracking.face import Box
from avatarify.tracking.landmarker import LandmarkerMode
from avatarify.tracking.own_finder import OwnFinder
from avatarify.training.evaluation.tracker_trials import Trackers, emptied, false_alarms, tremble

OWN = Path(__file__).resolve().parents[3] / "models" / "landmarks.safetensors"


def test_person_is_painted_out_from_side_to_side() -> None:
    image = np.zeros((100, 200, 3), np.uint8)
    image[:, :100], image[:, 100:] = 40, 200
    image[40:, 70:130] = 255
    room = emptied(image, Box(80, 40, 120, 80))
    # The face is 40 large: 60 to 140 across and from 20 downwards are drawn anew.
    assert (room[:20] == image[:20]).all()
    assert (room[:, :60] == image[:, :60]).all()
    np.testing.assert_allclose(room[50, 60:140, 0], np.linspace(40, 200, 80), atol=1)


def test_no_face_in_rooms_of_one_colour() -> None:
    rooms = [np.full((120, 160, 3), value, np.uint8) for value in (0, 90, 255)]
    with OwnFinder(OWN, LandmarkerMode.IMAGE) as finder:
        assert false_alarms(rooms, finder) == 0.0


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_we_tremble_no_more_than_mediapipe(shared: Path) -> None:
    files = Trackers(OWN, shared / "models" / "face_landmarker.task")
    still = read_image(shared / "stills" / "composite_m_easian.jpg")
    small = cv2.resize(still, None, fx=0.4, fy=0.4, interpolation=cv2.INTER_AREA).astype(np.uint8)
    ours, theirs = tremble(small, files)
    assert 0.0 < ours <= theirs


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_one_command_compares_the_trackers(
    tmp_path: Path,
    shared: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    models = tmp_path / "models"
    models.mkdir()
    for file in (OWN, shared / "models" / "face_landmarker.task"):
        (models / file.name).symlink_to(file)
    monkeypatch.setenv("AVATARIFY_MODELS", str(models))
    output = tmp_path / "output"
    words = ["evaluate", "--trackers", "--clips", str(shared / "clips"), "--people", "p25"]
    assert main([*words, "--frames", "21", "--output", str(output)]) == 0
    written = (output / "trackers.md").read_text(encoding="utf-8")
    assert written == capsys.readouterr().out
    assert "| grid_sbwe5n | 21 | 100.0 % |" in written
    assert "False alarms in 2 emptied rooms: 0.0 %" in written

import json
import shutil
from pathlib import Path

import pytest

from avatarify.session.keeping import tracker_trial
from avatarify.session.keeping.tracker_trial import LEAD, Trial, try_trackers
from avatarify.shipped import shipped

OWN = shipped("models/landmarks.safetensors")


@pytest.fixture
def mediapipe(shared: Path) -> Path:
    return shared / "models" / "face_landmarker.task"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tracker_trial, "default_folder", lambda: tmp_path / "trackers")
    tracker_trial._tried.cache_clear()
    return tmp_path / "trackers"


@pytest.mark.parametrize(
    ("mediapipes", "own", "takes_own"),
    [
        (0.86, 0.87, False),
        (0.5, 0.87, True),
        (0.8, 0.8 + LEAD - 0.001, False),
        (None, 0.1, True),
        (0.0, None, False),
        (None, None, False),
    ],
)
def test_own_is_taken_where_it_is_clearly_ahead(
    mediapipes: float | None, own: float | None, takes_own: bool
) -> None:
    assert Trial(mediapipes, own).own_is_better is takes_own


def test_both_follow_the_rendered_head_and_are_asked_once(mediapipe: Path, folder: Path) -> None:
    trial = try_trackers(mediapipe, OWN)
    assert trial.mediapipe is not None
    assert trial.own is not None
    assert min(trial.mediapipe, trial.own) > 0.8
    assert not trial.own_is_better
    (kept,) = folder.glob("*.json")
    # What is remembered is believed: the next start does not try.
    kept.write_text(json.dumps({"mediapipe": 0.25, "own": 0.75}), encoding="utf-8")
    tracker_trial._tried.cache_clear()
    assert try_trackers(mediapipe, OWN) == Trial(0.25, 0.75)


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"mediapipe": 2, "own": 0}', '{"mediapipe": NaN, "own": 0.5}']
)
def test_what_is_damaged_is_not_believed(content: str, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(content, encoding="utf-8")
    assert tracker_trial._read(path) is None


def test_broken_files_lose_and_are_tried_again(
    mediapipe: Path, folder: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "face_landmarker.task"
    broken.write_bytes(mediapipe.read_bytes()[:100_000])
    trial = try_trackers(broken, OWN)
    assert trial.mediapipe is None
    assert trial.own_is_better
    assert not folder.exists()
    own = tmp_path / "landmarks.safetensors"
    shutil.copy(OWN, own)
    with own.open("r+b") as file:
        file.truncate(500_000)
    assert not try_trackers(broken, own).own_is_better
    assert not try_trackers(tmp_path / "none.task", own).own_is_better

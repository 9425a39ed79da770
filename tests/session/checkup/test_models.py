import hashlib
import json
from pathlib import Path

import pytest

from avatarify.session.checkup.finding import Level
from avatarify.session.checkup.models import check_models, check_tracker, is_published, judge_model
from avatarify.shipped import shipped
from avatarify.zoo import store
from avatarify.zoo.published_file import Fingerprint
from avatarify.zoo.registry import PublishedModel


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(store, "models_folders", lambda: (tmp_path,))
    return tmp_path


def safetensors(path: Path, size: int = 4) -> Path:
    header = {"a": {"dtype": "U8", "shape": [size], "data_offsets": [0, size]}}
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + bytes(size))
    return path


def test_a_whole_model_is_fine_and_a_cut_one_is_not(tmp_path: Path) -> None:
    path = safetensors(tmp_path / "tiny.safetensors")
    assert judge_model("tiny", path).level is Level.OK
    path.write_bytes(path.read_bytes()[:-1])
    assert judge_model("tiny", path).level is Level.WARNING  # the program does without
    assert judge_model("compact", path).level is Level.PROBLEM
    path.write_bytes(b"<html>not a model</html>")
    assert judge_model("tiny", path).level is Level.WARNING


def test_the_shipped_model_must_be_there(folder: Path) -> None:
    levels = {finding.subject: finding.level for finding in check_models()}
    assert levels["Model compact"] is Level.PROBLEM
    assert levels["Model face"] is Level.OK  # it needs no file
    assert levels["Model vox-256"] is Level.OK
    safetensors(folder / "compact.safetensors")
    safetensors(folder / "mine.safetensors")
    levels = {finding.subject: finding.level for finding in check_models()}
    assert levels["Model compact"] is Level.OK
    assert levels["Model mine"] is Level.OK


def test_the_trackers_file_is_compared(folder: Path) -> None:
    assert [finding.level for finding in check_tracker()] == [Level.WARNING]
    own = folder / "landmarks.safetensors"
    own.write_bytes(b"our own")
    (damaged,) = check_tracker()
    assert damaged.level is Level.PROBLEM
    assert "is damaged" in damaged.text
    own.unlink()
    own.symlink_to(shipped("models/landmarks.safetensors"))
    assert [finding.level for finding in check_tracker()] == [Level.OK]
    (folder / "face_landmarker.task").write_bytes(b"something else")
    assert [finding.level for finding in check_tracker()] == [Level.PROBLEM]


def test_the_published_tracker_is_recognised(folder: Path, shared: Path) -> None:
    content = (shared / "models" / "face_landmarker.task").read_bytes()
    (folder / "face_landmarker.task").write_bytes(content)
    assert [finding.level for finding in check_tracker()] == [Level.OK]


def test_both_trackers_are_compared(folder: Path, shared: Path) -> None:
    (folder / "face_landmarker.task").symlink_to(shared / "models" / "face_landmarker.task")
    (folder / "landmarks.safetensors").symlink_to(shipped("models/landmarks.safetensors"))
    (finding,) = check_tracker()
    assert finding.level is Level.OK
    assert "on the check clip" in finding.text


def test_a_published_file_is_known_by_its_hash(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"content")
    known = Fingerprint("sha256", hashlib.sha256(b"content").hexdigest())
    model = PublishedModel("m", "a model", "file", "MIT", fingerprints=(known,))
    assert is_published(path, model)
    assert not is_published(tmp_path / "none", model)

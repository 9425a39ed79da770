from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from avatarify.errors import DownloadError, OutputError
from avatarify.zoo.local_file import install_file
from avatarify.zoo.published_file import Fingerprint
from avatarify.zoo.registry import FACE_LANDMARKER, PublishedModel

CONTENT = b"what was published"


@pytest.fixture
def model() -> PublishedModel:
    fingerprint = Fingerprint("sha256", sha256(CONTENT).hexdigest(), len(CONTENT))
    return replace(FACE_LANDMARKER, fingerprints=(fingerprint,))


def test_the_published_file_is_copied(model: PublishedModel, tmp_path: Path) -> None:
    (tmp_path / "mine").write_bytes(CONTENT)
    installed = install_file(model, tmp_path / "mine", tmp_path / "new" / "models")
    assert installed == tmp_path / "new" / "models" / "face_landmarker.task"
    assert installed.read_bytes() == CONTENT
    assert [path.name for path in installed.parent.iterdir()] == [installed.name]


def test_any_other_file_is_refused(model: PublishedModel, tmp_path: Path) -> None:
    (tmp_path / "mine").write_bytes(CONTENT[::-1])
    with pytest.raises(DownloadError, match="not the published face-landmarker"):
        install_file(model, tmp_path / "mine", tmp_path / "models")
    assert not (tmp_path / "models").exists()


def test_what_cannot_be_read_or_written_is_told(model: PublishedModel, tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match="cannot be read"):
        install_file(model, tmp_path / "none", tmp_path / "models")
    (tmp_path / "mine").write_bytes(CONTENT)
    (tmp_path / "models" / "face_landmarker.task").mkdir(parents=True)
    with pytest.raises(OutputError, match="Cannot write"):
        install_file(model, tmp_path / "mine", tmp_path / "models")

"""The shipped painters are found, or done without."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from avatarify.animation.face.painter_file import read_painters, save_painters
from avatarify.animation.face.painter_torch import weights_of
from avatarify.animation.face.shipped_painters import shipped_painters
from avatarify.networks.face_painter import FacePainter
from avatarify.networks.painter_config import PainterConfig
from avatarify.zoo.store import SHIPPED_FOLDER


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder that is searched first."""
    monkeypatch.setenv("AVATARIFY_MODELS", str(tmp_path))
    shipped_painters.cache_clear()
    yield tmp_path
    shipped_painters.cache_clear()


def test_a_file_of_painters_is_loaded_once(models: Path) -> None:
    eyes = weights_of(FacePainter(PainterConfig(32, 48, (2, 2, 2, 2))))
    save_painters({"eyes": eyes}, models / "face.safetensors")
    assert shipped_painters() is not None
    assert shipped_painters() is shipped_painters()


def test_a_broken_file_is_told_and_done_without(
    models: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (models / "face.safetensors").write_bytes(b"nothing")
    assert shipped_painters() is None
    assert "damaged" in caplog.text


def test_the_file_that_ships_is_whole_and_small() -> None:
    path = SHIPPED_FOLDER / "face.safetensors"
    assert path.stat().st_size < 25_000_000
    read = read_painters(path)
    assert list(read) == ["mouth"]
    assert read["mouth"].config.size == (96, 96)

"""The landmark networks as kept graphs: found again without torch, and only where right."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from avatarify.networks.landmark_points import LandmarkConfig
from avatarify.shipped import shipped
from avatarify.tracking import kept_landmarks
from avatarify.tracking.kept_landmarks import ReadyLandmarks, open_landmarks, write_landmarks
from avatarify.tracking.landmark_engine import example

pytest.importorskip("openvino")

MODEL = shipped("models/landmarks.safetensors")

Answers = list[np.ndarray[tuple[int, ...], np.dtype[np.float32]]]


class Compiled(NamedTuple):
    entry: Path
    config: LandmarkConfig
    answers: Answers


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache."""
    folder = tmp_path / "cache"
    monkeypatch.setattr(kept_landmarks, "default_folder", lambda: folder)
    return folder


def answers(ready: ReadyLandmarks) -> Answers:
    size = ready.config
    face = example((size.face_size, size.face_size, 3), is_picture=True).astype(np.uint8)
    eye = example((size.eye_size, size.eye_size, 3), is_picture=True).astype(np.uint8)
    mouth = example((size.mouth_size, size.mouth_size, 3), is_picture=True).astype(np.uint8)
    points = ready.engine.coarse(face)[0]
    corrections = np.linspace(0, 0.1, 204, dtype=np.float32).reshape(102, 2)
    return [
        *(points, ready.engine.mouth(mouth), *ready.engine.eyes(eye, eye)),
        *(ready.engine.expression(points), ready.engine.spread(corrections)),
        *(ready.mean, ready.head),
    ]


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    """What fills an empty cache, which takes seconds, and what answers before it is kept."""
    folder = tmp_path_factory.mktemp("compiled")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kept_landmarks, "default_folder", lambda: folder)
        first = open_landmarks(MODEL)
    (entry,) = folder.iterdir()
    return Compiled(entry, first.config, answers(first))


@pytest.fixture
def kept(cache: Path, compiled: Compiled) -> Path:
    """The entry of a cache that was filled."""
    cache.mkdir()
    return Path(shutil.copy2(compiled.entry, cache))


def test_what_is_kept_answers_like_what_was_compiled(
    kept: Path, compiled: Compiled, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "avatarify.tracking.landmark_compiler", None)
    opened = open_landmarks(MODEL)
    assert opened.config == compiled.config
    for one, other in zip(compiled.answers, answers(opened), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)
    assert list(kept.parent.iterdir()) == [kept]


def test_a_second_process_finds_faces_without_torch(cache: Path, kept: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from avatarify.tracking import kept_landmarks as k\n"
        f"k.default_folder = lambda: Path({str(cache)!r})\n"
        "from avatarify.tracking.own_finder import OwnFinder; import numpy as np\n"
        f"with OwnFinder(Path({str(MODEL)!r})) as finder:\n"
        "    finder.find_all(np.zeros((240, 320, 3), np.uint8))\n"
        "print('torch' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "False"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda content: content[: len(content) // 2],
        lambda content: b"",
        lambda content: b"what is this?" * 1000,
        lambda content: content.replace(b"Convolution", b"Konvolution"),
    ],
    ids=["cut", "empty", "foreign", "changed"],
)
def test_what_is_damaged_is_made_anew(
    kept: Path, compiled: Compiled, spoil: Callable[[bytes], bytes]
) -> None:
    kept.write_bytes(spoil(kept.read_bytes()))
    for one, other in zip(answers(open_landmarks(MODEL)), compiled.answers, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)
    with np.load(kept) as arrays:
        assert "graph3" in arrays


def test_graphs_that_answer_otherwise_on_this_processor_are_not_believed(kept: Path) -> None:
    with np.load(kept) as arrays:
        changed = dict(arrays)
    changed["answer0_0"] = changed["answer0_0"] + 0.2
    np.savez(kept, **changed)
    open_landmarks(MODEL)
    with np.load(kept) as arrays:
        assert not np.allclose(arrays["answer0_0"], changed["answer0_0"], atol=0.1)


def test_another_model_is_another_entry(cache: Path, kept: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.safetensors"
    # The same networks, with a further word in the file's header.
    content = MODEL.read_bytes()
    length = int.from_bytes(content[:8], "little")
    other.write_bytes(
        (length + 1).to_bytes(8, "little") + content[8 : 8 + length] + b" " + content[8 + length :]
    )
    open_landmarks(other)
    assert [path.name for path in cache.iterdir()] != [kept.name]
    assert len(list(cache.iterdir())) == 1


def test_a_bundle_brings_its_own(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    brought = tmp_path / "landmarks.npz"
    write_landmarks(MODEL, brought)
    monkeypatch.setattr(kept_landmarks, "shipped", lambda name: tmp_path / name)
    monkeypatch.setitem(sys.modules, "avatarify.tracking.landmark_compiler", None)
    assert open_landmarks(MODEL).engine.name == "OpenVINO"
    assert not cache.exists()


def test_a_cache_that_cannot_be_written_stops_nothing(cache: Path) -> None:
    cache.write_text("a file where the folder should be")
    assert open_landmarks(MODEL).engine.name == "OpenVINO"

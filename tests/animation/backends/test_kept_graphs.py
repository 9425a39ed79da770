"""What was compiled and checked once is taken up again, and only where it is the same and whole."""

import logging
import os
import shutil
import time
from pathlib import Path

import numpy as np
import pytest
import torch

from avatarify.animation.backends import acceptance, choice, kept_graphs, openvino_cpu
from avatarify.animation.backends.choice import open_engine
from avatarify.animation.backends.kept_graphs import KeptGraphs
from avatarify.animation.engine import Engine
from avatarify.animation.lanes import Lanes
from tests.tiny_models import picture, tiny_model

GRAPHS = [b"first", b"", b"third" * 1000]


def _entries_in(folder: Path) -> list[Path]:
    return sorted(folder.glob("*"))


def _entries() -> list[Path]:
    return _entries_in(kept_graphs.default_folder())


def _painted(engine: Engine) -> np.ndarray:
    return engine.render(engine.encode(picture(1, 64)), engine.keypoints(picture(2, 32)))


@pytest.fixture
def no_second_check(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was traced and checked after the first opening."""
    pytest.importorskip("openvino")
    work: list[str] = []
    for module, name in ((openvino_cpu, "export"), (choice, "complaint")):
        real = getattr(module, name)

        def counted(*arguments: object, name: str = name, real: object = real) -> object:
            work.append(name)
            return real(*arguments)  # type: ignore[operator]  # either of two functions

        monkeypatch.setattr(module, name, counted)
    return work


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The entry of a first opening, which takes a second."""
    pytest.importorskip("openvino")
    folder = tmp_path_factory.mktemp("compiled")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kept_graphs, "default_folder", lambda: folder)
        patch.setattr(openvino_cpu, "_threads", lambda: 2)
        open_engine(tiny_model("compact"), "cpu", "fp32", keeps=True)
    (entry,) = _entries_in(folder)
    return entry


@pytest.fixture
def kept(compiled: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache that was filled."""
    monkeypatch.setattr(openvino_cpu, "_threads", lambda: 2)
    kept_graphs.default_folder().mkdir()
    return Path(shutil.copy2(compiled, kept_graphs.default_folder()))


def test_graphs_come_back_as_they_were(tmp_path: Path) -> None:
    assert KeptGraphs(["a"], tmp_path).read() is None
    KeptGraphs(["a"], tmp_path).write(GRAPHS)
    assert KeptGraphs(["a"], tmp_path).read() == GRAPHS
    assert KeptGraphs(["b"], tmp_path).read() is None
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("damage", ["empty", "cut", "longer", "changed", "no header", "foreign"])
def test_a_damaged_entry_is_none_and_the_log_says_so(
    damage: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    entry = KeptGraphs(["a"], tmp_path)
    entry.write(GRAPHS)
    (path,) = tmp_path.iterdir()
    content = path.read_bytes()
    damaged = {
        "empty": b"",
        "cut": content[:-7],
        "longer": content + b"x",
        "changed": content[:-1] + b"x",
        "no header": content.partition(b"\n")[2],
        "foreign": b'{"sizes": 3}\n',
    }
    path.write_bytes(damaged[damage])
    assert entry.read() is None
    assert "are made again" in caplog.text
    assert not path.exists()


def test_a_folder_that_cannot_be_written_is_no_problem(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    entry = KeptGraphs(["a"], tmp_path / "file" / "folder")
    entry.write(GRAPHS)
    assert entry.read() is None


def test_a_writer_that_fails_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    KeptGraphs(["a"], tmp_path).write(GRAPHS)
    assert list(tmp_path.iterdir()) == []


def test_what_was_not_used_for_longest_goes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_graphs, "MOST_BYTES", 2500)
    entries = [KeptGraphs([name], tmp_path) for name in "abc"]
    abandoned, young = tmp_path / ".x.graphs.1.part", tmp_path / ".y.graphs.2.part"
    abandoned.touch()
    young.touch()
    for age_s, path in enumerate([young, abandoned]):
        os.utime(path, times=(0, time.time() - 5000 * age_s))
    for age_s, entry in zip((30, 20), entries, strict=False):
        entry.write([b"x" * 1000])
        newest = max(tmp_path.glob("*.graphs"), key=lambda path: path.stat().st_mtime)
        os.utime(newest, times=(0, time.time() - age_s))
    assert entries[0].read() is not None  # used last now
    entries[2].write([b"x" * 1000])
    assert [entry.read() is None for entry in entries] == [False, True, False]
    assert not abandoned.exists()
    assert young.exists()


def test_what_is_too_large_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("openvino")
    monkeypatch.setattr(kept_graphs, "MOST_BYTES", 100)
    KeptGraphs(["a"], tmp_path).write([b"x" * 101])
    assert list(tmp_path.iterdir()) == []
    assert kept_graphs.kept_for(tiny_model("compact")) is None


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_the_second_start_neither_traces_nor_checks_and_paints_the_same(
    precision: str, no_second_check: list[str]
) -> None:
    first = open_engine(tiny_model("compact"), "cpu", precision, lanes=2, keeps=True)
    assert {"export", "complaint"} == set(no_second_check)
    no_second_check.clear()
    again = open_engine(tiny_model("compact"), "cpu", precision, lanes=2, keeps=True)
    assert no_second_check == []
    assert again.description == first.description
    np.testing.assert_array_equal(_painted(again), _painted(first))
    with Lanes(again.lanes()) as lanes:
        for image in lanes.each(lambda engine, _: _painted(engine), range(6)):
            np.testing.assert_array_equal(image, _painted(first))


def test_nothing_is_kept_unasked(no_second_check: list[str]) -> None:
    for _ in range(2):
        open_engine(tiny_model("compact"), "cpu", "fp32")
        assert "complaint" in no_second_check
        no_second_check.clear()
    assert _entries() == []


@pytest.mark.parametrize("change", ["weights", "lanes", "precision", "program"])
def test_another_model_program_or_way_is_made_and_checked_anew(
    change: str, kept: Path, no_second_check: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    model, precision, lanes = tiny_model("compact"), "fp32", 1
    if change == "weights":
        with torch.no_grad():
            next(model.parameters()).view(-1)[0] += 1e-3
    elif change == "lanes":
        lanes = 2
    elif change == "precision":
        precision = "bf16"
    else:
        monkeypatch.setattr(kept_graphs, "_SHAPING", ("networks",))
    open_engine(model, "cpu", precision, lanes=lanes, keeps=True)
    assert {"export", "complaint"} <= set(no_second_check)
    assert len(set(_entries()) - {kept}) == 1


def test_what_fails_its_check_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("openvino")
    monkeypatch.setattr(choice, "EXACT", acceptance.Bound(-1.0))
    open_engine(tiny_model("compact"), "cpu", "fp32", backend="openvino", keeps=True)
    assert _entries() == []


def test_an_entry_that_openvino_refuses_is_made_again(
    kept: Path, no_second_check: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    first = open_engine(tiny_model("compact"), "cpu", "fp32", keeps=True)
    assert no_second_check == []
    KeptGraphs(["another"]).write([b"no graph", b"none", b"none"])
    (other,) = set(_entries()) - {kept}
    other.replace(kept)
    caplog.set_level(logging.WARNING)
    again = open_engine(tiny_model("compact"), "cpu", "fp32", keeps=True)
    assert "are made again" in caplog.text
    assert {"export", "complaint"} == set(no_second_check)
    assert again.description == first.description
    assert _entries() == [kept]

"""`avatarify bench` on a tiny model."""

import json
from functools import partial
from pathlib import Path

import pytest

from avatarify.animation.checkpoint import save_model
from avatarify.cli import PROBLEM, WRONG_USAGE, main
from avatarify.session.bench import machine, whole
from avatarify.session.bench.live_loop import Live
from tests.tiny_models import tiny_model

TRACKER_CHOICE = "avatarify.session.keeping.tracker_choice"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.safetensors"
    save_model(tiny_model("compact"), path, {})
    return path


@pytest.fixture
def started_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Starts are measured for real, once instead of several times."""
    monkeypatch.setattr(whole, "measure_start", partial(whole.measure_start, runs=1))


@pytest.fixture(autouse=True)
def limits_of_little_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine's own limits are measured for real, with small matrices."""
    monkeypatch.setattr(machine, "_MATRIX_SIDE", 512)
    monkeypatch.setattr(machine, "_COPIED_BYTES", 2**22)
    monkeypatch.setattr(machine, "_CONVOLUTION", (1, 64, 32, 32))


def _bench(*more: str) -> int:
    quick = ("--device", "cpu", "--seconds", "0.05", "--part", "engines", "--precision", "fp32")
    return main(["bench", *quick, *more])


def test_tables_name_every_back_end(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _bench("--model", str(model)) == 0
    said = capsys.readouterr().out
    assert "limits: matrix product" in said
    assert "## tiny" in said
    for backend in ("textbook", "reference", "torch", "openvino"):
        assert f"| {backend} |" in said


def test_json_is_json(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _bench("--model", str(model), "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["models"][0]["engines"][0]["backend"] == "textbook"
    assert found["machine"]["convolution_gflops"] > 0


def test_streams_have_a_table_of_their_own(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _bench("--model", str(model), "--part", "streams", "--streams", "2") == 0
    said = capsys.readouterr().out
    assert "| tiny | 2 | fp32 |" in said
    assert "## tiny" not in said


@pytest.mark.usefixtures("started_once")
def test_the_start_can_be_measured_alone(
    model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert _bench("--model", str(model), "--part", "start", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["whole"].keys() == {"start"}
    assert 0.0 < found["whole"]["start"]["imports_s"] < found["whole"]["start"]["first_frame_s"]


def test_the_whole_is_told_as_ratios(
    model: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    live = Live(30.0, 30.0, 50.0, 1.25, 640.0, (("track", 1.0),), "cuda (H)", "Fp32.")
    capacity = Live(25.0, 90.0, 95.0, 1.9, 700.0, (("track", 1.5),))
    monkeypatch.setattr(whole, "measure_start", lambda _: whole.Start(1.0, 2.0, None))
    monkeypatch.setattr(whole, "measure_live", lambda *_: live)
    monkeypatch.setattr(whole, "measure_capacity", lambda *_: capacity)
    monkeypatch.setattr(
        whole, "measure_batch", lambda *how: whole.Batch(300, 12.0 if len(how) > 2 else 9.0)
    )
    monkeypatch.setattr(f"{TRACKER_CHOICE}.has_tracker", lambda _: True)
    assert _bench("--model", str(model), "--part", "whole") == 0
    said = capsys.readouterr().out
    assert "start to first frame 2.0 s" in said
    assert "painted by cuda (H). Fp32." in said
    assert "at 30 fps: 30.0 fps, latency 30 ms, p95 50 ms (track 1.0 ms)" in said
    # 1.25 seconds of processor time a second, for 30 pictures.
    assert "processor 1.25 threads, 41.7 ms a picture; peak memory 640 MB" in said
    assert "live at capacity: 25.0 fps, 40.0 ms per frame (track 1.5 ms)" in said
    assert "animate: 300 frames in 9.0 s, 30.0 ms each, start included: 0.75 times" in said
    assert "animate, tracker on: 300 frames in 12.0 s, 40.0 ms each, start included: 1.00" in said


@pytest.mark.usefixtures("started_once")
def test_the_face_engine_is_the_default(
    model: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[tuple[str, object]] = []

    def measure(clip: Path, name: str, *more: object) -> Live:
        asked.append((name, more[-1]))
        return Live(30.0, 30.0, 50.0, 0.5, None, (("track", 1.0),))

    monkeypatch.setattr(whole, "measure_live", measure)
    monkeypatch.setattr(whole, "measure_capacity", measure)
    monkeypatch.setattr(whole, "measure_batch", lambda *_: whole.Batch(300, 9.0))
    monkeypatch.setattr(f"{TRACKER_CHOICE}.has_tracker", lambda _: True)
    assert _bench("--part", "whole", "--json", "--tracker", "own") == 0
    found = json.loads(capsys.readouterr().out)["whole"]
    assert asked == [("face", "own"), ("face", "own")]
    assert found.keys() == {"start", "live", "capacity", "animate_tracked"}
    assert 0.0 < found["start"]["imports_s"] < found["start"]["first_frame_s"]


def test_without_a_tracker_the_face_engine_only_starts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(whole, "measure_start", lambda _: whole.Start(1.0, 2.0, None))
    monkeypatch.setattr(f"{TRACKER_CHOICE}.has_tracker", lambda _: False)
    assert _bench("--part", "whole", "--model", "face") == 0
    assert "The face tracker is missing" in capsys.readouterr().out


def test_an_unknown_model_and_no_time_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert _bench("--model", "no-such-model") == PROBLEM
    assert "no-such-model" in capsys.readouterr().err
    assert main(["bench", "--seconds", "0"]) == WRONG_USAGE
    assert main(["bench", "--streams", "0"]) == WRONG_USAGE

"""Tables for people, JSON for programs."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from avatarify.training.evaluation.expression import TRAITS, Arrival
from avatarify.training.evaluation.mouth import MouthScores
from avatarify.training.evaluation.report import as_text, write_report
from avatarify.training.evaluation.scores import Evaluation, Scores, means


def scores(driver: str, method: str, akd: float | None, jaw: float | None) -> Scores:
    arrivals = {trait: Arrival(None, None) for trait in TRAITS}
    arrivals["jaw"] = Arrival(jaw, jaw)
    return Scores(driver, driver, method, 10, 0.5, arrivals, akd_px=akd)


TABLE = [
    scores("ann", "model", 1.0, 0.9),
    scores("ann", "do nothing", 5.0, 0.0),
    scores("bob", "model", 2.0, None),
    scores("bob", "do nothing", 7.0, 0.0),
]


def test_means_are_over_what_was_measured() -> None:
    model, nothing = means(TABLE)
    assert (model.method, model.akd_px, model.frames) == ("model", 1.5, 20)
    assert model.arrivals["jaw"] == (0.9, 0.9)
    assert model.arrivals["smile"] == (None, None)
    assert nothing.akd_px == 6.0
    assert model.psnr_db is None


def test_the_mouth_is_told_as_ratios() -> None:
    mouth = MouthScores(0.03, 0.06, 0.9, 0.8, 0.2, 0.3)
    line = replace(scores("ann", "model", 1.0, 0.9), mouth=mouth, lips_px=0.7, shapes=0.85)
    text = as_text(Evaluation("some.safetensors", [line, TABLE[1]]))
    told = [[cell.strip() for cell in row.split("|")[1:-1]] for row in text.splitlines()]
    assert ["ann", "ann", "model", "0.0300", "0.50", "0.90", "0.80", "1.50"] in told
    assert text.count("0.0300") == 2  # the line and the mean; the other has no mouth
    mean, _ = means([line, TABLE[1]])
    assert (mean.mouth, mean.lips_px, mean.shapes) == (mouth, 0.7, 0.85)


def test_faces_are_counted_by_frames() -> None:
    few = Scores("a", "a", "model", 1, 0.0, TABLE[0].arrivals)
    many = Scores("b", "b", "model", 9, 1.0, TABLE[0].arrivals)
    assert means([few, many])[0].face_found == pytest.approx(0.9)


def test_the_tables_are_markdown_with_equal_widths() -> None:
    text = as_text(Evaluation("some.safetensors", TABLE, [], ["x.mp4: no face"]))
    assert "## Self-reenactment" in text
    assert "## Cross-identity" not in text
    assert "- x.mp4: no face" in text
    rows = [line for line in text.splitlines() if line.startswith("| ann")]
    assert len({len(row) for row in rows[:2]}) == 1
    assert "| 1.00 " in rows[0]
    assert "0.90 / 0.90" in text


def test_the_report_is_read_back(tmp_path: Path) -> None:
    write_report(Evaluation("some.safetensors", TABLE), tmp_path)
    values = json.loads((tmp_path / "metrics.json").read_text())
    assert values["self"][0]["akd_px"] == 1.0
    assert values["self"][0]["mouth"]["teeth"] is None
    assert values["self_mean"][0]["arrivals"]["jaw"] == {"correlation": 0.9, "gain": 0.9}
    assert (tmp_path / "tables.md").read_text().startswith("# Evaluation of some.safetensors")

import argparse
import json
from pathlib import Path

import pytest

from avatarify.cli import doctor
from avatarify.session.checkup import doctor as examination
from avatarify.session.checkup.finding import Finding, Level


def ask(
    monkeypatch: pytest.MonkeyPatch,
    level: Level,
    *,
    as_json: bool = False,
    report: Path | None = None,
) -> int:
    finding = Finding("Camera", level, "seen", "do this")
    monkeypatch.setattr(examination, "examine", lambda: iter((finding,)))
    return doctor.run(argparse.Namespace(json=as_json, report=report))


def test_only_a_problem_makes_the_exit_code_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    codes = [ask(monkeypatch, level) for level in (Level.OK, Level.WARNING, Level.PROBLEM)]
    assert codes == [0, 0, 1]
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "ok       Camera: seen"
    assert lines[1].split() == ["->", "do", "this"]
    assert lines[-1] == "0 ok, 0 to look at, 1 problem."


def test_json_is_one_object(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ask(monkeypatch, Level.PROBLEM, as_json=True) == 1
    assert json.loads(capsys.readouterr().out)["findings"][0]["advice"] == "do this"


def test_a_report_is_written_besides(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    ask(monkeypatch, Level.OK, report=tmp_path / "report.txt")
    assert "ok       Camera: seen" in (tmp_path / "report.txt").read_text("utf-8")
    assert "Read it before you send it" in capsys.readouterr().err

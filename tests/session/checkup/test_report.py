"""The report for strangers."""

import logging
from pathlib import Path

import pytest

from avatarify.errors import OutputError
from avatarify.session.checkup.finding import Finding, Level
from avatarify.session.checkup.report import without_home, write_report
from avatarify.session.keeping.log_file import log_file


@pytest.mark.parametrize(
    ("text", "private"),
    [
        ("/home/anna/.config/avatarify", "~/.config/avatarify"),
        ("kept in /home/anna.", "kept in ~."),
        ("/home/annabel/x", "/home/annabel/x"),
        ("/media/anna/disk, /run/user/anna", "/media/USER/disk, /run/user/USER"),
        ("sudo chown -R $USER '/home/anna'", "sudo chown -R $USER '~'"),
        ("anna is a word here", "anna is a word here"),
    ],
)
def test_the_home_folder_has_no_name(text: str, private: str) -> None:
    assert without_home(text, Path("/home/anna")) == private


def test_a_root_without_a_home_changes_nothing() -> None:
    assert without_home("/etc/passwd", Path("/")) == "/etc/passwd"


def test_version_findings_and_log_are_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "anna"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    with log_file():
        logging.getLogger("avatarify").warning("Something odd happened.")
    findings = [
        Finding("Settings", Level.OK, f"kept in {home / '.config'}"),
        Finding("Camera", Level.PROBLEM, "none", "Plug one in."),
    ]
    path = tmp_path / "report.txt"
    write_report(path, findings)
    text = path.read_text("utf-8")
    assert text.startswith("avatarify ")
    assert "back ends: " in text
    assert "kept in ~" in text
    assert "-> Plug one in." in text
    assert "Something odd happened." in text
    assert "anna" not in text


def test_a_report_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="Choose another place"):
        write_report(tmp_path / "none" / "report.txt", [])

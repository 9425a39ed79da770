import json
from collections.abc import Iterator

from avatarify.session.checkup.doctor import CHECKS, examine, to_json
from avatarify.session.checkup.finding import Finding, Level


def break_down() -> Iterator[Finding]:
    raise OSError("odd machine")
    yield  # makes this a generator


def test_a_check_that_breaks_stops_nothing() -> None:
    findings = list(examine((break_down, lambda: iter((Finding("a", Level.OK, "fine"),)))))
    assert [finding.level for finding in findings] == [Level.WARNING, Level.OK]
    assert findings[0].subject == "Break down"
    assert "odd machine" in findings[0].text


def test_this_machine_is_examined_in_order() -> None:
    subjects = [finding.subject for finding in examine()]
    assert subjects[0] == "Python"
    assert subjects.index("Graphics card") < subjects.index("Model compact")
    for expected in ("Packages", "Face engine", "Face tracker", "Display", "Disk"):
        assert expected in subjects
    assert len(CHECKS) == 10


def test_the_report_can_be_read_by_programs() -> None:
    findings = (Finding("a", Level.OK, "fine"), Finding("b", Level.PROBLEM, "bad", "mend it"))
    content = json.loads(to_json(findings))
    assert content["worst"] == "problem"
    assert content["findings"][1] == {
        "subject": "b", "level": "problem", "text": "bad", "advice": "mend it",
    }  # fmt: skip

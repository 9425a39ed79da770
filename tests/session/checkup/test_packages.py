from avatarify.session.checkup.finding import Level
from avatarify.session.checkup.packages import (
    check_packages,
    check_python,
    judge_mediapipe,
    judge_opencv,
    judge_qt,
)


def test_this_python_is_new_enough() -> None:
    assert [finding.level for finding in check_python()] == [Level.OK]


def test_all_needed_packages_are_here() -> None:
    assert next(iter(check_packages())).level is Level.OK


def test_a_mediapipe_that_contacts_a_host_is_a_problem() -> None:
    assert list(judge_mediapipe("0.10.33")) == []
    assert list(judge_mediapipe(None)) == []
    for number in ("0.10.35", "1.2.2"):
        (finding,) = judge_mediapipe(number)
        assert finding.level is Level.PROBLEM
        assert "<0.10.34" in finding.advice


def test_two_versions_of_opencv_in_one_folder_are_told() -> None:
    assert list(judge_opencv(None, "5.0")) == []
    assert list(judge_opencv("5.0", "5.0")) == []
    (finding,) = judge_opencv("4.10", "5.0")
    assert finding.level is Level.WARNING


def test_the_qt_binding_that_crashes_is_a_problem() -> None:
    assert list(judge_qt("6.12.0", (3, 12))) == []
    assert list(judge_qt("6.11.3", (3, 11))) == []
    assert list(judge_qt(None, (3, 11))) == []
    (finding,) = judge_qt("6.12.0", (3, 11))
    assert finding.level is Level.PROBLEM

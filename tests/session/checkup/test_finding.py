import pytest

from avatarify.session.checkup.finding import Finding, Level, worst


def test_the_worst_level_counts() -> None:
    fine, odd = Finding("a", Level.OK, "x"), Finding("b", Level.WARNING, "y")
    broken = Finding("c", Level.PROBLEM, "z", "do this")
    assert worst(()) is Level.OK
    assert worst((fine, odd)) is Level.WARNING
    assert worst((broken, fine, odd)) is Level.PROBLEM


def test_a_problem_says_what_to_do() -> None:
    with pytest.raises(ValueError, match="needs advice"):
        Finding("a", Level.PROBLEM, "broken")

"""What the last pieces of work took says how long the next one takes."""

from avatarify.streaming.expected_time import REMEMBERED, ExpectedTime


def test_nothing_is_expected_before_the_first() -> None:
    expected = ExpectedTime()
    assert expected.at_least_s == expected.at_most_s == 0.0


def test_one_that_was_interrupted_does_not_count() -> None:
    expected = ExpectedTime()
    for seconds in (0.02, 0.02, 5.0, 0.02, 0.02):
        expected.add(seconds)
    assert expected.at_least_s == expected.at_most_s == 0.02


def test_quartiles_of_what_is_remembered() -> None:
    expected = ExpectedTime()
    for seconds in (9.0, 9.0, *range(1, REMEMBERED + 1)):  # the first two are forgotten
        expected.add(seconds)
    assert (expected.at_least_s, expected.at_most_s) == (3, 7)

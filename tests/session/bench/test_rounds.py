"""Taking turns, by a clock that the test moves."""

from avatarify.session.bench.rounds import median_ms, ratio, take_turns


class _Clock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s

    def passing(self, seconds: float) -> None:
        self.now_s += seconds


def test_everyone_works_once_per_round_after_a_warm_up() -> None:
    clock, order = _Clock(), []

    def work(name: str, seconds: float) -> None:
        order.append(name)
        clock.passing(seconds)

    works = {"slow": lambda: work("slow", 3.0), "fast": lambda: work("fast", 1.0)}
    times = take_turns(works, seconds=10.0, clock=clock)
    assert order == ["slow", "fast"] * 4  # one warm-up, and rounds begin at 0, 4 and 8 s
    assert times == {"slow": [3.0] * 3, "fast": [1.0] * 3}


def test_a_ratio_is_that_of_the_same_round() -> None:
    # In the second round the machine was three times as slow for both.
    assert ratio([4.0, 12.0, 4.0], [2.0, 6.0, 1.0]) == 2.0


def test_a_median_in_milliseconds() -> None:
    assert median_ms([0.001, 0.1, 0.002]) == 2.0

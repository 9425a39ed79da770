"""Taking turns: whatever else the machine does meanwhile, it does to all who are compared."""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence


def take_turns(
    works: Mapping[str, Callable[[], object]],
    seconds: float,
    least_rounds: int = 3,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, list[float]]:
    """Run every work once per round, round after round.

    Args:
        works: What is compared, by name. Each runs once before the clock starts.
        seconds: How long to go on.
        least_rounds: Rounds to run even if that takes longer.
        clock: Seconds; another one in tests.

    Returns:
        Seconds that each work took, in order of the rounds.
    """
    for work in works.values():
        work()
    times: dict[str, list[float]] = {name: [] for name in works}
    end = clock() + seconds
    rounds = 0
    while rounds < least_rounds or clock() < end:
        for name, work in works.items():
            start = clock()
            work()
            times[name].append(clock() - start)
        rounds += 1
    return times


def median_ms(times: Sequence[float]) -> float:
    """Return the median of seconds in milliseconds."""
    return 1e3 * statistics.median(times)


def ratio(slow: Sequence[float], fast: Sequence[float]) -> float:
    """Return how many times as fast the second is: the median of the rounds' own ratios.

    Args:
        slow: Seconds of each round.
        fast: Seconds of the same rounds.
    """
    return statistics.median(one / other for one, other in zip(slow, fast, strict=True))

"""A stage between two hand-overs."""

from threading import Event

import pytest

from avatarify.streaming.hand_over import LatestFrame
from avatarify.streaming.stage import Stage
from avatarify.streaming.worker import Worker


def test_results_are_handed_on_and_none_is_not() -> None:
    numbers: LatestFrame[int] = LatestFrame()
    words: LatestFrame[str] = LatestFrame()
    stage = Stage(numbers, lambda number: str(number) if number > 1 else None, words)
    numbers.put(2)
    numbers.close()
    stage(Event())
    assert words.take(0) == "2"

    numbers, words = LatestFrame(), LatestFrame()
    numbers.put(1)
    numbers.close()
    Stage(numbers, lambda number: str(number) if number > 1 else None, words)(Event())
    assert words.is_empty


def test_an_error_travels_through_the_stages_to_the_last_reader() -> None:
    numbers: LatestFrame[int] = LatestFrame()
    words: LatestFrame[str] = LatestFrame()
    worker = Worker("avatarify-stage", Stage(numbers, str, words), words.close)
    worker.start()
    numbers.close(RuntimeError("the camera thread broke"))
    with pytest.raises(RuntimeError, match="camera thread"):
        words.take(10)
    worker.join(10)


def test_commands_run_between_items_in_the_stages_thread() -> None:
    numbers: LatestFrame[int] = LatestFrame()
    words: LatestFrame[str] = LatestFrame()
    calls: list[int] = []
    stopping = Event()

    def between() -> None:
        calls.append(1)
        if len(calls) == 3:
            stopping.set()

    Stage(numbers, str, words, between)(stopping)
    assert len(calls) == 3


def test_a_stage_is_idle_only_when_nothing_waits_and_nothing_is_worked_on() -> None:
    numbers: LatestFrame[int] = LatestFrame()
    words: LatestFrame[str] = LatestFrame()
    seen: list[bool] = []
    stage: Stage[int, str]

    def work(number: int) -> str:
        seen.append(stage.is_idle)
        return str(number)

    stage = Stage(numbers, work, words)
    assert stage.is_idle
    numbers.put(1)
    assert not stage.is_idle
    numbers.close()
    stage(Event())
    assert seen == [False]
    assert stage.is_idle

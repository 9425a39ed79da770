"""One slot drops the old and counts; the queue never drops; both end with an error or an end."""

import threading

import pytest

from avatarify.streaming.hand_over import FrameQueue, LatestFrame, StreamEnded


def test_the_newest_item_replaces_the_one_nobody_took() -> None:
    slot: LatestFrame[int] = LatestFrame()
    for number in range(5):
        slot.put(number)
    assert slot.take(0) == 4
    assert slot.dropped == 4
    assert slot.take(0) is None


def test_taken_items_are_not_counted_as_dropped() -> None:
    slot: LatestFrame[int] = LatestFrame()
    for number in range(5):
        slot.put(number)
        assert slot.take() == number
    assert slot.dropped == 0


def test_a_reader_that_waits_is_woken() -> None:
    slot: LatestFrame[int] = LatestFrame()
    taken: list[int | None] = []
    reader = threading.Thread(target=lambda: taken.append(slot.take()))
    reader.start()
    slot.put(7)
    reader.join(10)
    assert taken == [7]


def test_what_is_left_is_taken_before_the_end() -> None:
    slot: LatestFrame[int] = LatestFrame()
    slot.put(1)
    slot.close()
    slot.put(2)
    assert slot.take() == 1
    with pytest.raises(StreamEnded):
        slot.take()


def test_the_writers_error_is_raised_in_the_reader() -> None:
    queue: FrameQueue[int] = FrameQueue(2)
    queue.close(RuntimeError("the writer broke"))
    queue.close()
    with pytest.raises(RuntimeError, match="the writer broke"):
        queue.take()


def test_a_queue_keeps_order_and_everything() -> None:
    queue: FrameQueue[int] = FrameQueue(2)

    def write() -> None:
        for number in range(100):
            queue.put(number)
        queue.close()

    writer = threading.Thread(target=write)
    writer.start()
    assert [queue.take() for _ in range(100)] == list(range(100))
    writer.join(10)
    with pytest.raises(StreamEnded):
        queue.take()


def test_a_full_queue_refuses_instead_of_dropping() -> None:
    queue: FrameQueue[int] = FrameQueue(2)
    assert queue.put(1)
    assert queue.put(2)
    assert not queue.put(3, timeout_s=0)
    assert queue.take() == 1


def test_closing_frees_a_writer_that_waits_for_room() -> None:
    queue: FrameQueue[int] = FrameQueue(1)
    queue.put(1)
    results: list[bool] = []
    writer = threading.Thread(target=lambda: results.append(queue.put(2)))
    writer.start()
    queue.close()
    writer.join(10)
    assert results == [False]


def test_clear_forgets_without_counting() -> None:
    slot: LatestFrame[int] = LatestFrame()
    slot.put(1)
    assert not slot.is_empty
    slot.clear()
    assert slot.is_empty
    assert slot.dropped == 0


def test_a_queue_needs_room() -> None:
    with pytest.raises(ValueError, match="at least one"):
        FrameQueue(0)


def test_a_slot_knows_when_a_newer_item_may_come() -> None:
    now_s = 5.0
    slot: LatestFrame[int] = LatestFrame(lambda: now_s)
    assert slot.newer_s < now_s
    for number in range(4):
        slot.put(number)
        now_s += 0.03
    assert slot.newer_s == pytest.approx(now_s)


def test_waiting_takes_nothing_and_ends_with_the_slot() -> None:
    slot: LatestFrame[int] = LatestFrame()
    assert not slot.wait(0.001)
    slot.put(1)
    assert slot.wait(0.001)
    assert slot.take(0) == 1
    slot.close()
    assert slot.wait(0.001)
    with pytest.raises(StreamEnded):
        slot.take(0)

"""A worker keeps what it raised and tells its end."""

import threading

import pytest

from avatarify.streaming.worker import Worker


def test_the_thread_has_its_name_and_stops_when_asked() -> None:
    names = []

    def work(stopping: threading.Event) -> None:
        names.append(threading.current_thread().name)
        stopping.wait(10)

    worker = Worker("avatarify-test", work)
    worker.start()
    worker.stop()
    assert worker.join(10)
    assert names == ["avatarify-test"]
    assert worker.error is None
    assert not worker.is_running


def test_an_error_is_kept_and_told() -> None:
    ends: list[BaseException | None] = []

    def work(stopping: threading.Event) -> None:
        raise RuntimeError("broken")

    worker = Worker("avatarify-test", work, ends.append)
    worker.start()
    worker.join(10)
    assert isinstance(worker.error, RuntimeError)
    assert ends == [worker.error]


def test_a_thread_that_does_not_end_is_left_behind(caplog: pytest.LogCaptureFixture) -> None:
    release = threading.Event()

    def work(stopping: threading.Event) -> None:
        release.wait(10)

    worker = Worker("avatarify-stuck", work)
    worker.start()
    assert not worker.join(0.01)
    assert "avatarify-stuck is still at work and is not waited for any longer" in caplog.text
    assert "device" not in caplog.text, "it may be slow, or start a model"
    release.set()
    assert worker.join(10)


def test_joining_a_worker_that_never_started_is_harmless() -> None:
    assert Worker("avatarify-test", lambda stopping: None).join()

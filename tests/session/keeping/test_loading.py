import gc
import sys
import threading

import pytest

from avatarify.session.keeping.loading import leave_out_of_collections, without_collections


@pytest.fixture(autouse=True)
def thawed() -> object:
    yield
    gc.unfreeze()
    gc.enable()


def test_nothing_is_collected_while_loading_and_what_was_loaded_is_left_alone_later() -> None:
    with without_collections():
        assert not gc.isenabled()
        loaded = [[index] for index in range(50_000)]
    assert gc.isenabled()
    assert gc.get_freeze_count() > len(loaded)


def test_a_collector_that_was_off_stays_off_and_a_failure_turns_it_on_again() -> None:
    gc.disable()
    with without_collections():
        pass
    assert not gc.isenabled()
    gc.enable()
    with pytest.raises(ValueError, match="broken"), without_collections():
        raise ValueError("broken")
    assert gc.isenabled()


def test_other_threads_may_build_what_they_like_meanwhile() -> None:
    # Such as `import openvino`, which once failed so: "bad argument to internal function".
    is_over, failures = threading.Event(), list[BaseException]()

    def build() -> None:
        try:
            while not is_over.is_set():
                tuple(number for number in range(37))
        except SystemError as error:
            failures.append(error)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    builder = threading.Thread(target=build)
    builder.start()
    try:
        for _ in range(60):
            leave_out_of_collections()
    finally:
        sys.setswitchinterval(interval)
        is_over.set()
        builder.join()
    assert not failures


def test_what_came_since_is_collected_unless_it_is_as_much_as_a_library() -> None:
    gc.freeze()
    frozen = gc.get_freeze_count()
    session = [[index] for index in range(1000)]
    leave_out_of_collections()
    assert gc.get_freeze_count() <= frozen
    library = [[index] for index in range(50_000)]
    leave_out_of_collections()
    assert gc.get_freeze_count() > frozen + len(library) + len(session) - 1000

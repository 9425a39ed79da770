import gc

import pytest

from avatarify.session.keeping.loading import without_collections


@pytest.fixture(autouse=True)
def thawed() -> object:
    yield
    gc.unfreeze()
    gc.enable()


def test_nothing_is_collected_while_loading_and_what_was_loaded_is_left_alone_later() -> None:
    with without_collections():
        assert not gc.isenabled()
        loaded = [[index] for index in range(1000)]
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

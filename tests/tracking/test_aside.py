import threading

import pytest

from avatarify.tracking.aside import Aside


def test_a_result_comes_once_and_only_when_the_job_has_ended() -> None:
    aside: Aside[int] = Aside("a job")
    may_end = threading.Event()
    aside.begin(lambda: 7 if may_end.wait(10) else 0)
    assert aside.is_busy
    assert aside.take() is None
    may_end.set()
    assert aside.take(wait=True) == 7
    assert not aside.is_busy
    assert aside.take(wait=True) is None
    aside.close()


def test_what_a_job_raises_comes_to_who_takes_its_result() -> None:
    aside: Aside[float] = Aside("a job")
    aside.begin(lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        aside.take(wait=True)
    aside.close()
    aside.close()

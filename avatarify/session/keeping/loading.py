"""Loading without Python's garbage collector, which would look through all that is loaded."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_MUCH = 20_000
"""Objects. Looking through so many takes about 5 ms."""


def leave_out_of_collections() -> None:
    """Keep what is there out of all later collections, if libraries came since the last time.

    What is left out is never collected again, though it may be garbage later: so what a session
    made, hundreds of objects that hold pictures and networks, must not be left out each time.
    """
    if _count() > _MUCH:
        gc.freeze()
        gc.collect()  # has nothing to look through, and tells Python so: else it hardly ever would


def _count() -> int:
    """Return how many objects a collection would look through.

    All in one step that no other thread can come between: one that is just building a tuple fails
    with a SystemError, anywhere in the program, while somebody holds a list of all objects.
    """
    return sum(map(len, map(gc.get_objects, range(3))))


@contextmanager
def without_collections() -> Iterator[None]:
    """Load libraries and a model, and then `leave_out_of_collections`.

    torch alone makes 250,000 objects that live as long as the program. Looking through them takes
    0.1 to 0.3 s while it is imported, and again 0.1 s, in which no frame is made, now and then.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        leave_out_of_collections()
        if was_on:
            gc.enable()

"""Loading without Python's garbage collector, which would look through all that is loaded."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_collections() -> Iterator[None]:
    """Load libraries and a model, and keep what is there then out of all later collections.

    torch alone makes 250,000 objects that live as long as the program. Looking through them takes
    0.1 to 0.3 s while it is imported, and again 0.1 s, in which no frame is made, now and then.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_on:
            gc.enable()

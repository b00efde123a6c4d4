"""Python's cycle collector switched off where many objects are made and none of them is a cycle."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_off() -> Iterator[None]:
    """Leave the collector off inside; as it was afterwards.

    It would look at every living object again and again, which costs most of the time there.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()

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
            _spare_the_young()
            gc.enable()


def _spare_the_young() -> None:
    """Count all that was made inside as old, or the collector would look at it at once.

    Not where something is frozen: it would thaw.
    """
    if gc.get_freeze_count() == 0:
        gc.freeze()
        gc.unfreeze()

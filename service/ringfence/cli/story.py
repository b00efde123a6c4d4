"""Steps told as they pass: what each did, how long it took, and the memory it took it to."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

from ringfence.cli.door import notes


@contextmanager
def told_step(title: str) -> Iterator[list[str]]:
    """Time one step and tell it with what the body appends to the list."""
    results: list[str] = []
    started = perf_counter()
    with notes.status(title):
        yield results
    took_s = perf_counter() - started
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    notes.print(
        f"  {title:<24}{took_s:6.1f} s {peak_mib:6,} MiB   {', '.join(results)}", highlight=False
    )

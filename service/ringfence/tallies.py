"""Counters and histograms that cost next to nothing to count in, told to Prometheus when it asks.

What the client library offers takes locks and walks all buckets: ten microseconds and more a
request, a tenth of a sign-up check. These are counted in by one thread, that of the event loop.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import accumulate

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector


class Tally(Collector):
    """How often something happened, by the values of its labels.

    Args:
        name: without `_total`.
        what: it counts.
        labels: names of them.
        registry: that tells it.
    """

    def __init__(
        self, name: str, what: str, labels: Sequence[str], *, registry: CollectorRegistry
    ) -> None:
        self._told = name, what, labels
        self._counts: defaultdict[tuple[str, ...], int] = defaultdict(int)
        registry.register(self)

    def add(self, key: tuple[str, ...]) -> None:
        """Count one more.

        Args:
            key: values of the labels, in their order.
        """
        self._counts[key] += 1

    def collect(self) -> Iterator[Metric]:
        """The counts of this moment."""
        name, what, labels = self._told
        family = CounterMetricFamily(name, what, labels=labels)
        for key, count in sorted(self._counts.items()):
            family.add_metric(key, count)
        yield family


class Timings(Collector):
    """How long something took, by the value of one label or of none.

    Args:
        name: in seconds.
        what: took so long.
        label: name of it, or None.
        buckets: upper bounds in seconds, rising; one without bound is added.
        registry: that tells it.
    """

    def __init__(
        self,
        name: str,
        what: str,
        label: str | None,
        buckets: Sequence[float],
        *,
        registry: CollectorRegistry,
    ) -> None:
        self._told = name, what, [label] if label else []
        self._bounds = [float(one) for one in buckets]
        self._counts: dict[str, list[int]] = {}
        self._sums: defaultdict[str, float] = defaultdict(float)
        registry.register(self)

    def add(self, seconds: float, value: str = "") -> None:
        """Count one that took so long.

        Args:
            seconds: that it took.
            value: of the label.
        """
        counts = self._counts.get(value)
        if counts is None:
            counts = self._counts[value] = [0] * (len(self._bounds) + 1)
        counts[bisect_left(self._bounds, seconds)] += 1
        self._sums[value] += seconds

    def collect(self) -> Iterator[Metric]:
        """The counts of this moment."""
        name, what, labels = self._told
        family = HistogramMetricFamily(name, what, labels=labels)
        bounds = [*(str(one) for one in self._bounds), "+Inf"]
        for value, counts in sorted(self._counts.items()):
            below = list(zip(bounds, accumulate(counts), strict=True))
            family.add_metric([value] if labels else [], below, self._sums[value])
        yield family

"""Our counters tell what those of the client library would."""

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

from ringfence.tallies import Tally, Timings

BUCKETS = (0.001, 0.01, 0.1, 1)
routes = st.sampled_from(["/graphql", "/v1/events", 'a "quoted"\nname'])
seconds = st.sampled_from([0.0, 0.001, 0.0010001, 0.5, 1.0, 30.0]) | st.floats(0, 5)


def lines(registry: CollectorRegistry) -> list[str]:
    """What is told, without the moments at which the library made its own."""
    told = generate_latest(registry).decode().splitlines()
    return sorted(line for line in told if "_created" not in line)


@given(st.lists(st.tuples(routes, seconds), max_size=30))
def test_times_are_told_as_the_client_library_tells_them(met: list[tuple[str, float]]) -> None:
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    timings = Timings("step_seconds", "Time.", "route", BUCKETS, registry=ours)
    histogram = Histogram("step_seconds", "Time.", ["route"], buckets=BUCKETS, registry=theirs)

    for route, took in met:
        timings.add(took, route)
        histogram.labels(route).observe(took)

    assert lines(ours) == lines(theirs)


@given(st.lists(st.tuples(routes, st.sampled_from(["200", "404"])), max_size=30))
def test_counts_are_told_as_the_client_library_tells_them(met: list[tuple[str, str]]) -> None:
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    tally = Tally("steps", "Steps.", ("route", "status"), registry=ours)
    counter = Counter("steps", "Steps.", ["route", "status"], registry=theirs)

    for key in met:
        tally.add(key)
        counter.labels(*key).inc()

    assert lines(ours) == lines(theirs)


def test_times_without_a_label_are_told_without_one() -> None:
    registry = CollectorRegistry()
    timings = Timings("step_seconds", "Time.", None, BUCKETS, registry=registry)

    timings.add(0.05)

    told = lines(registry)
    assert 'step_seconds_bucket{le="0.1"} 1.0' in told
    assert 'step_seconds_bucket{le="0.01"} 0.0' in told
    assert "step_seconds_sum 0.05" in told

"""The cycle collector, off and on again."""

import gc

import pytest

from ringfence.detection.collector import collector_off


def test_collector_is_off_inside_and_on_after_an_error() -> None:
    inside = []

    def fail() -> None:
        with collector_off():
            inside.append(gc.isenabled())
            raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        fail()

    assert inside == [False]
    assert gc.isenabled()


def test_collector_that_was_off_stays_off() -> None:
    gc.disable()
    try:
        with collector_off():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()

"""Baselines on a graph whose groups can be told by eye."""

import numpy as np
import pytest

from ringfence.detection.baselines import BASELINES
from ringfence.domain.assembling import graph_from_fold
from ringfence.domain.events import parse_event
from ringfence.domain.folding import fold_events
from ringfence.domain.graph import AccountGraph

RING = 20
ALONE = 40
EVERY_METHOD = pytest.mark.parametrize("name", BASELINES)


def sign_up(account: str, minute: int, device: str, address: str) -> bytes:
    return (
        f'{{"specversion":"1.0","id":"{account}","source":"/t","type":"account.signed_up",'
        f'"time":"2026-05-0{1 + minute // 1440}T{minute // 60 % 24:02d}:{minute % 60:02d}:00Z",'
        f'"subject":"{account}","data":{{"device_id":"{device}","ip":"{address}",'
        f'"email":"{account}@mail.example"}}}}'
    ).encode()


def graph(*, ring: int = RING, alone: int = ALONE) -> AccountGraph:
    lines = [
        sign_up(f"ring{at:02d}", at * 3, f"device{at % 3}", f"240.1.1.{at % 2}")
        for at in range(ring)
    ]
    lines += [
        sign_up(f"honest{at:02d}", at * 60, f"own{at}", f"241.{at}.7.9") for at in range(alone)
    ]
    events = [parse_event(line, now_ms=1_800_000_000_000) for line in lines]
    return graph_from_fold(fold_events(events))


@EVERY_METHOD
def test_honest_accounts_that_share_nothing_are_left_alone(name: str) -> None:
    it = graph()

    label = BASELINES[name].group_accounts(it, seed=7)

    assert label.shape == (RING + ALONE,)
    assert {it.accounts.ids[at] for at in np.flatnonzero(label >= 0)} <= {
        f"ring{at:02d}" for at in range(RING)
    }


@EVERY_METHOD
def test_same_seed_gives_the_same_groups(name: str) -> None:
    it = graph()

    one, again = (BASELINES[name].group_accounts(it, seed=7) for _ in range(2))

    assert one.tolist() == again.tolist()


@EVERY_METHOD
def test_graph_without_anything_shared_has_no_groups(name: str) -> None:
    label = BASELINES[name].group_accounts(graph(ring=0), seed=7)

    assert (label == -1).all()


@EVERY_METHOD
def test_empty_graph_is_no_error(name: str) -> None:
    assert BASELINES[name].group_accounts(graph(ring=0, alone=0), seed=7).shape == (0,)


@pytest.mark.parametrize("name", ["louvain", "shared_ip", "fraudar", "ianus"])
def test_ring_at_two_addresses_is_found(name: str) -> None:
    label = BASELINES[name].group_accounts(graph(), seed=7)

    assert (label >= 0).sum() >= RING / 2


def test_slow_methods_are_skipped_above_their_size() -> None:
    assert BASELINES["fraudar"].is_too_slow_for(10**7)
    assert not BASELINES["components"].is_too_slow_for(10**7)

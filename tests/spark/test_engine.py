import json
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import numpy as np
import pytest

from ringfence.detection import DetectionConfig, detect_rings, load_config
from ringfence.detection.links import SharedLinks, shared_links
from ringfence.domain.assembling import graph_from_fold
from ringfence.domain.events import Event, parse_event
from ringfence.domain.folding import fold_events, once_each
from ringfence.domain.graph import AccountGraph
from ringfence.domain.identifiers import IdentifierKey
from ringfence.domain.rings import Detection, KnownRing, Ring
from ringfence.worlds import build_world
from tests.spark.tables import write_tables
from tests.store.event_lists import NOW_MS

pytest.importorskip("pyspark", reason="the extra `spark` is not installed")

from ringfence.spark import SparkEngine
from ringfence.spark.engine import PrunedGraph

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]


def mail(value: str) -> dict[str, str]:
    return {"kind": "email", "value": value}


def phone(value: str) -> dict[str, str]:
    return {"kind": "phone", "value": value}


ODD_EVENTS: list[tuple[str, str, dict[str, Any]]] = [
    ("account.signed_up", "a", {"email": "One.Two+tag@gmail.com", "ip": "2001:db8::1"}),
    ("account.signed_up", "b", {"email": "onetwo@googlemail.com", "ip": "2001:db8::2"}),
    ("account.signed_up", "c", {"email": "alone@c.example", "ip": "2001:db8:1::1"}),
    ("account.signed_in", "c", {"ip": "2001:db8:1::2", "identifiers": [mail("alone@c.example")]}),
    ("account.signed_in", "d", {"identifiers": [mail("kept@d.example")]}),
    ("account.signed_up", "ä", {"email": "kept@d.example", "ip": "10.0.0.1"}),
    ("account.signed_in", "😀", {"identifiers": [phone("ß"), phone("z")]}),
    ("account.signed_in", "z", {"identifiers": [phone("ß")], "device_id": "d1"}),
    ("billing.instrument_attached", "a", {"instrument_id": "c1", "funding": "prepaid"}),
    ("billing.instrument_attached", "b", {"instrument_id": "c1"}),
    ("billing.instrument_attached", "c", {"instrument_id": "c2", "bin": "41"}),
    ("account.signed_in", "none", {}),
]
"""What the world does not have: mailboxes and networks in several spellings, other alphabets."""


def odd_events() -> list[Event]:
    events = []
    for at, (kind, account_id, data) in enumerate(ODD_EVENTS):
        event = {
            "specversion": "1.0",
            "id": str(at),
            "source": "/test",
            "type": kind,
            "subject": account_id,
            "time": f"2026-03-{at + 1:02}T00:00:00Z",
            "data": data,
        }
        events.append(parse_event(json.dumps(event), now_ms=NOW_MS))
    return events


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> AccountGraph:
    folder = tmp_path_factory.mktemp("world")
    build_world(folder, 2_500, seed=5)
    lines = (folder / "events.ndjson").read_bytes().splitlines()
    events = [parse_event(one, now_ms=NOW_MS) for one in lines]
    return graph_from_fold(fold_events(once_each(events)))


@pytest.fixture(scope="module")
def engine(spark: "SparkSession") -> SparkEngine:
    return SparkEngine(spark)


@pytest.fixture(scope="module")
def pruned(
    world: AccountGraph, engine: SparkEngine, tmp_path_factory: pytest.TempPathFactory
) -> PrunedGraph:
    return engine.read(write_tables(world, tmp_path_factory.mktemp("tables")))


@pytest.fixture(scope="module")
def config() -> DetectionConfig:
    """Cells are cut from ten vertices on, so that many of a small world go to the workers."""
    config = load_config(None)
    cells = config.cells.model_copy(update={"whole_vertices": 10})
    return config.model_copy(update={"cells": cells})


def known(at: int, ring: Ring) -> KnownRing:
    """The ring as an earlier run found it, under another id."""
    strengths = {member.account_id: member.strength for member in ring.members}
    return KnownRing(f"ring_{at}", f"op_{at}", strengths)


def assert_equal(ours: SharedLinks, theirs: SharedLinks) -> None:
    for column in fields(SharedLinks):
        one, other = getattr(ours, column.name), getattr(theirs, column.name)
        if isinstance(one, np.ndarray):
            assert one.dtype == other.dtype, column.name
            assert np.array_equal(one, other), column.name
        else:
            assert one == other, column.name


def jobs_of(spark: "SparkSession", find: Callable[[], Detection]) -> tuple[Detection, int]:
    """What was found, and how many jobs the workers did for it."""
    context, group = spark.sparkContext, str(uuid4())
    context.setJobGroup(group, "a test")
    found = find()
    return found, len(context.statusTracker().getJobIdsForGroup(group))


def test_workers_prune_the_links_of_a_world_as_one_machine_does(
    world: AccountGraph, pruned: PrunedGraph
) -> None:
    assert_equal(pruned.shared, shared_links(world))
    assert len(pruned.links) == len(world.links)
    assert pruned.accounts.ids == world.accounts.ids


def test_mailboxes_networks_and_other_alphabets_are_pruned_as_on_one_machine(
    engine: SparkEngine, tmp_path: Path
) -> None:
    graph = graph_from_fold(fold_events(odd_events()))

    pruned = engine.read(write_tables(graph, tmp_path))

    links = shared_links(graph)
    assert_equal(pruned.shared, links)
    assert links.keys == [
        IdentifierKey("email", "kept@d.example"),
        IdentifierKey("email", "onetwo@gmail.com"),
        IdentifierKey("ip", "2001:db8::/64"),
        IdentifierKey("payment_instrument", "c1"),
        IdentifierKey("phone", "ß"),
    ]


def test_rings_and_ids_are_those_of_one_machine(
    world: AccountGraph, engine: SparkEngine, pruned: PrunedGraph, config: DetectionConfig
) -> None:
    here = detect_rings(world, config)

    there = engine.detect(pruned, config)

    assert len(here.rings) >= 5
    assert there.rings == here.rings


def test_rings_are_the_same_where_components_are_found_on_the_workers(
    world: AccountGraph, spark: "SparkSession", pruned: PrunedGraph, config: DetectionConfig
) -> None:
    here = detect_rings(world, config)

    there, jobs = jobs_of(spark, lambda: SparkEngine(spark, driver_edges=0).detect(pruned, config))
    _, fewer_jobs = jobs_of(spark, lambda: SparkEngine(spark).detect(pruned, config))

    assert there.rings == here.rings
    assert jobs > fewer_jobs


def test_workers_judge_hubs_where_nothing_is_cut(
    engine: SparkEngine, spark: "SparkSession", pruned: PrunedGraph, config: DetectionConfig
) -> None:
    whole = config.cells.model_copy(update={"whole_vertices": 1000})
    unjudged = config.hubs.model_copy(update={"judged_from": 1000})
    cut_nothing = config.model_copy(update={"cells": whole})
    judge_nothing = cut_nothing.model_copy(update={"hubs": unjudged})

    _, jobs = jobs_of(spark, lambda: engine.detect(pruned, cut_nothing))
    _, none = jobs_of(spark, lambda: engine.detect(pruned, judge_nothing))

    assert jobs > none == 0


def test_known_rings_and_what_is_known_to_be_shared_are_respected(
    world: AccountGraph, engine: SparkEngine, pruned: PrunedGraph, config: DetectionConfig
) -> None:
    before = [known(at, one) for at, one in enumerate(detect_rings(world, config).rings)]
    discounts = {pruned.shared.keys[0]: 3}

    here = detect_rings(world, config, before, discounts=discounts)
    there = engine.detect(pruned, config, before, discounts=discounts)

    assert {ring.id for ring in here.rings} & {one.id for one in before}
    assert there.rings == here.rings


def test_empty_graph_has_no_rings(engine: SparkEngine, tmp_path: Path) -> None:
    graph = graph_from_fold(fold_events([]))

    pruned = engine.read(write_tables(graph, tmp_path))

    assert_equal(pruned.shared, shared_links(graph))
    assert engine.detect(pruned, load_config(None)).rings == ()


def test_order_of_files_and_rows_leaves_no_trace(
    world: AccountGraph, engine: SparkEngine, pruned: PrunedGraph, tmp_path: Path
) -> None:
    other = engine.read(write_tables(world, tmp_path, seed=2))

    assert other.fingerprint() == pruned.fingerprint()


def test_another_graph_has_another_fingerprint(pruned: PrunedGraph) -> None:
    later = replace(pruned.shared, last_seen_ms=pruned.shared.last_seen_ms + 1)

    assert replace(pruned, shared=later).fingerprint() != pruned.fingerprint()

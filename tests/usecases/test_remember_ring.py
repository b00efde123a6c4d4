"""Remembering rings that are taken down: what is kept, what is left out, and for how long."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Any, Final

import pytest
import structlog

from neo4j import GraphDatabase
from ringfence.domain.identifiers import IdentifierKey
from ringfence.domain.re_entry import Remembered, hash_of, key_id_of
from ringfence.domain.screenings import Likelihood, ReEntry
from ringfence.errors import InvalidInput, NotFound
from ringfence.screening.keys import telling_key
from ringfence.screening.re_entry import RememberedRings
from ringfence.settings import DEMO_API_KEY, Settings, require_identifier_secret
from ringfence.store import remembered as store
from ringfence.store.graph import Graph
from ringfence.store.remembered import forget_expired, load_remembered
from ringfence.usecases.remember_ring import remember_ring
from tests.api.small_graph import Writer
from tests.conftest import Neo4jServer

SECRET: Final = b"a secret of the tests"
DOWN: Final = datetime(2026, 5, 1, 12, tzinfo=UTC)
DOWN_MS: Final = 1_777_636_800_000
DEVICE = IdentifierKey("device", "dev_1")
CARD = IdentifierKey("payment_instrument", "card_1a2b3c")
ADDRESS = IdentifierKey("ip", "203.0.113.77")
CAMPUS = IdentifierKey("ip", "198.51.100.9")
PUBLIC = IdentifierKey("device", "stock fingerprint")
EMAIL = IdentifierKey("email", "maria.lang@gmail.com")
PROMO = IdentifierKey("promo_code", "SPRING")
BIRTH = IdentifierKey("birth_date", "1990-01-01")
OUTER = IdentifierKey("device", "dev_of_the_periphery")
HALF = IdentifierKey("phone", "+33612345678")
REMEMBERED = (DEVICE, CARD, ADDRESS, EMAIL, BIRTH, HALF)
LEFT_OUT = (CAMPUS, PUBLIC)


@pytest.fixture
async def writer(graph: Graph, neo4j_server: Neo4jServer) -> AsyncIterator[Writer]:
    """A ring of two core members and a peripheral one, among honest accounts."""
    assert graph
    with GraphDatabase.driver(
        neo4j_server.uri, auth=(neo4j_server.user, neo4j_server.password)
    ) as driver:
        writer = Writer(driver)
        draw_ring(writer)
        yield writer


def draw_ring(writer: Writer) -> None:
    honest = [f"honest_{number}" for number in range(9)]
    writer.accounts(
        {"id": "a", "email": "Maria.Lang@gmail.com"},
        *({"id": other} for other in ("b", "c", *honest)),
    )
    writer.links(*DEVICE, "a", "b")
    writer.links(*CARD, "a", "c", "honest_0")
    writer.links(*ADDRESS, "b")
    writer.links(*CAMPUS, "a", "b", "c", *honest)
    writer.links(*PUBLIC, "a", "b", "c")
    writer.links(*PROMO, "a", "b")
    writer.links(*BIRTH, "a")
    writer.links(*OUTER, "c")
    writer.links(*HALF, "a", "honest_1")
    writer.ring("ring_a", size=3, core_size=2)
    writer.members("ring_a", ("a", "core", 3.0), ("b", "core", 2.0), ("c", "peripheral", 1.0))
    writer.evidence(
        "ring_a",
        {"kind": "device", "value": "dev_1", "members": 2, "accounts": 2}
        | {"hub": "suspect", "weight": 3.0},
        {"kind": PUBLIC.kind, "value": PUBLIC.value, "members": 3, "accounts": 3}
        | {"hub": "public", "weight": 0.0},
    )


async def remember(graph: Graph, ring_id: str = "ring_a", *, at: datetime = DOWN) -> Remembered:
    return await remember_ring(graph, ring_id, secret=SECRET, at=at)


def kept(writer: Writer) -> list[dict[str, Any]]:
    found = writer.driver.execute_query(
        "MATCH (t:Tombstone) RETURN properties(t) AS kept ORDER BY t.hash"
    )
    return [record["kept"] for record in found.records]


def hashes(keys: tuple[IdentifierKey, ...]) -> set[str]:
    return {hash_of(SECRET, telling_key(key)).hex() for key in keys}


async def test_what_the_core_carries_is_remembered_but_what_others_share(
    graph: Graph, writer: Writer
) -> None:
    told = await remember(graph)

    assert told == Remembered("ring_a", 0, 6, 2, DOWN + timedelta(days=365))
    assert {one["hash"] for one in kept(writer)} == hashes(REMEMBERED)
    assert not hashes((*LEFT_OUT, PROMO, OUTER)) & {one["hash"] for one in kept(writer)}


async def test_no_clear_value_is_kept(graph: Graph, writer: Writer) -> None:
    with structlog.testing.capture_logs() as lines:
        await remember(graph)

    text = str(kept(writer)) + str(lines)
    assert [line["event"] for line in lines] == ["ring_remembered"]
    assert not [key for key in (*REMEMBERED, *LEFT_OUT) if key.value in text]
    assert "maria" not in text.lower()
    assert set(kept(writer)[0]) == {
        "ring_id",
        "hash",
        "kind",
        "strength",
        "generation",
        "remembered_at",
        "expires_at",
        "key_id",
    }
    assert {one["key_id"] for one in kept(writer)} == {key_id_of(SECRET)}


@pytest.mark.usefixtures("writer")
async def test_ring_is_known_again_by_what_it_left(graph: Graph) -> None:
    await remember(graph)

    known = RememberedRings(await load_remembered(graph, at=DOWN), SECRET)

    assert len(known) == 6
    assert known.match((DEVICE, CAMPUS), DOWN_MS) == ReEntry(
        "ring_a", Likelihood.LIKELY, 1, (DEVICE,)
    )
    assert known.match(LEFT_OUT, DOWN_MS) is None
    assert known.match((ADDRESS,), DOWN_MS) is None
    assert known.match((IdentifierKey("email", "marialang+2@gmail.com"),), DOWN_MS)


async def test_remembering_again_changes_nothing(graph: Graph, writer: Writer) -> None:
    first = await remember(graph)
    before = kept(writer)

    again = await remember(graph)

    assert again == first
    assert kept(writer) == before


async def test_later_takedown_counts_and_an_earlier_one_does_not(
    graph: Graph, writer: Writer
) -> None:
    await remember(graph)
    await remember(graph, at=DOWN + timedelta(days=30))
    after = kept(writer)

    await remember(graph, at=DOWN)

    assert kept(writer) == after
    (device,) = [one for one in after if one["kind"] == "device"]
    assert device["remembered_at"].to_native() == DOWN + timedelta(days=30)
    assert device["expires_at"].to_native() == DOWN + timedelta(days=210)


@pytest.mark.parametrize(
    ("kind", "days"),
    [("device", 180), ("payment_instrument", 365), ("ip", 7), ("birth_date", 90), ("email", 365)],
)
async def test_each_kind_has_its_lifetime(
    graph: Graph, writer: Writer, kind: str, days: int
) -> None:
    await remember(graph)

    (one,) = [one for one in kept(writer) if one["kind"] == kind]

    assert one["expires_at"].to_native() == DOWN + timedelta(days=days)


async def test_id_of_a_ring_that_merged_leads_to_the_one_that_lives(
    graph: Graph, writer: Writer
) -> None:
    writer.ring("ring_old")
    writer.run(
        "MATCH (o:Ring {id: 'ring_old'}), (r:Ring {id: 'ring_a'}) CREATE (o)-[:MERGED_INTO]->(r)"
    )

    told = await remember(graph, "ring_old")

    assert told.ring_id == "ring_a"
    assert {one["ring_id"] for one in kept(writer)} == {"ring_a"}


async def test_ring_that_returned_before_is_remembered_with_its_generation(
    graph: Graph, writer: Writer
) -> None:
    writer.run("MATCH (r:Ring {id: 'ring_a'}) SET r.generation = 2")

    told = await remember(graph)

    known = RememberedRings(await load_remembered(graph, at=DOWN), SECRET)
    found = known.match((DEVICE,), DOWN_MS)
    assert told.generation == 2
    assert found
    assert found.generation == 3


async def test_ring_that_is_not_known_is_refused(graph: Graph, writer: Writer) -> None:
    with pytest.raises(NotFound, match="No ring has the id nowhere"):
        await remember(graph, "nowhere")

    assert kept(writer) == []


async def test_addresses_of_one_network_are_one_identifier(graph: Graph, writer: Writer) -> None:
    writer.ring("ring_six")
    writer.accounts({"id": "x"}, {"id": "y"}, {"id": "z"})
    for host in range(1, 6):
        writer.links("ip", f"2001:db8::{host}", "x")
    writer.links("ip", "2001:db8::1:0", "y", "z")
    writer.members("ring_six", ("x", "core", 1.0), ("y", "core", 1.0))

    told = await remember(graph, "ring_six")

    assert (told.identifiers, told.left_out) == (1, 0)
    known = RememberedRings(await load_remembered(graph, at=DOWN), SECRET)
    assert len(known) == 1


@pytest.mark.usefixtures("writer")
async def test_expired_is_forgotten_in_batches_and_not_read(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "FORGET_BATCH", 2)
    await remember(graph)
    week, year = DOWN + timedelta(days=7), DOWN + timedelta(days=365)

    assert len(await load_remembered(graph, at=week - timedelta(milliseconds=1))) == 6
    assert len(await load_remembered(graph, at=week)) == 5
    assert await forget_expired(graph, at=week) == 1
    assert await forget_expired(graph, at=week) == 0
    assert len(await load_remembered(graph, at=DOWN)) == 5
    assert await forget_expired(graph, at=year) == 5
    assert len(await load_remembered(graph, at=DOWN)) == 0


@pytest.mark.usefixtures("writer")
async def test_members_are_read_page_by_page_without_a_gap(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "MEMBER_PAGE", 1)
    monkeypatch.setattr(store, "SAVE_BATCH", 2)

    assert (await remember(graph)).identifiers == 6


async def test_large_ring_is_remembered_within_seconds(graph: Graph, writer: Writer) -> None:
    members = 25_000
    writer.ring("ring_large")
    writer.run(
        "UNWIND range(0, $members - 1) AS n "
        "CREATE (a:Account {id: 'm' + n, email: 'm' + n + '@mailhub.example'}) "
        "MERGE (d:Device {id: 'd' + (n % 5000)}) "
        "MERGE (p:PaymentInstrument {id: 'p' + (n % 9000)}) "
        "MERGE (i:IpAddress {address: '10.0.' + (n % 200) + '.' + (n % 250)}) "
        "CREATE (a)-[:USED_DEVICE]->(d), (a)-[:PAID_WITH]->(p), (a)-[:SEEN_AT]->(i) "
        "WITH a MATCH (r:Ring {id: 'ring_large'}) CREATE (a)-[:MEMBER_OF {ring_id: r.id, "
        "account_id: a.id, role: 'core', strength: 1.0, rank: -1.0}]->(r)",
        members=members,
    )
    began = perf_counter()

    told = await remember(graph, "ring_large")

    assert perf_counter() - began < 30
    assert told.identifiers == members + 5_000 + 9_000 + 1_000
    assert len(await load_remembered(graph, at=DOWN)) == told.identifiers


async def test_two_that_remember_at_once_keep_each_identifier_once(
    graph: Graph, writer: Writer
) -> None:
    await asyncio.gather(*(remember(graph) for _ in range(4)))

    assert {one["hash"] for one in kept(writer)} == hashes(REMEMBERED)
    assert len(kept(writer)) == 6


SETTING: Final = "identifier_secret"


def settings(**given: str) -> Settings:
    return Settings.model_validate(given)


def test_secret_is_the_one_set_or_made_of_the_api_key() -> None:
    key = "an API key of the tests"
    own = require_identifier_secret(settings(**{SETTING: "sixteen or more, own"}, api_key=key))
    made = require_identifier_secret(settings(api_key=key))

    assert own == b"sixteen or more, own"
    assert made == require_identifier_secret(settings(**{SETTING: ""}, api_key=key))
    assert made != require_identifier_secret(settings(api_key="another API key of the tests"))
    assert (len(made), key.encode() in made) == (32, False)


def test_secret_that_is_short_or_has_nothing_to_be_made_of_is_refused() -> None:
    with pytest.raises(InvalidInput, match="RINGFENCE_IDENTIFIER_SECRET has 5 characters"):
        require_identifier_secret(settings(**{SETTING: "short"}))
    with pytest.raises(InvalidInput, match="RINGFENCE_API_KEY"):
        require_identifier_secret(settings(api_key=DEMO_API_KEY))
    assert len(require_identifier_secret(settings(), demo=True)) == 32

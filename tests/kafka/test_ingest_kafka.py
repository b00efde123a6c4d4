import asyncio
import json
import signal
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio
from confluent_kafka import Consumer, TopicPartition

from ringfence.kafka import EventConsumer
from ringfence.kafka.properties import Properties
from ringfence.store.graph import Graph
from ringfence.store.ledger import begin_ledger
from ringfence.usecases.ingest import LoadTally, ingest
from ringfence.usecases.ingest_kafka import ingest_kafka
from ringfence.usecases.migrate import migrate
from tests.api.line import line_to
from tests.conftest import Neo4jServer, clear
from tests.kafka.broker import Broker
from tests.scale.many_events import write_events
from tests.usecases.test_ingest import exported, line
from tests.usecases.test_ingest_command import run, start

ACCOUNTS = 600
# Those who fall are missed after a second and a half, not after 45.
QUICK = {"session.timeout.ms": "1500", "heartbeat.interval.ms": "300"}
# Windows of some hundred events: most are still to come when the first are in the graph.
LITTLE = {"fetch.message.max.bytes": "20000", "queued.max.messages.kbytes": "40"}

pytestmark = pytest.mark.timeout(240)


@pytest.fixture
def quick(tmp_path: Path) -> Path:
    return write_properties(tmp_path / "quick.properties", QUICK)


@pytest.fixture
def little(tmp_path: Path) -> Path:
    return write_properties(tmp_path / "little.properties", QUICK | LITTLE)


def write_properties(path: Path, properties: Properties) -> Path:
    path.write_text("".join(f"{name}={value}\n" for name, value in properties.items()))
    return path


@pytest.fixture(scope="module")
def events_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("events") / "events.ndjson"
    write_events(path, accounts=ACCOUNTS)
    return path


@pytest.fixture(scope="module")
def values(events_file: Path) -> list[bytes]:
    return events_file.read_bytes().splitlines()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def plainly(open_graph: Graph, events_file: Path) -> bytes:
    """The graph as a plain load of the same events leaves it."""
    await clear(open_graph)
    await migrate(open_graph)
    await ingest(open_graph, [events_file])
    return await exported(open_graph)


async def accounts_in(graph: Graph) -> int:
    return int((await graph.read("graph/count"))[0]["accounts"])


async def until(done: Callable[[], Awaitable[bool]]) -> None:
    """Wait for what another process does."""
    while not await done():  # noqa: ASYNC110 - it sets no event here
        await asyncio.sleep(0.05)


async def until_accounts(graph: Graph, least: int) -> None:
    async def there() -> bool:
        return await accounts_in(graph) >= least

    await until(there)


async def until_read(broker: Broker, topic: str) -> None:
    async def none_left() -> bool:
        return await asyncio.to_thread(left_in, broker, topic) == 0

    await until(none_left)


def arguments(broker: Broker, topic: str, quick: Path, *more: str | Path) -> tuple[str | Path, ...]:
    where = ("ingest", "--kafka", broker.servers, "--topic", topic)
    return (*where, "--kafka-config", quick, "--json", *more)


@asynccontextmanager
async def loading(
    server: Neo4jServer, *arguments: str | Path
) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await start(server, *arguments)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


def left_in(broker: Broker, topic: str) -> int:
    """Messages that the group has not put behind it."""
    consumer = Consumer({"bootstrap.servers": broker.servers, "group.id": "ringfence"})
    found = consumer.list_topics(topic, timeout=10).topics[topic].partitions
    places = consumer.committed([TopicPartition(topic, at) for at in found], timeout=10)
    left = 0
    for place in places:
        _, end = consumer.get_watermark_offsets(place, timeout=10)
        left += end - max(place.offset, 0)
    consumer.close()
    return left


async def test_topic_loads_as_a_file_does_and_is_read_once(
    graph: Graph,
    neo4j_server: Neo4jServer,
    broker: Broker,
    topic: str,
    quick: Path,
    plainly: bytes,
    values: list[bytes],
) -> None:
    broker.publish(topic, values)

    first = await run(neo4j_server, *arguments(broker, topic, quick, "--idle-s", "2"))
    again = await run(neo4j_server, *arguments(broker, topic, quick, "--idle-s", "2"))

    assert (first.code, again.code) == (0, 0)
    assert json.loads(first.out)["loaded"] == len(values)
    assert json.loads(again.out)["read"] == 0
    assert await exported(graph) == plainly


async def test_window_of_many_batches_is_written_by_two_and_counts_each_event_once(
    graph: Graph,
    broker: Broker,
    topic: str,
    plainly: bytes,
    values: list[bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ringfence.usecases.ingest.BATCH_ACCOUNTS", 50)
    broker.publish(topic, [*values, *values[:100]])

    tally = await load_here(graph, broker, topic)

    assert await exported(graph) == plainly
    assert (tally.read, tally.loaded, tally.duplicates) == (len(values) + 100, len(values), 100)
    assert left_in(broker, topic) == 0


@pytest.mark.slow
async def test_only_the_batches_that_neo4j_did_not_keep_are_written_again(
    graph: Graph,
    neo4j_server: Neo4jServer,
    broker: Broker,
    topic: str,
    plainly: bytes,
    values: list[bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ringfence.usecases.ingest.BATCH_ACCOUNTS", 10)
    broker.publish(topic, values)

    with line_to(neo4j_server.uri) as cable:
        address = (cable.uri, neo4j_server.user, neo4j_server.password)
        async with Graph.connect(*address, retry_time_s=0.1) as behind:
            loading = asyncio.create_task(load_here(behind, broker, topic))
            await until_accounts(graph, ACCOUNTS // 4)
            cable.cut()
            await asyncio.sleep(0.5)
            when_cut = await accounts_in(graph)
            cable.mend()
            tally = await loading

    assert when_cut < ACCOUNTS
    assert await exported(graph) == plainly
    # A commit whose answer was lost may have been kept: one a writer.
    assert tally.duplicates <= most_events(values, accounts=2 * 10)
    assert tally.loaded + tally.duplicates == tally.read == len(values)


async def load_here(graph: Graph, broker: Broker, topic: str) -> LoadTally:
    """Be a member in this process, until a second has passed without an event."""
    with EventConsumer(broker.servers, topic=topic, group="ringfence", properties=QUICK) as member:
        return await ingest_kafka(graph, member, stop=asyncio.Event(), idle_s=1)


def most_events(values: list[bytes], *, accounts: int) -> int:
    """Events of so many accounts at the most."""
    events = Counter(json.loads(value)["subject"] for value in values)
    return sum(count for _, count in events.most_common(accounts))


async def test_what_a_member_loads_is_told_to_prometheus(
    graph: Graph,
    neo4j_server: Neo4jServer,
    broker: Broker,
    topic: str,
    quick: Path,
    values: list[bytes],
) -> None:
    broker.publish(topic, [*values[:300], b"{}"])
    more = ("--idle-s", "2", "--metrics-port", "0")

    async with loading(neo4j_server, *arguments(broker, topic, quick, *more)) as member:
        await until_accounts(graph, 1)
        await until_read(broker, topic)
        assert member.stderr
        told = b""
        while b"/metrics" not in told:
            told = await member.stderr.readline()
        async with httpx.AsyncClient() as client:
            answer = await client.get(told.split()[-1].decode())

    figures = dict(line.rsplit(" ", 1) for line in answer.text.splitlines() if line[0] != "#")
    assert float(figures['ringfence_events_total{outcome="loaded"}']) == 300
    assert float(figures['ringfence_events_total{outcome="rejected"}']) == 1
    assert float(figures["ringfence_kafka_lag_messages"]) == 0


async def test_rejected_events_go_to_a_topic_as_they_came_with_the_reason(
    graph: Graph, neo4j_server: Neo4jServer, broker: Broker, topic: str, quick: Path
) -> None:
    dead = f"{topic}-dead"
    broker.create_topic(dead, partitions=1)
    bad = line("2", subject="")
    broker.publish(topic, [line("1"), bad])

    done = await run(
        neo4j_server,
        *arguments(broker, topic, quick, "--idle-s", "2", "--dead-letters", dead),
    )

    consumer = Consumer(
        {"bootstrap.servers": broker.servers, "group.id": "t", "auto.offset.reset": "earliest"}
    )
    consumer.subscribe([dead])
    (letter,) = consumer.consume(1, 20)
    consumer.close()
    assert done.code == 3
    assert json.loads(done.out)["loaded"] == 1
    assert letter.value() == bad
    assert dict(letter.headers() or ()) == {
        "ringfence-topic": topic.encode(),
        "ringfence-partition": b"1",
        "ringfence-offset": b"0",
        "ringfence-field": b"subject",
        "ringfence-reason": b"Expected `str` of length >= 1",
    }
    assert left_in(broker, topic) == 0


@pytest.mark.slow
async def test_rejected_events_stay_in_the_topic_while_nothing_takes_them(
    graph: Graph, neo4j_server: Neo4jServer, broker: Broker, quick: Path
) -> None:
    topic = f"events-{uuid4().hex[:8]}"
    broker.create_topic(topic, partitions=1)
    broker.publish(topic, [line("1"), b"no event"])

    async with loading(
        neo4j_server, *arguments(broker, topic, quick, "--dead-letters", "no-such-topic")
    ) as process:
        await until_accounts(graph, 1)
        await asyncio.sleep(2)
        process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.wait(), 60)

    assert process.returncode == 3
    assert left_in(broker, topic) == 2


async def test_event_before_the_ledger_begins_is_rejected(
    graph: Graph, neo4j_server: Neo4jServer, broker: Broker, topic: str, quick: Path, tmp_path: Path
) -> None:
    now = datetime.now(UTC)
    await begin_ledger(graph, now - timedelta(days=1), at=now)
    broker.publish(topic, [line("1"), line("2", time=now.isoformat())])

    done = await run(
        neo4j_server,
        *arguments(broker, topic, quick, "--idle-s", "2", "--rejects", tmp_path / "rejects"),
    )

    assert done.code == 3
    assert json.loads(done.out)["loaded"] == 1
    (reject,) = map(json.loads, (tmp_path / "rejects").read_text().splitlines())
    assert reject["field"] == "time"
    assert reject["reason"].endswith(", where the ledger begins")


async def test_rejects_file_is_added_to(
    graph: Graph, neo4j_server: Neo4jServer, broker: Broker, topic: str, quick: Path, tmp_path: Path
) -> None:
    rejects = tmp_path / "rejects.ndjson"
    rejects.write_text('{"file":"before"}\n')
    broker.publish(topic, [line("1", data={"ip": "nowhere"})])

    done = await run(
        neo4j_server,
        *arguments(broker, topic, quick, "--idle-s", "2", "--rejects", rejects),
    )

    assert done.code == 3
    assert [json.loads(one) for one in rejects.read_text().splitlines()] == [
        {"file": "before"},
        {
            "file": f"{topic}/0",
            "line": 0,
            "field": "data.ip",
            "reason": "expected an IPv4 or IPv6 address",
        },
    ]


async def test_member_that_is_killed_leaves_nothing_undone_and_nothing_doubled(
    graph: Graph,
    neo4j_server: Neo4jServer,
    broker: Broker,
    topic: str,
    little: Path,
    plainly: bytes,
    values: list[bytes],
) -> None:
    broker.publish(topic, values)
    command = arguments(broker, topic, little)

    async with loading(neo4j_server, *command) as doomed:
        await until_accounts(graph, 1)
        doomed.kill()
    half = await exported(graph)
    left = left_in(broker, topic)
    done = await run(neo4j_server, *command, "--idle-s", "2")

    assert half != plainly
    assert left > 0
    assert done.code == 0
    assert await exported(graph) == plainly
    assert left_in(broker, topic) == 0


@pytest.mark.slow
async def test_broker_that_is_killed_is_waited_for(
    graph: Graph,
    neo4j_server: Neo4jServer,
    broker: Broker,
    topic: str,
    quick: Path,
    plainly: bytes,
    values: list[bytes],
) -> None:
    broker.publish(topic, values[: len(values) // 2])

    async with loading(neo4j_server, *arguments(broker, topic, quick)) as process:
        await until_accounts(graph, 1)
        broker.kill()
        await asyncio.sleep(1)
        broker.start()
        broker.publish(topic, values[len(values) // 2 :])
        await until_read(broker, topic)
        process.send_signal(signal.SIGTERM)
        out, _ = await process.communicate()

    assert process.returncode == 0
    assert json.loads(out)["loaded"] == len(values)
    assert await exported(graph) == plainly


@pytest.mark.slow
async def test_neo4j_that_is_away_is_waited_for_without_losing_the_place(
    graph: Graph,
    neo4j_server: Neo4jServer,
    broker: Broker,
    topic: str,
    quick: Path,
    plainly: bytes,
    values: list[bytes],
) -> None:
    with line_to(neo4j_server.uri) as cable:
        behind = Neo4jServer(cable.uri, neo4j_server.user, neo4j_server.password)
        async with loading(behind, *arguments(broker, topic, quick)) as process:
            broker.publish(topic, values[:100])
            await until_read(broker, topic)
            cable.cut()
            broker.publish(topic, values[100:])
            await asyncio.sleep(5)
            while_away = left_in(broker, topic)
            cable.mend()
            await until_read(broker, topic)
            process.send_signal(signal.SIGTERM)
            out, _ = await process.communicate()

    assert while_away == len(values) - 100
    assert process.returncode == 0
    assert json.loads(out)["loaded"] == len(values)
    assert await exported(graph) == plainly


@pytest.mark.slow
async def test_members_that_come_and_go_share_the_work(
    graph: Graph,
    neo4j_server: Neo4jServer,
    broker: Broker,
    topic: str,
    little: Path,
    plainly: bytes,
    values: list[bytes],
) -> None:
    broker.publish(topic, values)
    command = arguments(broker, topic, little)

    async with loading(neo4j_server, *command) as first, loading(neo4j_server, *command) as second:
        await until_accounts(graph, ACCOUNTS // 3)
        first.send_signal(signal.SIGTERM)
        await first.communicate()
        await until_read(broker, topic)
        second.send_signal(signal.SIGTERM)
        await second.communicate()

    assert (first.returncode, second.returncode) == (0, 0)
    assert await exported(graph) == plainly


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("--kafka", "{servers}"), 2, "--kafka needs --topic"),
        (("--kafka", "{servers}", "--topic", "no-such-topic"), 2, "no-such-topic cannot be read"),
        (("--topic", "t"), 2, "Expected files of events or --kafka"),
    ],
)
async def test_source_that_is_none_is_refused(
    graph: Graph,
    neo4j_server: Neo4jServer,
    broker: Broker,
    words: tuple[str, ...],
    code: int,
    told: str,
) -> None:
    done = await run(
        neo4j_server, "ingest", *(word.format(servers=broker.servers) for word in words)
    )

    assert done.code == code
    assert told in " ".join(done.err.split())


@pytest.mark.slow
async def test_broker_that_never_answers_is_told_at_the_start(
    graph: Graph, neo4j_server: Neo4jServer
) -> None:
    done = await run(neo4j_server, "ingest", "--kafka", "127.0.0.1:9", "--topic", "t")

    assert done.code == 1
    assert "No broker of Kafka answers at 127.0.0.1:9" in " ".join(done.err.split())

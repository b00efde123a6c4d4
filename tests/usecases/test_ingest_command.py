import asyncio
import gzip
import json
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from ringfence.store.graph import Graph
from tests.conftest import Neo4jServer
from tests.scale.many_events import write_events
from tests.usecases.test_ingest import exported, line


class Done(NamedTuple):
    code: int | None
    out: str
    err: str


async def start(server: Neo4jServer, *arguments: str | Path) -> asyncio.subprocess.Process:
    connection = {
        "RINGFENCE_NEO4J_URI": server.uri,
        "RINGFENCE_NEO4J_USER": server.user,
        "RINGFENCE_NEO4J_PASSWORD": server.password,
    }
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "ringfence", *map(str, arguments)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=os.environ | connection,
    )


async def run(server: Neo4jServer, *arguments: str | Path, stdin: bytes = b"") -> Done:
    process = await start(server, *arguments)
    out, err = await process.communicate(stdin)
    return Done(process.returncode, out.decode(), err.decode())


async def test_packed_standard_input_is_loaded_and_counted(
    graph: Graph, neo4j_server: Neo4jServer
) -> None:
    packed = gzip.compress(line("1") + line("2") + line("2"))

    done = await run(neo4j_server, "ingest", "-", "--json", stdin=packed)

    told = json.loads(done.out)
    assert done.code == 0
    assert told.pop("took_s") > 0
    assert told.pop("events_per_s") > 0
    assert told == {"read": 3, "loaded": 2, "duplicates": 1, "rejected": 0}


async def test_rejects_go_to_their_file_and_the_exit_code_tells(
    graph: Graph, neo4j_server: Neo4jServer, tmp_path: Path
) -> None:
    events, rejects = tmp_path / "events.ndjson", tmp_path / "rejects.ndjson"
    events.write_bytes(line("1") + line("2", subject="") + line("3", data={"ip": "nowhere"}))

    done = await run(neo4j_server, "ingest", events, "--rejects", rejects)

    assert done.code == 3
    assert done.out.startswith("1 loaded, 0 known already, 2 rejected in ")
    assert [json.loads(one) for one in rejects.read_text().splitlines()] == [
        {
            "file": str(events),
            "line": 2,
            "field": "subject",
            "reason": "Expected `str` of length >= 1",
        },
        {
            "file": str(events),
            "line": 3,
            "field": "data.ip",
            "reason": "expected an IPv4 or IPv6 address",
        },
    ]


async def test_without_a_rejects_file_the_first_five_are_shown(
    graph: Graph, neo4j_server: Neo4jServer, tmp_path: Path
) -> None:
    events = tmp_path / "events.ndjson"
    events.write_bytes(line("1", id="") * 7)

    done = await run(neo4j_server, "ingest", events)

    shown = [one for one in done.err.splitlines() if one.startswith("Rejected ")]
    assert done.code == 3
    assert len(shown) == 5
    assert shown[4].endswith("line 5: id: Expected `str` of length >= 1")
    assert "2 more rejected" in done.err


async def test_missing_file_is_wrong_usage(neo4j_server: Neo4jServer, tmp_path: Path) -> None:
    done = await run(neo4j_server, "ingest", tmp_path / "none.ndjson")

    assert done.code == 2
    assert "There is no file" in done.err


async def test_refused_log_in_is_a_failure(neo4j_server: Neo4jServer, tmp_path: Path) -> None:
    events = tmp_path / "events.ndjson"
    events.write_bytes(line("1"))

    done = await run(replace(neo4j_server, password="wrong"), "ingest", events)  # noqa: S106

    assert done.code == 1
    assert "Not permitted: Neo4j refused the log-in" in done.err


async def test_interrupted_load_says_what_is_stored_and_can_be_completed(
    graph: Graph, neo4j_server: Neo4jServer, tmp_path: Path
) -> None:
    events = tmp_path / "events.ndjson"
    total = write_events(events, accounts=4_000)
    process = await start(neo4j_server, "ingest", events)
    while (await graph.read("graph/count"))[0]["accounts"] == 0:
        assert process.returncode is None
        await asyncio.sleep(0.02)

    process.send_signal(signal.SIGINT)
    _, err = await process.communicate()
    interrupted = await exported(graph)
    done = await run(neo4j_server, "ingest", events, "--json")

    assert process.returncode == 130
    assert "Interrupted: " in err.decode()
    told = json.loads(done.out)
    keys = [
        json.loads(one).get("account", {}).get("event_keys", []) for one in interrupted.splitlines()
    ]
    stored = sum(map(len, keys))
    assert 0 < stored < total
    assert told["duplicates"] == stored
    assert told["loaded"] == total - stored


async def test_migrate_tells_what_it_applied(graph: Graph, neo4j_server: Neo4jServer) -> None:
    done = await run(neo4j_server, "migrate", "--json")

    assert (done.code, json.loads(done.out)) == (0, {"applied": []})


async def test_addresses_are_counted(
    graph: Graph, neo4j_server: Neo4jServer, tmp_path: Path
) -> None:
    feed = tmp_path / "feed.csv"
    feed.write_text("address,class,source,seen_on\n10.0.0.1,proxy,feed,2026-05-01\n")

    done = await run(neo4j_server, "addresses", feed)

    assert (done.code, done.out) == (0, "1 address\n")

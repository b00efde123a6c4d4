"""A backup brings back the same graph, overwrites nothing, and undoes no erasure."""

import asyncio
import os
import stat
import subprocess
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeVar

import orjson
import pytest

from ringfence import neo4j
from ringfence.domain.erasure import account_hash
from ringfence.domain.identifiers import IdentifierKey
from ringfence.domain.legal_holds import HoldSubject
from ringfence.domain.re_entry import hash_of, key_id_of
from ringfence.domain.screening_log import LoggedScreening
from ringfence.errors import Conflict, InvalidInput
from ringfence.screening.journal import Journal
from ringfence.store.erased_list import ErasedAccount
from ringfence.store.graph import Graph
from ringfence.store.loading import save_events
from ringfence.store.screenings import save_screenings
from ringfence.usecases import backup as usecase
from ringfence.usecases.audit import AuditVerdict, read_log, verify
from ringfence.usecases.backup import Places, back_up, restore
from ringfence.usecases.backup_manifest import MANIFEST, describe, read_manifest, write_manifest
from ringfence.usecases.erase_account import erase_account
from ringfence.usecases.erased_list import erase_again, read_erased, write_erased
from ringfence.usecases.legal_holds import place_hold
from ringfence.usecases.migrate import migrate
from tests.detection.drawing import Drawing
from tests.store.drawn_screenings import screening
from tests.store.test_loading import exported

SECRET: Final = b"a secret of the tests"
WORDS: Final = SECRET.decode()
AT: Final = datetime(2026, 5, 3, tzinfo=UTC)
Answer = TypeVar("Answer")


def world() -> Drawing:
    drawn = Drawing()
    for number in range(30):
        drawn.sign_up(f"acct_{number}", device=f"dev_{number // 3}")
    return drawn


def with_graph(places: Places, work: Callable[[Graph], Awaitable[Answer]]) -> Answer:
    """What some work over the graph of a home gives; its server ends with it."""

    async def connected(server: neo4j.RunningNeo4j) -> Answer:
        async with Graph.connect(server.uri, server.user, server.password) as graph:
            await migrate(graph)
            return await work(graph)

    with neo4j.start(places.home, places.cache, bound=True) as server:
        return asyncio.run(connected(server))


def run_restore(places: Places, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`ringfence restore`, in a process of its own, into these places."""
    told = {
        "HOME": str(places.home),
        "CACHE": str(places.cache),
        "SCREENING_FOLDER": str(places.screening),
        "IDENTIFIER_SECRET": WORDS,
    }
    clean = {name: value for name, value in os.environ.items() if not name.startswith("RINGFENCE")}
    return subprocess.run(
        [sys.executable, "-m", "ringfence", "restore", *arguments],
        env=clean | {f"RINGFENCE_{name}": value for name, value in told.items()},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.timeout(900)  # three starts of Neo4j and two of its tool, on a busy machine too
def test_backup_restored_elsewhere_is_the_same_graph_and_who_was_erased_since_goes_again(
    tmp_path: Path, jar_cache: Path
) -> None:
    source = Places(tmp_path / "home", jar_cache, tmp_path / "screening")
    target = Places(tmp_path / "other" / "home", jar_cache, tmp_path / "other" / "screening")
    kept = tmp_path / "kept"
    with Journal(source.screening / "journal") as journal:
        journal.append(b"an answer that waits")

    async def load(graph: Graph) -> bytes:
        await save_events(graph, world().events)
        checked = screening("scr_1", account_id="acct_never_came")
        await save_screenings(graph, [LoggedScreening(checked)])
        with pytest.raises(Conflict, match="already serves"):
            back_up(source, kept)
        return await exported(graph)

    async def look(graph: Graph) -> tuple[bytes, bytes]:
        same = await exported(graph)
        again = await erase_again(
            graph, erased_since("acct_1", "acct_never_came"), secret=SECRET, by="tess"
        )
        assert (again.listed, again.erased, again.held) == (2, 2, ())
        assert await graph.read("erasure/page_screened_ids", after="", limit=10) == []
        actions = [entry.action async for entry in read_log(graph)]
        assert actions == ["backup_restored", "account_erased", "account_erased"]
        assert await verify(graph) == AuditVerdict(3, None)
        return same, await exported(graph)

    before = with_graph(source, load)
    manifest = back_up(source, kept)
    told = run_restore(target, str(kept), "--nobody-erased", "--json")
    with Journal(target.screening / "journal") as journal:
        waiting = [entry.record for entry in journal.pending()]
    same, after = with_graph(target, look)

    assert [one.path.partition("/")[0] for one in manifest.files] == ["journal", "neo4j.dump"]
    assert stat.S_IMODE(kept.stat().st_mode) == 0o700
    assert told.returncode == 0, told.stderr
    assert orjson.loads(told.stdout)["id"] == manifest.id
    assert waiting == [b"an answer that waits"]
    assert same == before
    assert after == without(before, b'"acct_1"') != before
    with pytest.raises(Conflict, match="holds a graph already"):
        restore(target, kept)


def without(export: bytes, word: bytes) -> bytes:
    return b"".join(line for line in export.splitlines(keepends=True) if word not in line)


def erased_since(*account_ids: str) -> list[ErasedAccount]:
    return [ErasedAccount(account_hash(SECRET, one), AT, key_id_of(SECRET)) for one in account_ids]


async def test_erasing_again_changes_nothing_and_names_who_is_held(graph: Graph) -> None:
    await save_events(graph, world().events)
    await place_hold(graph, HoldSubject.ACCOUNT, "acct_2", by="tess", reason="a court asked")
    erased = erased_since("acct_1", "acct_2", "acct_unknown")

    first = await erase_again(graph, erased, secret=SECRET, by="tess")
    between = await exported(graph)
    second = await erase_again(graph, erased, secret=SECRET, by="tess")

    assert (first.listed, first.erased, first.held) == (3, 1, ("acct_2",))
    assert (second.listed, second.erased, second.held) == (3, 0, ("acct_2",))
    assert await exported(graph) == between


async def test_list_of_another_secret_is_refused(graph: Graph, tmp_path: Path) -> None:
    await save_events(graph, world().events)
    await erase_account(graph, "acct_1", secret=SECRET, by="tess", reason="asked")
    listed = tmp_path / "erased.ndjson"
    await write_erased(graph, listed)

    with pytest.raises(InvalidInput, match="they were erased under"):
        read_erased(listed, b"another secret of the tests")

    assert b"acct_1" not in listed.read_bytes()
    assert [one.hash for one in read_erased(listed, SECRET)] == [
        hash_of(SECRET, IdentifierKey("erased account", "acct_1")).hex()
    ]


def made_up(folder: Path, *, neo4j_version: str = "2020.01.0", migration: int = 1) -> None:
    """A backup whose dump Neo4j never sees, since it is refused before."""
    folder.mkdir()
    dump = folder / neo4j.DUMP_FILE
    dump.write_bytes(b"a dump")
    write_manifest(
        folder, describe(folder, [dump], neo4j=neo4j_version, migration=migration, at=AT)
    )


@pytest.mark.parametrize("harm", ["changed", "missing", "more", "no manifest", "other format"])
def test_damaged_backup_is_refused_and_nothing_is_written(tmp_path: Path, harm: str) -> None:
    kept = tmp_path / "kept"
    made_up(kept)
    dump, manifest = kept / neo4j.DUMP_FILE, kept / MANIFEST
    assert read_manifest(kept).files[0].size == 6
    if harm == "changed":
        dump.write_bytes(b"a dumq")
    elif harm == "missing":
        dump.unlink()
    elif harm == "more":
        (kept / "more").write_bytes(b"")
    elif harm == "no manifest":
        manifest.unlink()
    else:
        manifest.write_bytes(manifest.read_bytes().replace(b'"format": 1', b'"format": 2'))
    places = Places(tmp_path / "home", tmp_path / "cache", tmp_path / "screening")

    with pytest.raises(InvalidInput):
        restore(places, kept)

    assert [one.name for one in tmp_path.iterdir()] == ["kept"]


@pytest.mark.parametrize("later", [{"neo4j_version": "2999.01.0"}, {"migration": 9_999}])
def test_backup_of_a_later_version_is_refused(tmp_path: Path, later: dict[str, Any]) -> None:
    made_up(tmp_path / "kept", **later)
    places = Places(tmp_path / "home", tmp_path / "cache", tmp_path / "screening")

    with pytest.raises(InvalidInput, match="Install that version or a later one"):
        restore(places, tmp_path / "kept")

    assert [one.name for one in tmp_path.iterdir()] == ["kept"]


def test_journal_that_waits_is_not_written_over(tmp_path: Path) -> None:
    made_up(tmp_path / "kept")
    places = Places(tmp_path / "home", tmp_path / "cache", tmp_path / "screening")
    with Journal(places.screening / "journal") as journal:
        journal.append(b"an answer that waits")

    with pytest.raises(Conflict, match="wait to be written"):
        restore(places, tmp_path / "kept")

    assert not usecase.holds_graph(places.home)


def test_backup_of_nothing_and_into_what_is_there_is_refused(tmp_path: Path) -> None:
    places = Places(tmp_path / "home", tmp_path / "cache", tmp_path / "screening")
    with pytest.raises(InvalidInput, match="holds no graph"):
        back_up(places, tmp_path / "kept")
    (places.home / "data" / "databases" / "neo4j").mkdir(parents=True)
    (tmp_path / "kept").mkdir()

    with pytest.raises(Conflict, match="is there already"):
        back_up(places, tmp_path / "kept")

    assert list((tmp_path / "kept").iterdir()) == []

"""Load a large history into an empty store by Neo4j's offline import: the graph of the normal way.

Events are divided by account into files, each part is folded whole, and the tables that come of it
become a store beside the old one, which takes its place in the end: all of it, or nothing.
"""

import asyncio
import os
import shutil
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter, time
from typing import Final

from ringfence import neo4j
from ringfence.errors import Conflict
from ringfence.logs import get_logger
from ringfence.neo4j.home import Home
from ringfence.neo4j.offline_import import DATABASE, Table, Tables, prepare_import
from ringfence.neo4j.process import home_is_served
from ringfence.store.bulk_tables import ACCOUNT_LABEL, IDENTIFIER_TABLES
from ringfence.store.graph import Graph
from ringfence.usecases.bulk_folding import (
    Written,
    begin_work,
    divide_lines,
    fold_part,
    read_faults,
    write_bucket,
)
from ringfence.usecases.ingest import LoadTally, Reject
from ringfence.usecases.reading_lines import Block, LineSource, open_lines, size_of

PROCESSES: Final = 2
BYTES_A_TASK: Final = 2 << 20
TASKS_WAITING: Final = 4
BYTES_A_PART: Final = 24 << 20
"""Of event files; a part's fold takes some three times as much memory in one process."""

LEAST_PARTS: Final = 8
MOST_PARTS: Final = 512
PARTS_OF_A_STREAM: Final = 128
GZIP_RATIO: Final = 8
PARTS_A_BUCKET: Final = 4

log = get_logger(__name__)


def bulk_import(  # noqa: PLR0913 - options, each with a default
    home: Path,
    cache: Path,
    paths: Sequence[str | Path],
    *,
    now_ms: int | None = None,
    on_reject: Callable[[Reject], None] = lambda _: None,
    on_step: Callable[[str], None] = lambda _: None,
    tally: LoadTally | None = None,
    processes: int = PROCESSES,
) -> LoadTally:
    """Make the store of the Neo4j that comes along out of event files; it may hold nothing yet.

    A process that dies on the way leaves the store as it was, and the same command again begins
    anew. Constraints and indexes come with the migrations that follow the next start.

    Args:
        home: folder of the Neo4j that comes along, which does not run; made where it is missing.
            It needs room for about twice the unpacked events.
        cache: folder of the jars.
        paths: files of one event a line, plain or gzip; `-` is standard input.
        now_ms: the present, to refuse times in the far future; None: the clock's.
        on_reject: told of each line that breaks the contract, in their order.
        on_step: told in words how far it has come.
        tally: kept up to date and returned; `loaded` is 0 until all of it is in the store.
        processes: that parse and fold at once.

    Raises:
        InvalidInput: a file is missing or cannot be read to its end; nothing is loaded.
        Conflict: the store holds something, or a server has it.
        EmbeddedNeo4jFailed: Neo4j cannot be fetched or started, or its import refused.
    """
    tally = tally or LoadTally()
    names = [str(path) for path in paths]
    tally.bytes_total = size_of(names)
    place = Home(home.absolute())
    started = perf_counter()
    neo4j.fetch_jars(cache)
    asyncio.run(_refuse_full(place, cache))
    with place.hold() as held:
        if not held:
            raise home_is_served(place)
        load = _BulkLoad(
            place,
            cache.absolute(),
            round(time() * 1000) if now_ms is None else now_ms,
            on_reject,
            on_step,
            tally,
            _parts_for(names),
        )
        written = load.run(names, processes)
    tally.loaded = written.events
    tally.duplicates = tally.read - tally.rejected - written.events
    tally.took_s = perf_counter() - started
    log.info(
        "events_imported",
        read=tally.read,
        loaded=tally.loaded,
        duplicates=tally.duplicates,
        rejected=tally.rejected,
        accounts=written.accounts,
        took_ms=round(tally.took_s * 1000),
    )
    return tally


@dataclass(frozen=True, slots=True)
class _BulkLoad:
    """One load on its way, in a folder beside the data that it will replace."""

    home: Home
    cache: Path
    now_ms: int
    on_reject: Callable[[Reject], None]
    on_step: Callable[[str], None]
    tally: LoadTally
    parts: int

    def run(self, names: Sequence[str], processes: int) -> Written:
        stage = _fresh_stage(self.home)
        try:
            with prepare_import(
                Home(stage), self.cache, log_file=self.home.import_log
            ) as offline_import:
                with _workers(processes) as pool:
                    written = self._written(stage, names, pool)
                if written.accounts:
                    self.on_step("Importing")
                    offline_import.run(_tables_of(written))
            if written.accounts:
                _replace_data(self.home, stage)
        finally:
            # An import whose load was killed may have written on for a moment.
            _remove_stages(self.home)
        return written

    def _written(self, stage: Path, names: Sequence[str], pool: ProcessPoolExecutor) -> Written:
        """Divide all lines, fold all parts, and write all tables."""
        sources = self._divide(stage, names, pool)
        buckets = max(1, self.parts // PARTS_A_BUCKET)
        written = Written()
        folded = [
            pool.submit(fold_part, stage, part, buckets=buckets, now_ms=self.now_ms)
            for part in range(self.parts)
        ]
        for done, future in enumerate(folded, 1):
            written += future.result()
            self.on_step(f"Folding, {done} of {self.parts} parts")
        for fault in read_faults(stage):
            self.on_reject(Reject(sources[fault.file], *fault[1:]))
        self.tally.rejected = written.faults
        for future in [
            pool.submit(write_bucket, stage, table, bucket)
            for table in IDENTIFIER_TABLES
            for bucket in range(buckets)
        ]:
            written += future.result()
        return written

    def _divide(self, stage: Path, names: Sequence[str], pool: ProcessPoolExecutor) -> list[str]:
        """Divide all lines, and return what messages call the files."""
        sources: list[str] = []
        waiting: deque[Future[int]] = deque()
        for file, name in enumerate(names):
            with open_lines(name) as source:
                sources.append(source.name)
                for blocks in _tasks(source):
                    waiting.append(pool.submit(divide_lines, stage, file, blocks, parts=self.parts))
                    if len(waiting) == TASKS_WAITING:
                        self._told(waiting.popleft())
        for one in waiting:
            self._told(one)
        return sources

    def _told(self, divided: "Future[int]") -> None:
        self.tally.read += divided.result()
        self.on_step(f"Reading, {self.tally.read:,} events")


@contextmanager
def _workers(processes: int) -> Iterator[ProcessPoolExecutor]:
    """Processes that drop what waits for them as soon as something fails."""
    with ProcessPoolExecutor(
        processes, get_context("spawn"), initializer=begin_work, initargs=(os.getpid(),)
    ) as pool:
        try:
            yield pool
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def _tasks(source: LineSource) -> Iterator[list[Block]]:
    """The lines of a file, some thousands at a time."""
    blocks: list[Block] = []
    while block := source.next_block():
        blocks.append(block)
        if sum(len(one.text) for one in blocks) >= BYTES_A_TASK:
            yield blocks
            blocks = []
    if blocks:
        yield blocks


def _parts_for(names: Sequence[str]) -> int:
    """So many that one part's fold is small in memory."""
    size = size_of(names)
    if size is None:
        return PARTS_OF_A_STREAM
    packed = sum(Path(name).stat().st_size for name in names if name.endswith(".gz"))
    unpacked = size + packed * (GZIP_RATIO - 1)
    return min(MOST_PARTS, max(LEAST_PARTS, unpacked // BYTES_A_PART))


def _tables_of(written: Written) -> Tables:
    """The tables as the import takes them; those of accounts differ in their columns."""
    names = sorted(written.files)
    nodes = [Table(ACCOUNT_LABEL, (name,)) for name in names if name.startswith("accounts-")]
    links: list[Table] = []
    for table in IDENTIFIER_TABLES:
        for what, label, tables in (
            ("nodes", table.label, nodes),
            ("links", table.link_type, links),
        ):
            if files := [name for name in names if name.startswith(f"{table.name}-{what}-")]:
                tables.append(Table(label, tuple(files)))
    return Tables(tuple(nodes), tuple(links), written.empty_texts)


async def _refuse_full(home: Home, cache: Path) -> None:
    """Refuse a store that is in use or that holds anything but the record of migrations."""
    if home.state():
        raise Conflict(
            f"A Neo4j serves {home.folder}, and a bulk load needs the store to itself. Stop it "
            "with `ringfence neo4j stop`, or load without --bulk."
        )
    if not _database(home.folder).exists():
        return
    with neo4j.start(home.folder, cache, bound=True) as server:
        async with Graph.connect(server.uri, server.user, server.password) as graph:
            ((nodes,),) = [row.values() for row in await graph.read("graph/count_data")]
    if nodes:
        raise Conflict(
            f"The store in {home.folder} holds {nodes:,} nodes, and a bulk load needs an empty "
            "one. Load without --bulk, or name another folder in RINGFENCE_HOME."
        )


def _fresh_stage(home: Home) -> Path:
    """An empty folder; what loads that died left behind goes."""
    _remove_stages(home)
    stage = home.folder / f"bulk-{os.getpid()}"
    stage.mkdir(mode=0o700)
    return stage


def _remove_stages(home: Home) -> None:
    for left in home.folder.glob("bulk-*"):
        shutil.rmtree(left, ignore_errors=True)


def _replace_data(home: Home, stage: Path) -> None:
    """Put the new store in place of the empty one, whose users and passwords stay.

    A process that dies between the two renames leaves a home without data, which is as empty.
    """
    data, replaced = home.folder / "data", stage / "replaced"
    if data.exists():
        shutil.copytree(data, stage / "data", ignore=_database_left_out, dirs_exist_ok=True)
        data.rename(replaced)
    (stage / "data").rename(data)


def _database_left_out(folder: str, names: list[str]) -> set[str]:
    parents = {"databases", "transactions"}
    return {DATABASE} & set(names) if Path(folder).name in parents else set()


def _database(folder: Path) -> Path:
    return folder / "data" / "databases" / DATABASE

"""Rounds: rings found anew from what has come, and the index that sign-ups are checked against."""

import asyncio
import shutil
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from ringfence.detection import DetectionConfig
from ringfence.domain.known_shared import KnownSharedList, keys_on
from ringfence.errors import Conflict, GraphUnavailable
from ringfence.logs import get_logger
from ringfence.screening.building import build_index
from ringfence.screening.index import PARTIAL, ScreeningIndex
from ringfence.store.appeals import find_discounts
from ringfence.store.graph import Graph
from ringfence.store.graph_snapshot import read_current_graph
from ringfence.store.known_rings import known_rings
from ringfence.tracing import span
from ringfence.usecases.detect import Progress, detect

PREFIX: Final = "index-"
LEFT_AFTER_S: Final = 3600
INDEXES_KEPT: Final = 2
"""Indexes left in the folder: the newest, and one that others may be about to open."""

log = get_logger(__name__)


async def run_round(  # noqa: PLR0913 - options, each with a default
    graph: Graph,
    config: DetectionConfig,
    folder: Path,
    *,
    detecting: bool = True,
    known_shared: KnownSharedList = (),
    secret: bytes | None = None,
    progress: Progress = lambda *_: None,
    snapshots: Path | None = None,
) -> Path:
    """Find rings, build the index of what is known then, and return the folder that holds it.

    Args:
        graph: connected and migrated.
        config: parameters of detection.
        folder: of indexes; the new one gets a folder of its own in it.
        detecting: whether rings are found anew, or taken as they are.
        known_shared: identifiers that prove nothing for some days, to detection and at the door.
        secret: that identifiers of rings taken down are hashed with; None: returns of such rings
            are not recognised.
        progress: told of each step.
        snapshots: folder of what was read last, so that only what changed since is read; None: all
            is read.

    Raises:
        GraphUnavailable: Neo4j went away; the last index stays.
    """
    with span("round", {"detecting": detecting}):
        if detecting:
            try:
                await detect(
                    graph,
                    config,
                    known_shared=known_shared,
                    secret=secret,
                    progress=progress,
                    snapshots=snapshots,
                )
            except Conflict as error:
                log.info("round_without_detection", reason=str(error))
        index = await index_of(
            graph, config, progress, known_shared=known_shared, snapshots=snapshots
        )
        return await asyncio.to_thread(_save, index, folder)


async def index_of(
    graph: Graph,
    config: DetectionConfig,
    progress: Progress = lambda *_: None,
    *,
    known_shared: KnownSharedList = (),
    snapshots: Path | None = None,
) -> ScreeningIndex:
    """The index of the graph as it is.

    What is known to be shared today leads a newcomer to no ring, nor does an identifier that alone
    had tied accounts which were given right on appeal.
    """
    progress("reading", 0, 1)
    account_graph = await read_current_graph(graph, snapshots)
    known = await known_rings(graph)
    today = datetime.now(UTC).date()
    set_aside = {*keys_on(known_shared, today), *await find_discounts(graph)}
    progress("indexing", 0, 1)
    index = await asyncio.to_thread(build_index, account_graph, known, config, set_aside=set_aside)
    progress("indexing", 1, 1)
    log.info(
        "index_built",
        version=index.version,
        identifiers=len(index.keys),
        rings=len(index.rings),
        bytes=index.bytes_held,
    )
    return index


async def round_in_child(folder: Path, *, detecting: bool) -> ScreeningIndex:
    """The index of a round in a process of its own, so that answers go on undisturbed.

    It reads the settings of this process's environment, as `ringfence round` does.

    Raises:
        GraphUnavailable: it failed; the log of that process says why.
    """
    flag = "--detect" if detecting else "--no-detect"
    command = (sys.executable, "-m", "ringfence", "round", "--folder", str(folder), flag)
    child = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    try:
        told, _ = await child.communicate()
    except asyncio.CancelledError:
        child.terminate()
        await child.wait()
        raise
    if child.returncode:
        raise GraphUnavailable(
            f"A round ended with exit code {child.returncode}; its log lines say why. The index "
            "stays as it is until the next one."
        )
    return ScreeningIndex.open(Path(told.decode().strip().splitlines()[-1]))


def newest_index(folder: Path) -> Path | None:
    """The index that was built last and stands in the folder, or None."""
    return next(iter(_by_age(folder)), None)


def _save(index: ScreeningIndex, folder: Path) -> Path:
    own = folder / f"{PREFIX}{index.version}"
    if own.exists():
        own.touch()
    else:
        index.save(own)
    for one in (*_by_age(folder)[INDEXES_KEPT:], *_left_behind(folder)):
        shutil.rmtree(one, ignore_errors=True)
    return own


def _by_age(folder: Path) -> list[Path]:
    """Whole indexes, the newest first."""
    found = [one for one in folder.glob(f"{PREFIX}*") if one.suffix != PARTIAL]
    return sorted(found, key=lambda one: -one.stat().st_mtime_ns)


def _left_behind(folder: Path) -> list[Path]:
    """What rounds left that died while they wrote."""
    before = time.time() - LEFT_AFTER_S
    partial = folder.glob(f"{PREFIX}*{PARTIAL}")
    return [one for one in partial if one.stat().st_mtime < before]

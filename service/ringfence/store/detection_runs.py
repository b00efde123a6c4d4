"""Runs of detection in the graph: one at a time, each recorded."""

from dataclasses import dataclass
from datetime import datetime

from ringfence.domain.changes import Change, ChangeTopic
from ringfence.errors import Conflict
from ringfence.store.graph import Graph, Transaction
from ringfence.store.outbox import tell


@dataclass(frozen=True, slots=True)
class RunRecord:
    """What a run was asked to do; `config` is JSON, `version` that of the program."""

    id: str
    started_at: datetime
    as_of: datetime | None
    config: str
    seed: int
    version: str


async def start_run(graph: Graph, run: RunRecord, *, lease_s: int) -> list[str]:
    """Take the lease of detection and record the run as running.

    A lease that its run did not renew in time is free: a process that died blocks for no longer.

    Args:
        graph: connected and migrated.
        run: what is asked for.
        lease_s: seconds until the lease ends, unless it is renewed.

    Returns:
        Ids of runs that had never ended; they are marked abandoned.

    Raises:
        Conflict: another run has the lease; nothing was written.
    """

    async def work(transaction: Transaction) -> list[str]:
        (lease,) = await transaction.run(
            "detection_runs/take_lease", run_id=run.id, lease_s=lease_s
        )
        if lease["run_id"] != run.id:
            free_at = lease["expires_at"].to_native().isoformat(timespec="seconds")
            raise Conflict(
                f"Detection {lease['run_id']} is running on this graph. Wait for its end; if its "
                f"process died, detection is free again at {free_at}."
            )
        (row,) = await transaction.run(
            "detection_runs/start",
            id=run.id,
            started_at=run.started_at,
            as_of=run.as_of,
            config=run.config,
            seed=run.seed,
            version=run.version,
        )
        return sorted(row["abandoned"])

    return await graph.in_write(work)


async def renew_lease(graph: Graph, run_id: str, *, lease_s: int) -> None:
    """Keep the lease for another `lease_s` seconds.

    Raises:
        Conflict: another run has taken it.
    """

    async def work(transaction: Transaction) -> None:
        await hold_lease(transaction, run_id, lease_s)

    await graph.in_write(work)


async def record_fingerprint(graph: Graph, run_id: str, graph_fingerprint: str) -> None:
    """Tell which account graph the run has read."""
    await graph.write(
        "detection_runs/record_fingerprint", id=run_id, graph_fingerprint=graph_fingerprint
    )


async def finish_run(graph: Graph, run_id: str, *, rings: int, accounts_flagged: int) -> None:
    """Record that the run is finished, and give the lease back."""
    await _end_run(graph, run_id, state="finished", rings=rings, accounts_flagged=accounts_flagged)


async def fail_run(graph: Graph, run_id: str) -> None:
    """Record that the run failed, and give the lease back; rings written so far stay."""
    await _end_run(graph, run_id, state="failed", rings=None, accounts_flagged=None)


async def hold_lease(transaction: Transaction, run_id: str, lease_s: int) -> None:
    """Renew the lease and keep it from all others to the end of the transaction.

    Raises:
        Conflict: another run has taken it.
    """
    if not await transaction.run("detection_runs/renew_lease", run_id=run_id, lease_s=lease_s):
        raise Conflict(
            f"Detection {run_id} paused for longer than its lease and another run took over. "
            "Nothing more of it is written; the other run's result stands."
        )


async def _end_run(
    graph: Graph, run_id: str, *, state: str, rings: int | None, accounts_flagged: int | None
) -> None:
    async def work(transaction: Transaction) -> None:
        await transaction.run("detection_runs/free_lease", run_id=run_id)
        ended = await transaction.run(
            "detection_runs/finish",
            id=run_id,
            state=state,
            rings=rings,
            accounts_flagged=accounts_flagged,
        )
        if ended:
            await tell(transaction, [Change(ChangeTopic.RUN, state, run_id, run_id)])

    await graph.in_write(work)

"""What the provider itself says of accounts, kept beside what takedowns do to them."""

from collections.abc import Sequence

from ringfence.domain.audit import AuditAction, AuditRecord
from ringfence.domain.standings import ToldStanding
from ringfence.domain.takedowns import RANK_BY_STANDING, Standing
from ringfence.store.audit_log import append_entry
from ringfence.store.graph import Graph, Transaction


async def save_standings(graph: Graph, told: Sequence[ToldStanding], *, by: str) -> set[str]:
    """Keep what is told of accounts, each once, and return the ids of those that are known."""
    ordered = sorted(told, key=lambda one: one.account_id)

    async def work(transaction: Transaction) -> set[str]:
        rows = await transaction.run(
            "standings/save",
            ranks=dict(RANK_BY_STANDING),
            account_ids=[one.account_id for one in ordered],
            standings=[one.standing.value for one in ordered],
            verified=[one.verified_organisation for one in ordered],
            protected_because=[one.protected_because for one in ordered],
        )
        if rows:
            facts = {"accounts": len(rows)}
            record = AuditRecord(by, AuditAction.STANDINGS_TOLD, "accounts", facts)
            await append_entry(transaction, record)
        return {row["account_id"] for row in rows}

    return await graph.in_write(work)


async def count_standings(graph: Graph) -> dict[Standing, int]:
    """How many accounts have each standing; those that are active are not counted."""
    rows = await graph.read("standings/count")
    return {Standing(row["standing"]): row["accounts"] for row in rows}

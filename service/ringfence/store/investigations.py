"""Investigations: questions to the graph that somebody keeps, to ask again or to hand on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ringfence.domain.audit import AuditAction, AuditRecord
from ringfence.domain.rings import LONG_AGO
from ringfence.store.audit_log import append_entry
from ringfence.store.graph import Graph, Row, Transaction
from ringfence.store.times import moment

InvestigationPlace = tuple[int, str]
"""Place in the list: when it was changed, in milliseconds since 1970, and its id."""


@dataclass(frozen=True, slots=True)
class Investigation:
    """A named question: document, variables and the moment that it is asked of.

    Attributes:
        variables: JSON, an object.
        as_of: None: the present.
        by: who made it.
    """

    id: str
    name: str
    document: str
    variables: str
    as_of: datetime | None
    by: str
    created_at: datetime
    updated_at: datetime
    place: InvestigationPlace


async def save_investigation(
    graph: Graph,
    investigation_id: str,
    *,
    name: str,
    document: str,
    variables: str,
    as_of: datetime | None,
    by: str,
) -> Investigation:
    """Keep an investigation, new or changed; who made it, and when, stays."""

    async def work(transaction: Transaction) -> Row:
        (row,) = await transaction.run(
            "investigations/save",
            id=investigation_id,
            name=name,
            document=document,
            variables=variables,
            as_of=as_of,
            by=by,
        )
        action = AuditAction.INVESTIGATION_SAVED
        await append_entry(transaction, AuditRecord(by, action, investigation_id, {"name": name}))
        return row

    row = await graph.in_write(work)
    return _investigation(row["investigation"])


async def find_investigations(graph: Graph, ids: Sequence[str]) -> dict[str, Investigation]:
    """Investigations by id; unknown ones are left out."""
    rows = await graph.read("investigations/find_many", ids=ids)
    return {row["investigation"]["id"]: _investigation(row["investigation"]) for row in rows}


async def page_investigations(
    graph: Graph, *, after: InvestigationPlace | None, limit: int
) -> list[Investigation]:
    """The next investigations, those changed last first."""
    before_ms, before_id = after or (None, None)
    rows = await graph.read(
        "investigations/page", before_ms=before_ms, before_id=before_id, limit=limit
    )
    return [_investigation(row["investigation"]) for row in rows]


async def count_investigations(graph: Graph) -> int:
    """How many are kept."""
    (row,) = await graph.read("investigations/count")
    return int(row["investigations"])


async def delete_investigation(graph: Graph, investigation_id: str, *, by: str) -> bool:
    """Take one away, record that in the audit log, and say whether it was there."""

    async def work(transaction: Transaction) -> bool:
        (row,) = await transaction.run("investigations/delete", id=investigation_id)
        if row["deleted"]:
            action = AuditAction.INVESTIGATION_DELETED
            await append_entry(transaction, AuditRecord(by, action, investigation_id, {}))
        return bool(row["deleted"])

    return await graph.in_write(work)


def _investigation(told: Row) -> Investigation:
    return Investigation(
        id=told["id"],
        name=told["name"],
        document=told["document"],
        variables=told["variables"],
        as_of=moment(told["as_of_ms"]),
        by=told["by"],
        created_at=moment(told["created_ms"]) or LONG_AGO,
        updated_at=moment(told["updated_ms"]) or LONG_AGO,
        place=(told["updated_ms"], told["id"]),
    )

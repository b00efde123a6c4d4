"""Members of a ring as a takedown plan has to know them, read in pages."""

from typing import Any, Final

from ringfence.domain.blast_radius import MemberFacts
from ringfence.domain.identifiers import IdentifierKey
from ringfence.domain.rings import Role
from ringfence.domain.takedowns import Standing
from ringfence.store.graph import Graph
from ringfence.store.times import moment

PAGE: Final = 5_000
"""Members that one statement reads."""


async def read_members(graph: Graph, ring_id: str) -> list[MemberFacts]:
    """All members of a ring; of 25,000, about 50 MiB."""
    members: list[MemberFacts] = []
    for role in Role:
        after = ""
        while True:
            (row,) = await graph.read(
                "takedowns/page_members",
                ring_id=ring_id,
                role=role.value,
                after_id=after,
                limit=PAGE,
            )
            page = [_member(role, *told) for told in row["members"]]
            members += page
            if len(page) < PAGE:
                break
            after = page[-1].account_id
    return members


async def read_carriers(graph: Graph, ring_id: str) -> dict[IdentifierKey, int]:
    """The identifiers that tie a ring, and how many accounts carry each, members or not."""
    rows = await graph.read("takedowns/read_evidence", ring_id=ring_id)
    told = rows[0]["evidence"] if rows else []
    return {IdentifierKey(kind, value): accounts for kind, value, accounts in told}


def _member(  # noqa: PLR0913, PLR0917 - the columns of the statement, in its order
    role: Role,
    account_id: str,
    strength: float,
    because_kinds: list[str],
    because_values: list[str],
    standing: str | None,
    verified_organisation: bool,
    protected: bool,
    appeal_open: bool,
    signed_up_ms: int | None,
    charges_succeeded: int,
    charges_disputed: int,
    paid: list[list[Any]],
    requests: int,
    at_campus: bool,
) -> MemberFacts:
    return MemberFacts(
        account_id=account_id,
        role=role,
        strength=strength,
        because=tuple(map(IdentifierKey, because_kinds, because_values)),
        standing=Standing(standing or Standing.ACTIVE),
        verified_organisation=verified_organisation,
        protected=protected,
        appeal_open=appeal_open,
        signed_up_at=moment(signed_up_ms),
        charges_succeeded=charges_succeeded,
        charges_disputed=charges_disputed,
        paid_minor=dict(paid),
        requests=requests,
        at_campus=at_campus,
    )

"""Rings drawn by hand, and the accounts they need."""

from dataclasses import replace

from ringfence.domain.identifiers import IdentifierKey
from ringfence.domain.lineage import RingEvent, RingEventKind
from ringfence.domain.rings import Evidence, Grade, HubClass, Member, Reason, Ring, Role, Tier
from ringfence.store.found_rings import RingActivity, RingChange, RingDigests, save_rings
from ringfence.store.graph import Graph

DEVICE = IdentifierKey("device", "d1")
CARD = IdentifierKey("payment_instrument", "c1")
ACTIVITY = RingActivity(1_000, 52_000, 1_770_000_000_123, 1_770_000_900_000)


def ring(id_: str, accounts: list[str], *, operation_id: str = "op_1") -> Ring:
    """A ring of these accounts, the first of them core and the others peripheral."""
    return Ring(
        id=id_,
        operation_id=operation_id,
        score=0.875,
        grade=Grade.CORROBORATED,
        tier=Tier.REVIEW,
        members=tuple(
            Member(
                account_id=account_id,
                role=Role.PERIPHERAL if at else Role.CORE,
                strength=2.5 - at / len(accounts),
                because=(DEVICE, CARD) if at else (CARD,),
                joined_because="shares a card with 3 members",
            )
            for at, account_id in enumerate(sorted(accounts))
        ),
        evidence=(
            Evidence(DEVICE, 2, 3, HubClass.ORDINARY, 1.5),
            Evidence(CARD, 2, 2, HubClass.SUSPECT, 1.25),
        ),
        reasons=(
            Reason("shared_strong", 2.25, "2 cards are shared"),
            Reason("established", -1.0, "1 of 3 has paid for long"),
        ),
        kinds=("device", "payment_instrument"),
    )


def change(
    of: Ring, digest: str, activity: RingActivity = ACTIVITY, *events: RingEvent
) -> RingChange:
    """That ring, to be written whole."""
    return RingChange(of, activity, RingDigests(digest, digest, digest), events=events)


async def save_ring(graph: Graph, run_id: str, change: RingChange, *, lease_s: int) -> None:
    """Write one ring in a transaction of its own."""
    await save_rings(graph, run_id, [change], lease_s=lease_s)


def gone(ring_id: str, *, size: int = 2) -> RingEvent:
    """What a run tells of a ring that it does not find."""
    return RingEvent(RingEventKind.DORMANT, ring_id, size, size, 0, 0)


def without_evidence(of: Ring) -> Ring:
    """The same ring, unproven."""
    return replace(of, evidence=(), kinds=())


async def create_accounts(graph: Graph, account_ids: list[str]) -> None:
    """Accounts that have nothing but an id."""
    for first in range(0, len(account_ids), 5_000):
        ids = ", ".join(f"'{account_id}'" for account_id in account_ids[first : first + 5_000])
        await graph.run_schema(f"UNWIND [{ids}] AS id CREATE (:Account {{id: id}})")

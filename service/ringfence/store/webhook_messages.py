"""Messages of webhooks: taken by one deliverer at a time, the same until they are settled.

What is to be sent next is written on its endpoint before it is sent, so that whoever takes over
after a crash sends the same message, under the same id.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ringfence.domain.webhooks import DeadBecause, Message, sort_out
from ringfence.store.actions import stored_action
from ringfence.store.graph import Graph, Row, Transaction

BEHIND = "an earlier action on the account was not delivered"


@dataclass(frozen=True, slots=True)
class Due:
    """An endpoint that something is to be sent to.

    Attributes:
        now: whether the one who asks may send it now.
    """

    endpoint_id: str
    now: bool


async def find_due(graph: Graph, holder: str) -> list[Due]:
    """Endpoints that something is to be sent to, and whether this deliverer may do so now."""
    rows = await graph.read("webhooks/find_due", holder=holder)
    return [Due(row["id"], row["due"]) for row in rows]


async def take_message(
    graph: Graph, endpoint_id: str, holder: str, *, lease_s: float
) -> Message | None:
    """Take the lease of an endpoint, and what is to be sent to it next.

    A message without actions is to be settled and not sent: all that it stands for stays behind
    dead letters, or is kept no more.

    Args:
        graph: connected and migrated.
        endpoint_id: of the endpoint.
        holder: the deliverer.
        lease_s: how long no other one may serve the endpoint.

    Returns:
        None if there is nothing to send now, or another deliverer serves the endpoint.
    """

    async def work(transaction: Transaction) -> Message | None:
        taken = await transaction.run(
            "webhooks/take_lease", id=endpoint_id, holder=holder, lease_s=lease_s
        )
        if not taken:
            return None
        row = taken[0]
        if row["seqs"] is None:
            chosen = await _choose(transaction, endpoint_id, row)
            if chosen is None:
                return None
            row = row | chosen
        actions = await transaction.run("webhooks/find_actions", seqs=row["seqs"])
        return Message(
            endpoint_id,
            row["url"],
            tuple(row["secrets"]),
            tuple(row["seqs"]),
            row["seqs_replay"],
            row["tries"],
            tuple(map(stored_action, actions)),
        )

    return await graph.in_write(work)


async def settle_delivered(graph: Graph, message: Message, holder: str) -> bool:
    """Be done with a message; False, and nothing is written, if another deliverer took over."""

    async def work(transaction: Transaction) -> bool:
        settled = await _settle(transaction, message, holder, failure=None)
        if settled and message.replay:
            await transaction.run(
                "webhooks/remove_dead", id=message.endpoint_id, seqs=list(message.seqs)
            )
        return settled

    return await graph.in_write(work)


async def settle_failed(
    graph: Graph, message: Message, holder: str, *, failure: str, delay_s: float
) -> bool:
    """Have a message wait to be tried again; False if another deliverer took over.

    Args:
        graph: connected and migrated.
        message: that failed.
        holder: the deliverer.
        failure: what it met, without secrets and personal data.
        delay_s: until it is tried again.
    """
    rows = await graph.write(
        "webhooks/settle_failure",
        id=message.endpoint_id,
        holder=holder,
        seqs=list(message.seqs),
        failure=failure,
        delay_s=delay_s,
    )
    return bool(rows)


async def give_up(graph: Graph, message: Message, holder: str, *, failure: str) -> bool:
    """Make the actions of a message dead letters; False if another deliverer took over.

    Where they were dead letters, they stay so, and the others are not sent again either.
    """

    async def work(transaction: Transaction) -> bool:
        if not await _settle(transaction, message, holder, failure=failure):
            return False
        await _bury(transaction, message.endpoint_id, message.seqs, DeadBecause.FAILED, failure)
        if message.replay:
            await transaction.run("webhooks/end_replay", id=message.endpoint_id)
        return True

    return await graph.in_write(work)


async def free_leases(graph: Graph, holder: str) -> None:
    """Give back what a deliverer has taken, for others to take at once."""
    await graph.write("webhooks/free_leases", holder=holder)


async def _choose(transaction: Transaction, endpoint_id: str, row: Row) -> Row | None:
    """Put the next message at hand: dead letters that are asked for, else what comes next."""
    chosen = await _next_dead(transaction, endpoint_id, row) if row["replaying"] else None
    chosen = chosen or await _next_actions(transaction, endpoint_id, row)
    if chosen is None:
        return None
    await transaction.run(
        "webhooks/save_message",
        id=endpoint_id,
        seqs=chosen["seqs"],
        upto=chosen["upto"],
        replay=chosen["seqs_replay"],
    )
    return chosen


async def _next_dead(transaction: Transaction, endpoint_id: str, row: Row) -> Row | None:
    rows = await transaction.run("webhooks/page_dead", id=endpoint_id, after=0, limit=row["batch"])
    if not rows:
        await transaction.run("webhooks/end_replay", id=endpoint_id)
        return None
    seqs = [one["action_seq"] for one in rows]
    return {"seqs": seqs, "upto": row["cursor"], "seqs_replay": True}


async def _next_actions(transaction: Transaction, endpoint_id: str, row: Row) -> Row | None:
    if row["cursor"] >= row["last"]:
        return None
    rows = await transaction.run(
        "webhooks/page_actions", id=endpoint_id, after=row["cursor"], limit=row["batch"]
    )
    seqs, behind = sort_out([(one["seq"], one["closed"]) for one in rows])
    await _bury(transaction, endpoint_id, behind, DeadBecause.BEHIND, BEHIND)
    # Where no action follows, those up to the last number are kept no more.
    upto = rows[-1]["seq"] if rows else row["last"]
    return {"seqs": seqs, "upto": upto, "seqs_replay": False}


async def _bury(
    transaction: Transaction,
    endpoint_id: str,
    seqs: Sequence[int],
    because: DeadBecause,
    failure: str,
) -> None:
    if seqs:
        await transaction.run(
            "webhooks/save_dead",
            id=endpoint_id,
            seqs=list(seqs),
            because=because.value,
            failure=failure,
        )


async def _settle(
    transaction: Transaction, message: Message, holder: str, *, failure: str | None
) -> bool:
    rows = await transaction.run(
        "webhooks/settle",
        id=message.endpoint_id,
        holder=holder,
        seqs=list(message.seqs),
        failure=failure,
    )
    return bool(rows)

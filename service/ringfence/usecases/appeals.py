"""Open and decide appeals; what is overturned is undone, though a crash comes between."""

import secrets
from datetime import datetime
from typing import Final

from ringfence.domain.appeals import (
    MAX_REASON,
    MAX_STATEMENT,
    Appeal,
    AppealDecision,
    AppealState,
)
from ringfence.domain.takedowns import TargetState
from ringfence.errors import Conflict, NotFound, NotPermitted
from ringfence.logs import get_logger
from ringfence.store.appeals import (
    AppealedTarget,
    Unsettled,
    find_appealed_target,
    find_appeals,
    find_unsettled,
    save_appeal,
    save_decision,
    save_settled,
)
from ringfence.store.graph import Graph
from ringfence.store.times import present
from ringfence.usecases.api_keys import is_one_person
from ringfence.usecases.approve_takedown import find_takedown
from ringfence.usecases.ring_desk import MAX_NAME, checked
from ringfence.usecases.undo_takedown import undo_of_accounts

SETTLED_AT_ONCE: Final = 100
"""Overturned appeals that one reading finds."""

log = get_logger(__name__)


async def find_appeal(graph: Graph, appeal_id: str) -> Appeal:
    """One appeal.

    Raises:
        NotFound: there is none of that id.
    """
    found = (await find_appeals(graph, [appeal_id])).get(appeal_id)
    if found is None:
        raise NotFound(
            f"No appeal has the id {appeal_id[:300]}. `ringfence appeals list` shows them."
        )
    return found


async def open_appeal(
    graph: Graph, account_id: str, *, statement: str, by: str, takedown_id: str | None = None
) -> Appeal:
    """Open an appeal against what a takedown did to an account, and return it.

    Asking again in the same words returns the one that is open. While it is, no takedown acts on
    the account.

    Args:
        graph: connected and migrated.
        account_id: of the account.
        statement: what it says, in its own words.
        by: id of who passes that on.
        takedown_id: of the takedown; None: of the latest one that acted on the account.

    Raises:
        InvalidInput: the statement or the name is empty or too long.
        NotFound: there is no such account.
        Conflict: no takedown holds the account, or another appeal of it is open.
    """
    statement = checked(statement, "statement", MAX_STATEMENT)
    by = checked(by, "name of who opens the appeal", MAX_NAME)
    target = await find_appealed_target(graph, account_id, takedown_id)
    now = present()
    appeal = Appeal(
        id=f"appeal_{now:%Y%m%dT%H%M%S}_{secrets.token_hex(4)}",
        account_id=account_id,
        takedown_id=_held_by(account_id, takedown_id, target),
        action_id=None,
        state=AppealState.OPEN,
        opened_at=now,
        opened_by=by,
        statement=statement,
    )
    opened = await save_appeal(graph, appeal)
    if opened is None:
        raise Conflict(f"Takedown {appeal.takedown_id} let go of account {account_id} just now.")
    if not opened.created and opened.statement != statement:
        raise Conflict(
            f"Account {account_id} has appeal {opened.id} open against takedown "
            f"{appeal.takedown_id}. Have that decided first."
        )
    log.info("appeal_opened", appeal_id=opened.id, takedown_id=appeal.takedown_id)
    return await find_appeal(graph, opened.id)


async def decide_appeal(
    graph: Graph,
    appeal_id: str,
    decision: AppealDecision,
    *,
    reason: str,
    by: str,
    at: datetime | None = None,
) -> Appeal:
    """Decide an appeal, and return it; if the act is overturned, the account is undone with it.

    The decision is kept first. If a crash comes before the account is undone, `settle_appeals`
    does that. Deciding the same again does what is left, and nothing twice.

    Args:
        graph: connected and migrated.
        appeal_id: of the appeal.
        decision: whether the act is upheld or overturned.
        reason: why, in words.
        by: id of who decides, not of who planned the takedown.
        at: now, unless a test says otherwise.

    Raises:
        InvalidInput: the reason is empty or too long.
        NotFound: there is no such appeal.
        NotPermitted: who decides is who planned.
        Conflict: it was decided otherwise, or by somebody else.
    """
    reason = checked(reason, "reason", MAX_REASON)
    by = checked(by, "name of who decides", MAX_NAME)
    appeal = await find_appeal(graph, appeal_id)
    await _expect_independent(graph, appeal, by)
    at = at or present()
    if not await save_decision(graph, appeal, decision, reason=reason, by=by, at=at):
        appeal = await find_appeal(graph, appeal_id)
        if (appeal.state.value, appeal.decided_by) != (decision.value, by):
            raise Conflict(
                f"Appeal {appeal.id} is {appeal.state.value} already, as {appeal.decided_by} "
                "decided. The account may open another one."
            )
    log.info("appeal_decided", appeal_id=appeal.id, decision=decision.value)
    if decision is AppealDecision.OVERTURNED:
        await _settle(graph, Unsettled(appeal.id, appeal.account_id, appeal.takedown_id, by), at)
    return await find_appeal(graph, appeal.id)


async def settle_appeals(graph: Graph, *, at: datetime) -> int:
    """Undo the accounts of overturned appeals that are not undone yet, and say how many.

    Args:
        graph: connected and migrated.
        at: now.
    """
    settled = 0
    while found := await find_unsettled(graph, limit=SETTLED_AT_ONCE):
        for appeal in found:
            await _settle(graph, appeal, at)
        settled += len(found)
    return settled


async def _settle(graph: Graph, appeal: Unsettled, at: datetime) -> None:
    takedown = await find_takedown(graph, appeal.takedown_id)
    try:
        await undo_of_accounts(
            graph,
            takedown.id,
            [appeal.account_id],
            # The words of the decision are about a person; they stay with the appeal.
            reason=f"Overturned on appeal {appeal.id}.",
            by=appeal.decided_by,
            at=at,
        )
    except Conflict as error:
        # The takedown was undone as a whole: nothing of it holds the account.
        log.info("appeal_settled_otherwise", appeal_id=appeal.id, reason=str(error))
    await save_settled(graph, appeal.id)


def _held_by(account_id: str, takedown_id: str | None, target: AppealedTarget | None) -> str:
    """Id of the takedown that holds an account and is appealed against.

    Raises:
        NotFound: there is no such account.
        Conflict: no takedown holds it, or not that one.
    """
    if target is None:
        raise NotFound(f"No account has the id {account_id[:300]}.")
    if target.takedown_id is None:
        asked = "any takedown" if takedown_id is None else f"takedown {takedown_id[:300]}"
        raise Conflict(f"Account {account_id} is not of {asked}: nothing to appeal against.")
    if target.state is not TargetState.ACTED:
        raise Conflict(
            f"Account {account_id} is {target.state} in takedown {target.takedown_id}: expected "
            "one that was acted on and not let go of since."
        )
    return target.takedown_id


async def _expect_independent(graph: Graph, appeal: Appeal, by: str) -> None:
    takedown = await find_takedown(graph, appeal.takedown_id)
    if await is_one_person(graph, takedown.planned_by, by):
        raise NotPermitted(
            f"Takedown {takedown.id} was planned by {takedown.planned_by}, who cannot decide an "
            f"appeal against it; {by} is the same person. "
            "Ask another person with the scope `takedown_approve`."
        )

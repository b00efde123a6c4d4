"""State the reasons for what was done to one account, for its holder."""

from ringfence.domain.audit import AuditAction, AuditRecord
from ringfence.domain.statements import (
    DEFAULT_APPEAL,
    DEFAULT_GROUND,
    StatementFacts,
    write_statement,
)
from ringfence.domain.takedowns import TargetState
from ringfence.errors import Conflict, NotFound
from ringfence.logs import get_logger
from ringfence.store.dossiers import find_decision
from ringfence.store.graph import Graph
from ringfence.usecases.audit import append

log = get_logger(__name__)


async def state_reasons(
    graph: Graph,
    takedown_id: str,
    account_id: str,
    *,
    by: str,
    ground: str = DEFAULT_GROUND,
    appeal_to: str = DEFAULT_APPEAL,
) -> str:
    """The statement of reasons for one account of a takedown; the audit log says that it was made.

    Args:
        graph: connected and migrated.
        takedown_id: of the takedown.
        account_id: of the account that was acted on.
        by: who asks.
        ground: the rule that was broken, in the provider's words.
        appeal_to: where a complaint goes, in the provider's words.

    Raises:
        NotFound: the takedown has no such account.
        Conflict: the account was not acted on.
    """
    decision = await find_decision(graph, takedown_id, account_id)
    if decision is None:
        raise NotFound(
            f"Takedown {takedown_id[:300]} has no account {account_id[:300]}. Name one of its own."
        )
    if decision.acted_at is None or decision.state not in (TargetState.ACTED, TargetState.UNDONE):
        raise Conflict(
            f"Account {account_id} is {decision.state.value} in takedown {takedown_id}: nothing "
            "was done to it that reasons could be stated for."
        )
    text = write_statement(
        StatementFacts(
            account_id=account_id,
            takedown_id=takedown_id,
            action=decision.action,
            acted_at=decision.acted_at,
            expires_at=decision.expires_at,
            undone_at=decision.undone_at,
            approved=decision.approved,
            ground=ground,
            appeal_to=appeal_to,
        )
    )
    detail = {"account_id": account_id}
    await append(graph, AuditRecord(by, AuditAction.STATEMENT_MADE, takedown_id, detail))
    log.info("statement_made", takedown_id=takedown_id)
    return text

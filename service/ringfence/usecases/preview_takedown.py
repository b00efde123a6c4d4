"""Look at what a takedown would do; nothing is kept and nobody is told."""

from dataclasses import dataclass
from datetime import UTC, datetime

from ringfence.domain.blast_radius import BlastRadius
from ringfence.domain.takedown_plans import (
    PlannedTakedown,
    TakedownOptions,
    check_options,
    hash_of_plan,
)
from ringfence.domain.takedown_rules import TakedownRules
from ringfence.domain.takedowns import TakedownAction
from ringfence.store.graph import Graph
from ringfence.usecases.plan_takedown import examine, needs_approval


@dataclass(frozen=True, slots=True)
class TakedownPreview:
    """What a takedown would do as its ring is now.

    Attributes:
        plan_hash: what a plan made now would have, if it were asked for in the same words.
        needs_approval: whether a second person would have to agree.
    """

    planned: PlannedTakedown
    blast_radius: BlastRadius
    plan_hash: str
    needs_approval: bool


async def preview_takedown(
    graph: Graph,
    ring_id: str,
    action: TakedownAction,
    rules: TakedownRules,
    *,
    reason: str,
    options: TakedownOptions | None = None,
) -> TakedownPreview:
    """What a takedown of a ring would do, and whom it would hit; it may be nobody.

    Args:
        graph: connected and migrated.
        ring_id: of the ring, or of one that merged into it.
        action: what would be done to each account.
        rules: of takedowns.
        reason: why, in words; part of what is hashed.
        options: how.

    Raises:
        InvalidInput: the reason or an option is not as it must be.
        NotFound: no ring has that id.
        Conflict: the ring is dismissed or closed.
    """
    options = options or TakedownOptions()
    check_options(reason, options)
    at = datetime.now(UTC)
    planned, radius = await examine(
        graph, ring_id, action, rules, reason=reason.strip(), options=options, at=at
    )
    return TakedownPreview(
        planned, radius, hash_of_plan(planned), needs_approval(planned, radius, rules)
    )

"""A ring drawn small: identifiers with counts, and how many members each two have in common."""

import strawberry

from ringfence.api.graphql.evidence import Evidence, evidence
from ringfence.store.ring_summaries import RingSummary as StoredSummary


@strawberry.type
class SummaryTie:
    """Two identifiers of a summary that members have in common."""

    left: int = strawberry.field(description="Place of the one in `identifiers`, from 0.")
    right: int = strawberry.field(description="Place of the other, greater than `left`.")
    members: int = strawberry.field(description="Members that carry both.")


@strawberry.type
class RingSummary:
    """A graph of a ring that stays readable at any size: draw identifiers, not accounts.

    From an identifier go on to `members(carrying:)` of the ring.
    """

    identifiers: list[Evidence] = strawberry.field(
        description="Its strongest identifiers, as many as were asked for, with their counts."
    )
    ties: list[SummaryTie] = strawberry.field(
        description="Which of them are tied by common members, most members first; 500 at the most."
    )


def ring_summary(stored: StoredSummary) -> RingSummary:
    """The summary as GraphQL tells it."""
    place = {ranked.rank: at for at, ranked in enumerate(stored.identifiers)}
    return RingSummary(
        identifiers=[evidence(ranked) for ranked in stored.identifiers],
        ties=[
            SummaryTie(left=place[tie.left], right=place[tie.right], members=tie.members)
            for tie in stored.ties
        ],
    )

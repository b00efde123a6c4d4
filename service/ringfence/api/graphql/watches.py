"""The watch on a ring's return in GraphQL."""

from datetime import datetime

import strawberry

from ringfence.api.graphql.fields import held, resolved
from ringfence.domain import returns as domain
from ringfence.domain.screenings import Likelihood


@strawberry.type
class RingReturn:
    """A ring that another one came back as after its takedown."""

    stored: strawberry.Private[domain.Return]
    ring_id: str = held("stored.ring_id", "Plain id of the ring that it came back as.")
    likelihood: Likelihood = held("stored.likelihood", "How sure that is.")
    generation: int = held("stored.generation", "Which return it is, from 1.")
    replacement_rate: float = held(
        "stored.replacement_rate",
        "Share from 0 to 1 of strong and medium identifiers of its core that it had not before.",
    )
    hours_to_return: float = held(
        "stored.hours_to_return", "Hours from the takedown to the first sign-up after it."
    )


@strawberry.type
class Watch:
    """What is known of the return of a ring: from what it returned, and what it came back as."""

    stored: strawberry.Private[domain.Watch]
    generation: int = held(
        "stored.generation", "How often it, or what it came from, had returned; 0: never."
    )
    returned_from: str | None = held(
        "stored.returned_from", "Plain id of the ring that it returned from."
    )
    likelihood: Likelihood | None = held("stored.likelihood", "How sure it is that it returned.")
    replacement_rate: float | None = held(
        "stored.replacement_rate",
        "Share from 0 to 1 of strong and medium identifiers of its core that it had not before.",
    )
    hours_to_return: float | None = held(
        "stored.hours_to_return", "Hours from the takedown to its first sign-up after that."
    )
    taken_down_at: datetime | None = held(
        "stored.taken_down_at", "When it was taken down first, in UTC."
    )
    new_members_since_takedown: int = held(
        "stored.new_members_since_takedown",
        "Who joined it under its own id since its last takedown began.",
    )
    first_named_at: datetime | None = held(
        "stored.first_named_at",
        "When a sign-up check named it first after its takedown, in UTC.",
    )

    @resolved
    def returns(self) -> list[RingReturn]:
        """Rings that it came back as, the soonest first."""
        return [RingReturn(stored=one) for one in self.stored.returns]

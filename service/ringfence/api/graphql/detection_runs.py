"""Detection runs in GraphQL."""

from datetime import datetime
from typing import Self

import strawberry

from ringfence.api.graphql.ids import Keyed
from ringfence.api.graphql.nodes import Node
from ringfence.api.graphql.scalars import Count
from ringfence.store.run_history import StoredRun


@strawberry.type
class DetectionRun(Node):
    """One run of detection: what it was told, and what it found."""

    run_id: str = strawberry.field(description="Its plain id.")
    started_at: datetime | None = strawberry.field(description="When it began, in UTC.")
    finished_at: datetime | None = strawberry.field(
        description="When it ended, in UTC; null while it runs."
    )
    as_of: datetime | None = strawberry.field(
        description="The moment whose graph it judged, in UTC; null for all there was."
    )
    config: str | None = strawberry.field(description="Its configuration, as JSON.")
    seed: Count | None = strawberry.field(description="Seed of what is random in it.")
    graph_fingerprint: str | None = strawberry.field(
        description="128 bits in hex: equal graphs have equal fingerprints."
    )
    version: str | None = strawberry.field(description="Version of Ringfence that ran.")
    rings_found: int | None = strawberry.field(description="How many rings it found.")
    accounts_flagged: int | None = strawberry.field(description="Members of all of them.")
    state: str | None = strawberry.field(description="Whether it runs, finished or failed.")

    global_id = Keyed("DetectionRun", "run_id")

    @classmethod
    def from_stored(cls, stored: StoredRun) -> Self:
        """The run as GraphQL tells it."""
        return cls(
            run_id=stored.id,
            started_at=stored.started_at,
            finished_at=stored.finished_at,
            as_of=stored.as_of,
            config=stored.config,
            seed=None if stored.seed is None else Count(stored.seed),
            graph_fingerprint=stored.graph_fingerprint,
            version=stored.version,
            rings_found=stored.rings,
            accounts_flagged=stored.accounts_flagged,
            state=stored.state,
        )

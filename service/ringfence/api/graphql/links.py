"""Links in GraphQL: uses of one identifier by one account."""

from datetime import datetime

import strawberry

from ringfence.api.graphql.nodes import SomeAccount, SomeIdentifier
from ringfence.store.links import StoredLink


@strawberry.type
class Link:
    """Uses of one identifier by one account."""

    account: SomeAccount = strawberry.field(description="The account.")
    identifier: SomeIdentifier = strawberry.field(description="What it used.")
    first_seen_at: datetime | None = strawberry.field(description="The first use, in UTC.")
    last_seen_at: datetime | None = strawberry.field(description="The last use, in UTC.")
    events: int = strawberry.field(description="How many events tell of a use.")


def link(stored: StoredLink, account: SomeAccount, identifier: SomeIdentifier) -> Link:
    """The link as GraphQL tells it."""
    return Link(
        account=account,
        identifier=identifier,
        first_seen_at=stored.first_seen_at,
        last_seen_at=stored.last_seen_at,
        events=stored.events,
    )

"""Links in GraphQL: uses of one identifier by one account."""

from datetime import datetime

import strawberry

from ringfence.api.graphql.fields import held
from ringfence.api.graphql.nodes import SomeAccount, SomeIdentifier
from ringfence.store.links import StoredLink


@strawberry.type
class Link:
    """Uses of one identifier by one account."""

    stored: strawberry.Private[StoredLink]
    account: SomeAccount = strawberry.field(description="The account.")
    identifier: SomeIdentifier = strawberry.field(description="What it used.")
    first_seen_at: datetime | None = held("stored.first_seen_at", "The first use, in UTC.")
    last_seen_at: datetime | None = held("stored.last_seen_at", "The last use, in UTC.")
    events: int = held("stored.events", "How many events tell of a use.")

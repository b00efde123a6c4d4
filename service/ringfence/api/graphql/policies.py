"""Policies in GraphQL: what a score leads to, in versions, of which one answers."""

import re
from datetime import datetime
from functools import partial
from typing import Annotated, Final

import strawberry

from ringfence.api.graphql.context import Context, Info
from ringfence.api.graphql.fields import held, resolved
from ringfence.api.graphql.ids import global_id
from ringfence.api.graphql.nodes import Node
from ringfence.api.graphql.paging import COUNT_LIMIT, After, Connection, First, read_page
from ringfence.domain.policies import PolicyMode
from ringfence.errors import NotFound
from ringfence.store.policies import StoredPolicy
from ringfence.usecases.policies import find_policy
from ringfence.usecases.policy_pages import count_policies, find_many_policies, page_policies

PolicyId = Annotated[
    str, strawberry.argument(description="Plain id of the policy, which all its versions share.")
]
SomeVersion = Annotated[
    int | None, strawberry.argument(description="One of its versions; null: the latest.")
]
_KEY: Final = re.compile(r"(?P<id>[^/]+)/(?P<version>[0-9]{1,9})")


@strawberry.type
class Policy(Node):
    """One version of a policy, which says what sign-ups are answered; its mode alone changes."""

    stored: strawberry.Private[StoredPolicy]
    policy_id: str = held("stored.policy.id", "Its plain id, which all its versions share.")
    version: int = held("stored.policy.version", "Its version, from 1; 0: the built-in one.")
    mode: PolicyMode = held("stored.policy.mode", "Whether it answers.")
    name: str = held("stored.policy.name", "Its name; 200 characters at the most.")
    saved_by: str = held("stored.saved_by", "Who saved it.")
    saved_at: datetime | None = held(
        "stored.saved_at", "When it was saved, in UTC; null: it is built in."
    )
    changed_by: str | None = held(
        "stored.changed_by", "Who changed its mode last; null: it is in its first one."
    )
    changed_at: datetime | None = held(
        "stored.changed_at", "When its mode was changed last, in UTC."
    )
    reason: str | None = held("stored.reason", "Why its mode was changed last.")

    @property
    def global_id(self) -> str:
        """Its opaque id."""
        policy_id, version = self.stored.policy.key
        return global_id("Policy", f"{policy_id}/{version}")

    @resolved
    def document(self) -> str:
        """All that people wrote, as JSON, to be changed and saved as another version."""
        return self.stored.policy.document()

    @resolved
    def content_hash(self) -> str:
        """SHA-256 of the document, in hex: equal documents have equal hashes."""
        return self.stored.policy.content_hash()


@strawberry.type
class PolicyQueries:
    """What can be asked about policies."""

    @resolved
    async def policies(self, info: Info, first: First, after: After = None) -> Connection[Policy]:
        """Versions of policies, by id, then version; the built-in one while it answers."""
        page = read_page(first, after, "policies", (str, int))
        graph = info.context.graph
        found = await page_policies(graph, after=page.after, limit=page.limit)
        return page.connect(
            found,
            place=lambda one: one.policy.key,
            node=policy,
            counted=partial(count_policies, graph, limit=COUNT_LIMIT + 1),
        )

    @resolved
    async def policy(
        self, info: Info, policy_id: PolicyId, version: SomeVersion = None
    ) -> Policy | None:
        """One version of a policy, or null."""
        try:
            return policy(await find_policy(info.context.graph, policy_id, version))
        except NotFound:
            return None


def policy(stored: StoredPolicy) -> Policy:
    """The policy as GraphQL tells it."""
    return Policy(stored=stored)


async def policy_of(context: Context, key: str) -> Policy | None:
    """The policy of the key in its global id, or None."""
    match = _KEY.fullmatch(key)
    if match is None:
        return None
    stored = await context.load(find_many_policies, (match["id"], int(match["version"])))
    return policy(stored) if stored else None

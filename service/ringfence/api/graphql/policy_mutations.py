"""What GraphQL can change of policies: save one, try it out, enforce it, and retire it."""

from collections.abc import Awaitable
from enum import Enum
from typing import Annotated

import strawberry

from ringfence.api.graphql.context import Info
from ringfence.api.graphql.fields import resolved
from ringfence.api.graphql.policies import Policy, policy
from ringfence.domain.policy_reading import read_draft
from ringfence.errors import Conflict, InvalidInput, NotFound
from ringfence.store.graph import Graph
from ringfence.store.policies import StoredPolicy
from ringfence.usecases.policies import (
    MAX_REASON,
    enforce_policy,
    retire_policy,
    save_policy,
    shadow_policy,
)


@strawberry.enum
class PolicyProblem(Enum):
    """Why a policy was not saved, or stays in its mode."""

    NOT_FOUND = NotFound.code
    CONFLICT = Conflict.code
    INVALID_INPUT = InvalidInput.code


@strawberry.type
class PolicyTaken:
    """A policy that was saved, or that passed to another mode."""

    policy: Policy = strawberry.field(description="The policy, as it is now.")


@strawberry.type
class PolicyRefused:
    """A policy that was not saved, or that stays in its mode; nothing was changed."""

    code: PolicyProblem = strawberry.field(description="Why, for machines.")
    message: str = strawberry.field(description="Why, in words, and what to do next.")


@strawberry.input
class SavePolicyInput:
    """A policy to save."""

    document: str = strawberry.field(
        description="The policy as JSON, such as `Policy.document` tells it; its `id` says of "
        "which policy it becomes a version."
    )


@strawberry.input
class MovePolicyInput:
    """A version of a policy, and why its mode is to change."""

    policy_id: str = strawberry.field(
        description="Plain id of the policy, which all its versions share."
    )
    version: int = strawberry.field(description="Its version.")
    reason: str = strawberry.field(description=f"Why, in words; 1 to {MAX_REASON:,} characters.")


PolicyResult = Annotated[
    PolicyTaken | PolicyRefused,
    strawberry.union("PolicyResult", description="The policy, or why not."),
]
MovedBy = Annotated[
    MovePolicyInput, strawberry.argument(name="input", description="The version, and why.")
]


@strawberry.type
class PolicyMutations:
    """What can be changed of policies."""

    @resolved
    async def save_policy(
        self,
        info: Info,
        asked: Annotated[
            SavePolicyInput, strawberry.argument(name="input", description="The policy.")
        ],
    ) -> PolicyResult:
        """Save a policy as a new version, a shadow until it is enforced; the same again is none."""
        return await _answer(_save(info.context.graph, asked.document, by=info.context.client))

    @resolved
    async def enforce_policy(self, info: Info, asked: MovedBy) -> PolicyResult:
        """Let a version answer from now on, at all workers within seconds; the one before retires.

        It may be a shadow, or a retired one that is to come back.
        """
        graph, by = info.context.graph, info.context.client
        return await _answer(
            enforce_policy(graph, asked.policy_id, asked.version, reason=asked.reason, by=by)
        )

    @resolved
    async def shadow_policy(self, info: Info, asked: MovedBy) -> PolicyResult:
        """Try a retired version out again, beside the one that answers; 5 at a time."""
        graph, by = info.context.graph, info.context.client
        return await _answer(
            shadow_policy(graph, asked.policy_id, asked.version, reason=asked.reason, by=by)
        )

    @resolved
    async def retire_policy(self, info: Info, asked: MovedBy) -> PolicyResult:
        """Try a shadow out no longer; it is kept."""
        graph, by = info.context.graph, info.context.client
        return await _answer(
            retire_policy(graph, asked.policy_id, asked.version, reason=asked.reason, by=by)
        )


async def _save(graph: Graph, document: str, *, by: str) -> StoredPolicy:
    return await save_policy(graph, read_draft(document, where="document"), by=by)


async def _answer(act: Awaitable[StoredPolicy]) -> PolicyTaken | PolicyRefused:
    try:
        return PolicyTaken(policy=policy(await act))
    except (NotFound, Conflict, InvalidInput) as error:
        return PolicyRefused(code=PolicyProblem(error.code), message=str(error))

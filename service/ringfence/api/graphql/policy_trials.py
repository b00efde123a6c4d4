"""Policies tried on the last sign-ups, in GraphQL, before anybody switches them on."""

from collections.abc import Mapping
from typing import Annotated

import strawberry

from ringfence.api.graphql.context import Info
from ringfence.api.graphql.fields import held, resolved
from ringfence.api.graphql.paging import First, bounded
from ringfence.api.graphql.policies import PolicyId, SomeVersion
from ringfence.domain.screenings import Decision
from ringfence.screening.policy_diff import ChangedRuling, Move, PolicyDiff, changed_by
from ringfence.store.screenings import MAX_REPLAYED
from ringfence.usecases.policy_trial import LAST, try_policy


@strawberry.type
class PolicyMove:
    """How many sign-ups go from one decision to another, or keep it."""

    before: Decision = strawberry.field(description="What was decided, the budget left out.")
    then: Decision = strawberry.field(description="What the policy on trial decides.")
    sign_ups: int = strawberry.field(description="How many.")


@strawberry.type
class PolicyTrialCohort:
    """What becomes of the sign-ups of one cohort, as the policy on trial cuts them."""

    told: strawberry.Private[Mapping[Move, int]]
    cohort: str = strawberry.field(description="Its name, such as `country=FR plan=free`.")
    changed: int = strawberry.field(description="How many would be answered otherwise.")

    @resolved
    def moves(self) -> list[PolicyMove]:
        """How many go from which decision to which, those that stay too; 16 at the most."""
        return _moves(self.told)


@strawberry.type
class PolicyTrialExample:
    """One sign-up that would be answered otherwise."""

    stored: strawberry.Private[ChangedRuling]
    attempt_id: str = held("stored.attempt_id", "The provider's own id of the attempt.")
    before: Decision = held("stored.old", "What was decided, the budget left out.")
    then: Decision = held("stored.new", "What the policy on trial decides.")

    @resolved
    def codes(self) -> list[str]:
        """The rules that lead to that, for machines, the deciding one first."""
        return list(self.stored.codes)


@strawberry.type
class PolicyTrial:
    """How the last sign-ups would be answered by a policy; the friction budget is left out."""

    found: strawberry.Private[PolicyDiff]
    version: int = held("found.version", "The version that was tried; 0 is built in.")
    attempts: int = held("found.attempts", "How many sign-ups were looked at.")
    changed: int = held("found.changed", "How many of them would be answered otherwise.")
    old_friction: float = held(
        "found.old_friction", "Share from 0 to 1 that was to be challenged or blocked."
    )
    new_friction: float = held(
        "found.new_friction", "Share from 0 to 1 that would be challenged or blocked."
    )

    @resolved
    def moves(self) -> list[PolicyMove]:
        """How many go from which decision to which, those that stay too; 16 at the most."""
        return _moves(self.found.moves)

    @resolved
    def moves_by_cohort(self, first: First) -> list[PolicyTrialCohort]:
        """The same for each cohort, the one of which most would be answered otherwise first."""
        cohorts = [
            PolicyTrialCohort(cohort=name, changed=changed_by(moves), told=moves)
            for name, moves in self.found.moves_by_cohort.items()
        ]
        cohorts.sort(key=lambda one: (-one.changed, one.cohort))
        return cohorts[: bounded(first)]

    @resolved
    def examples(self) -> list[PolicyTrialExample]:
        """Some that would be answered otherwise, the latest first; 20 at the most."""
        return [PolicyTrialExample(stored=one) for one in self.found.examples]


@strawberry.type
class PolicyTrialQueries:
    """What can be asked about policies that may be switched on."""

    @resolved
    async def policy_trial(
        self,
        info: Info,
        policy_id: PolicyId,
        version: SomeVersion = None,
        last: Annotated[
            int,
            strawberry.argument(
                description=f"Sign-ups to look at, the latest; 1 to {MAX_REPLAYED:,}."
            ),
        ] = LAST,
    ) -> PolicyTrial:
        """Try a policy on the last sign-ups; it reads all of them, and nothing is changed."""
        found = await try_policy(info.context.graph, policy_id, version, last=last)
        return PolicyTrial(found=found)


def _moves(moves: Mapping[Move, int]) -> list[PolicyMove]:
    return [
        PolicyMove(before=old, then=new, sign_ups=count)
        for (old, new), count in sorted(moves.items())
    ]

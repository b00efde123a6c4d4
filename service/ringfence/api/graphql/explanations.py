"""Why two accounts are linked, in GraphQL."""

import strawberry

from ringfence.api.graphql.accounts import Account
from ringfence.api.graphql.context import Info
from ringfence.api.graphql.fields import named_field, resolved
from ringfence.api.graphql.identifiers import Identifier
from ringfence.domain.identifiers import IdentifierKey
from ringfence.store.accounts import find_accounts
from ringfence.store.identifiers import find_identifiers
from ringfence.usecases.explain_link import HUB_ACCOUNTS, LinkExplanation, LinkOutcome
from ringfence.usecases.link_paths import MAX_STEPS
from ringfence.usecases.link_paths import LinkStep as FoundStep


@strawberry.type
class LinkStep:
    """Two accounts that carry one identifier."""

    from_id: strawberry.Private[str]
    to_id: strawberry.Private[str]
    key: strawberry.Private[IdentifierKey]
    accounts: int = strawberry.field(description="How many accounts carry the identifier.")
    weight: float = strawberry.field(
        description="How much it ties the two, above 0 and up to 3: its strength by its rarity."
    )
    text: str = strawberry.field(description="The step in words.")

    @named_field("from")
    async def from_account(self, info: Info) -> Account | None:
        """The account that the step starts from."""
        stored = await info.context.load(find_accounts, self.from_id)
        return Account(stored=stored) if stored else None

    @named_field("to")
    async def to_account(self, info: Info) -> Account | None:
        """The account that the step leads to."""
        stored = await info.context.load(find_accounts, self.to_id)
        return Account(stored=stored) if stored else None

    @resolved
    async def identifier(self, info: Info) -> Identifier | None:
        """The identifier that both carry."""
        stored = await info.context.load(find_identifiers, self.key)
        return Identifier(stored=stored) if stored else None


@strawberry.type(
    name="LinkExplanation",
    description=(
        f"Why two accounts are linked: the best path of {MAX_STEPS} steps at the most, few steps "
        f"over strong and rare identifiers; those of more than {HUB_ACCOUNTS} accounts are not "
        "followed."
    ),
)
class Explanation:
    """Why two accounts are linked, or that they are not."""

    outcome: LinkOutcome = strawberry.field(description="What the search came to.")
    text: str = strawberry.field(description="The answer in words.")
    steps: list[LinkStep] = strawberry.field(
        description=f"The path from the first account to the second, {MAX_STEPS} steps at the most."
    )
    notices: list[str] = strawberry.field(description="What was left out, in words.")


def explanation(found: LinkExplanation) -> Explanation:
    """The explanation as GraphQL tells it."""
    return Explanation(
        outcome=found.outcome,
        text=found.text,
        steps=[_step(step) for step in found.steps],
        notices=list(found.notices),
    )


def _step(found: FoundStep) -> LinkStep:
    return LinkStep(
        from_id=found.from_id,
        to_id=found.to_id,
        key=found.identifier,
        accounts=found.accounts,
        weight=found.weight,
        text=found.text,
    )

"""Accounts of takedowns in GraphQL: who would be acted on, and what became of each."""

from collections.abc import Sequence
from datetime import datetime

import strawberry

from ringfence.api.graphql import accounts as account_types
from ringfence.api.graphql import members as member_types
from ringfence.api.graphql import takedowns as takedown_types
from ringfence.api.graphql.context import Info
from ringfence.api.graphql.fields import held, resolved
from ringfence.api.graphql.nodes import SomeAccount, SomeName, SomeTakedown
from ringfence.api.graphql.paging import Connection, Page, read_page
from ringfence.api.graphql.scalars import Count
from ringfence.domain import takedown_plans as domain
from ringfence.domain.identifiers import IdentifierKey
from ringfence.domain.rings import Role
from ringfence.domain.takedown_plans import Care
from ringfence.domain.takedowns import HoldReason, Standing, TargetState
from ringfence.store.accounts import find_accounts
from ringfence.store.takedown_targets import StoredTarget
from ringfence.store.takedowns import find_takedowns


@strawberry.type
class PlannedTarget:
    """A member in a plan."""

    stored: strawberry.Private[domain.PlannedTarget]
    account_id: str = held("stored.account_id", "The provider's own id of the account.")
    role: Role = held("stored.role", "Whether it is core or peripheral.")
    strength: float = held("stored.strength", "How firmly it is tied, from 0 up, without unit.")
    previous_standing: Standing = held(
        "stored.previous_standing", "What it might do when the plan was made."
    )
    hold: HoldReason | None = held("stored.hold", "Why it is held out; null: it would be acted on.")
    exchanges: Count = held("stored.requests", "Exchanges that it drew.")
    care: list[Care] = held("stored.care", "Why it deserves a second look.")

    @resolved
    def sole(self) -> SomeName | None:
        """The one identifier without which it is cut off from the others, if it hangs by one."""
        return _name(IdentifierKey(*self.stored.sole)) if self.stored.sole else None

    @resolved
    async def account(self, info: Info) -> SomeAccount | None:
        """The account as it is now."""
        return await _account(info, self.stored.account_id)


@strawberry.type
class TakedownTarget:
    """What became of one account of a takedown."""

    stored: strawberry.Private[StoredTarget]
    takedown_id: str = strawberry.field(description="The takedown's plain id.")
    account_id: str = held("stored.account_id", "The provider's own id of the account.")
    role: Role = held("stored.role", "Whether it was core or peripheral.")
    state: TargetState = held("stored.state", "What became of it.")
    hold: HoldReason | None = held("stored.hold", "Why it was held out, if it was.")
    strength: float = held("stored.strength", "How firmly it was tied, from 0 up, without unit.")
    wave: int | None = held("stored.wave", "Its wave, from 0, the canary; null: it is held out.")
    exchanges: Count = held("stored.requests", "Exchanges that it had drawn.")
    previous_standing: Standing = held(
        "stored.previous_standing",
        "What it had before it was acted on; until then, when the plan was made.",
    )
    acted_at: datetime | None = held("stored.acted_at", "When it was acted on, in UTC.")
    undone_at: datetime | None = held(
        "stored.undone_at", "When that was taken back, or it was let go of, in UTC."
    )
    undone_because: str | None = held("stored.undone_because", "Why.")
    receipt: str | None = held(
        "stored.receipt", "What the provider says became of it: done or failed; null: nothing yet."
    )
    receipt_reason: str | None = held("stored.receipt_reason", "Why it failed.")
    receipt_at: datetime | None = held("stored.receipt_at", "When it said so, in UTC.")
    review_because: str | None = held(
        "stored.review_because", "Why a person should look at it again, if one should."
    )

    @resolved
    def sole(self) -> SomeName | None:
        """The one identifier without which it was cut off from the others, if it hung by one."""
        return _name(self.stored.sole) if self.stored.sole else None

    @resolved
    async def standing(self, info: Info) -> Standing | None:
        """What it may do now: the strictest of what the provider told and of all takedowns."""
        found = await info.context.load(find_accounts, self.stored.account_id)
        return found.standing if found else None

    @resolved
    async def account(self, info: Info) -> SomeAccount | None:
        """The account as it is now."""
        return await _account(info, self.stored.account_id)

    @resolved
    async def takedown(self, info: Info) -> SomeTakedown | None:
        """The takedown."""
        found = await info.context.load(find_takedowns, self.takedown_id)
        return takedown_types.takedown(found) if found else None


def planned_page(first: int, after: str | None) -> Page:
    """What a caller asks of the members in a plan.

    Raises:
        InvalidInput: `first` is out of bounds, or the cursor is not one of such a list.
    """
    return read_page(first, after, "planned_targets", (str,))


def planned_targets(
    page: Page, targets: Sequence[domain.PlannedTarget]
) -> Connection[PlannedTarget]:
    """A page of the members in a plan.

    Args:
        page: asked of the list.
        targets: all of them, by account id.
    """
    after = page.after[0] if page.after else ""
    found = [one for one in targets if one.account_id > after][: page.limit]

    async def counted() -> int:
        return len(targets)

    return page.connect(
        found,
        place=lambda one: (one.account_id,),
        node=lambda one: PlannedTarget(stored=one),
        counted=counted,
    )


def _name(key: IdentifierKey) -> "member_types.IdentifierName":
    return member_types.IdentifierName(kind=key.kind, key=key)


async def _account(info: Info, account_id: str) -> "account_types.Account | None":
    found = await info.context.load(find_accounts, account_id)
    return account_types.Account(stored=found) if found else None

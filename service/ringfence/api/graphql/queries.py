"""The questions that GraphQL answers."""

from asyncio import gather
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from typing import Annotated

import strawberry

from ringfence.api.graphql.accounts import Account
from ringfence.api.graphql.appeals import AppealQueries, appeal_of
from ringfence.api.graphql.context import Context, Info
from ringfence.api.graphql.detection_runs import DetectionRun
from ringfence.api.graphql.explanations import Explanation, explanation
from ringfence.api.graphql.fields import resolved
from ringfence.api.graphql.identifiers import Identifier
from ringfence.api.graphql.ids import identifier_key, key_of, split_id
from ringfence.api.graphql.investigations import InvestigationQueries, investigation_of
from ringfence.api.graphql.moments import AsOf, zoned
from ringfence.api.graphql.nodes import Node
from ringfence.api.graphql.operations import Operation
from ringfence.api.graphql.paging import (
    COUNT_LIMIT,
    MAX_FIRST,
    After,
    Connection,
    First,
    read_page,
)
from ringfence.api.graphql.policies import PolicyQueries, policy_of
from ringfence.api.graphql.policy_lists import PolicyListQueries
from ringfence.api.graphql.policy_trials import PolicyTrialQueries
from ringfence.api.graphql.ring_filter import RingFilter, RingOrder
from ringfence.api.graphql.rings import Ring
from ringfence.api.graphql.screenings import ScreeningQueries, screening_of
from ringfence.api.graphql.takedown_queries import TakedownQueries
from ringfence.api.graphql.takedowns import takedown_of
from ringfence.api.graphql.why_not import ExplanationQueries
from ringfence.domain.identifiers import IdentifierKey
from ringfence.errors import InvalidInput
from ringfence.store.accounts import find_accounts
from ringfence.store.graph import Graph
from ringfence.store.identifiers import SearchHit, find_identifiers, search
from ringfence.store.operations import find_operations
from ringfence.store.rings import count_rings, find_rings, page_rings
from ringfence.store.run_history import count_runs, find_runs, page_runs
from ringfence.usecases.explain_link import explain_link

AccountOrIdentifier = Annotated[
    Account | Identifier,
    strawberry.union("SearchHit", description="What bears the key that was searched for."),
]
AnyId = Annotated[
    strawberry.ID, strawberry.argument(name="id", description="A global id, or the plain id.")
]
AnyAccountId = Annotated[
    strawberry.ID, strawberry.argument(description="A global id, or the provider's account id.")
]


async def _account(context: Context, key: str) -> Account | None:
    stored = await context.load(find_accounts, key)
    return Account(stored=stored) if stored else None


async def _ring(context: Context, key: str, as_of: datetime | None = None) -> Ring | None:
    stored = await context.load(find_rings, key, as_of=as_of)
    return Ring(stored=stored, as_of=as_of) if stored else None


async def _operation(context: Context, key: str) -> Operation | None:
    stored = await context.load(find_operations, key)
    return Operation.from_stored(stored) if stored else None


async def _identifier(context: Context, key: IdentifierKey) -> Identifier | None:
    stored = await context.load(find_identifiers, key)
    return Identifier(stored=stored) if stored else None


async def _detection_run(context: Context, key: str) -> DetectionRun | None:
    stored = await context.load(find_runs, key)
    return DetectionRun.from_stored(stored) if stored else None


_READ_BY_TYPE: dict[str, Callable[[Context, str], Awaitable[Node | None]]] = {
    "Account": _account,
    "Ring": _ring,
    "Operation": _operation,
    "Identifier": lambda context, key: _identifier(context, identifier_key(key)),
    "DetectionRun": _detection_run,
    "Investigation": investigation_of,
    "Screening": screening_of,
    "Takedown": takedown_of,
    "Appeal": appeal_of,
    "Policy": policy_of,
}


async def _node(context: Context, text: str) -> Node | None:
    type_name, key = split_id(text)
    read = _READ_BY_TYPE.get(type_name)
    return await read(context, key) if read else None


async def _hit(context: Context, hit: SearchHit) -> Account | Identifier | None:
    if hit.account_id is not None:
        return await _account(context, hit.account_id)
    return await _identifier(context, hit.identifier) if hit.identifier else None


async def _count_hits(graph: Graph, term: str, kind: str | None) -> int:
    return len(await search(graph, term, kind, after=None, limit=COUNT_LIMIT + 1))


@strawberry.type
class Query(
    InvestigationQueries,
    ScreeningQueries,
    PolicyQueries,
    PolicyTrialQueries,
    PolicyListQueries,
    TakedownQueries,
    AppealQueries,
    ExplanationQueries,
):
    """The questions that can be asked."""

    @resolved
    async def node(
        self,
        info: Info,
        global_id: Annotated[
            strawberry.ID,
            strawberry.argument(name="id", description="A global id, from an `id` field."),
        ],
    ) -> Node | None:
        """The object of a global id, or null."""
        return await _node(info.context, global_id)

    @resolved
    async def nodes(
        self,
        info: Info,
        ids: Annotated[
            list[strawberry.ID],
            strawberry.argument(description=f"{MAX_FIRST} global ids at the most."),
        ],
    ) -> list[Node | None]:
        """The objects of global ids, in their order; null for an unknown one."""
        if len(ids) > MAX_FIRST:
            raise InvalidInput(f"Got {len(ids)} ids, take {MAX_FIRST} at once.")
        return await gather(*(_node(info.context, one) for one in ids))

    @resolved
    async def rings(
        self,
        info: Info,
        first: First,
        after: After = None,
        wanted: Annotated[
            RingFilter | None,
            strawberry.argument(name="filter", description="Only some rings."),
        ] = None,
        order_by: Annotated[
            RingOrder | None, strawberry.argument(description="The order; else by score, falling.")
        ] = None,
        as_of: AsOf = None,
    ) -> Connection[Ring]:
        """Rings, highest score first unless told otherwise."""
        which, moment = (wanted or RingFilter()).to_store(), zoned(as_of)
        order = (order_by or RingOrder()).to_store()
        name = f"rings_{order.by}_{'falling' if order.falling else 'rising'}"
        page = read_page(first, after, name, (float, str))
        graph = info.context.graph
        found = await page_rings(
            graph, which, order, after=page.after, limit=page.limit, as_of=moment
        )
        return page.connect(
            found,
            place=lambda one: one[0],
            node=lambda one: Ring(stored=one[1], as_of=moment),
            counted=partial(count_rings, graph, which, limit=COUNT_LIMIT + 1, as_of=moment),
        )

    @resolved
    async def ring(self, info: Info, some_id: AnyId, as_of: AsOf = None) -> Ring | None:
        """One ring, by its id or that of a ring that merged into it, or null."""
        return await _ring(info.context, key_of("Ring", some_id), zoned(as_of))

    @resolved
    async def account(self, info: Info, some_id: AnyId) -> Account | None:
        """One account, or null."""
        return await _account(info.context, key_of("Account", some_id))

    @resolved
    async def operation(self, info: Info, some_id: AnyId) -> Operation | None:
        """One operation, or null."""
        return await _operation(info.context, key_of("Operation", some_id))

    @resolved
    async def search(
        self,
        info: Info,
        term: Annotated[str, strawberry.argument(description="The key, 256 characters.")],
        first: First,
        kind: Annotated[
            str | None,
            strawberry.argument(
                description="Only this kind of identifier, or `account`; else all known kinds."
            ),
        ] = None,
        after: After = None,
    ) -> Connection[AccountOrIdentifier]:
        """Accounts and identifiers that bear exactly this key.

        It may be an account id, a device, an instrument, an address, an e-mail or another value.
        """
        page = read_page(first, after, "search", (int, str))
        graph = info.context.graph
        hits = await search(graph, term, kind, after=page.after, limit=page.limit)
        nodes = await gather(*(_hit(info.context, hit) for hit in hits))
        return page.connect(
            [(hit, node) for hit, node in zip(hits, nodes, strict=True) if node],
            place=lambda one: one[0].place,
            node=lambda one: one[1],
            counted=partial(_count_hits, graph, term, kind),
        )

    @resolved
    async def why_linked(self, info: Info, a: AnyAccountId, b: AnyAccountId) -> Explanation:
        """Why two accounts are linked, in steps and in words."""
        ends = (key_of("Account", end) for end in (a, b))
        return explanation(await explain_link(info.context.graph, *ends))

    @resolved
    async def detection_runs(
        self, info: Info, first: First, after: After = None
    ) -> Connection[DetectionRun]:
        """Runs of detection, newest first."""
        page = read_page(first, after, "detection_runs", (int, str))
        found = await page_runs(info.context.graph, after=page.after, limit=page.limit)
        return page.connect(
            found,
            place=lambda one: one[0],
            node=lambda one: DetectionRun.from_stored(one[1]),
            counted=partial(count_runs, info.context.graph),
        )

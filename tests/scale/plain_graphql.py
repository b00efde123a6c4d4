"""The page of rings and members as stock Strawberry serves it: types of attributes, its own router.

It reads what our API reads, through the same functions of the store, and gathers members with a
data loader, as Strawberry's documentation shows it.
"""

from base64 import b64encode
from collections.abc import Sequence

import strawberry
from fastapi import FastAPI
from strawberry.dataloader import DataLoader
from strawberry.fastapi import BaseContext, GraphQLRouter

from ringfence.domain.rings import Grade, Role
from ringfence.store import members as stored_members
from ringfence.store import rings as stored_rings
from ringfence.store.accounts import StoredAccount
from ringfence.store.graph import Graph
from ringfence.store.members import MemberOrder, Membership

strawberry.enum(Grade)
strawberry.enum(Role)


class Context(BaseContext):
    """The graph of one request, and its loader."""

    def __init__(self, graph: Graph) -> None:
        super().__init__()
        self.graph = graph
        self.members = DataLoader(load_fn=self._load)

    async def _load(
        self, keys: list[tuple[str, int]]
    ) -> list[Sequence[tuple[Membership, StoredAccount]]]:
        found = await stored_members.page_members(
            self.graph,
            [ring_id for ring_id, _ in keys],
            order=MemberOrder(),
            after=None,
            limit=keys[0][1] + 1,
        )
        return [found.get(ring_id, []) for ring_id, _ in keys]


@strawberry.type
class Account:
    """An account."""

    id: strawberry.ID
    account_id: str


@strawberry.type
class Member:
    """A member."""

    role: Role
    strength: float
    account: Account


@strawberry.type
class Members:
    """A page of members."""

    nodes: list[Member]


@strawberry.type
class Ring:
    """A ring."""

    id: strawberry.ID
    ring_id: str
    score: float
    grade: Grade
    size: int

    @strawberry.field
    async def members(self, info: strawberry.Info[Context, None], first: int) -> Members:
        """Its members."""
        found = await info.context.members.load((self.ring_id, first))
        return Members(
            nodes=[
                Member(
                    role=membership.role,
                    strength=membership.strength,
                    account=Account(
                        id=strawberry.ID(_global_id("Account", account.id)), account_id=account.id
                    ),
                )
                for membership, account in found[:first]
            ]
        )


@strawberry.type
class Rings:
    """A page of rings."""

    nodes: list[Ring]


@strawberry.type
class Query:
    """The question."""

    @strawberry.field
    async def rings(self, info: strawberry.Info[Context, None], first: int) -> Rings:
        """Rings, highest score first."""
        found = await stored_rings.page_rings(
            info.context.graph,
            stored_rings.RingFilter(),
            stored_rings.RingOrder(),
            after=None,
            limit=first + 1,
        )
        return Rings(
            nodes=[
                Ring(
                    id=strawberry.ID(_global_id("Ring", ring.id)),
                    ring_id=ring.id,
                    score=ring.score,
                    grade=ring.grade,
                    size=ring.size,
                )
                for _, ring in found[:first]
            ]
        )


def plain_app(graph: Graph) -> FastAPI:
    """Stock Strawberry on FastAPI over a graph."""
    app = FastAPI()
    router: GraphQLRouter[Context, None] = GraphQLRouter(
        strawberry.Schema(Query), context_getter=lambda: Context(graph)
    )
    app.include_router(router, prefix="/graphql")
    return app


def _global_id(type_name: str, key: str) -> str:
    return b64encode(f"{type_name}:{key}".encode()).decode()

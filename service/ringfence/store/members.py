"""Membership as people read it: the members of a ring, and the rings of an account."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from ringfence.domain.identifiers import IdentifierKey
from ringfence.domain.rings import Role
from ringfence.store.accounts import StoredAccount, find_accounts
from ringfence.store.graph import Graph
from ringfence.store.rings import RankAndId, StoredRing, find_rings

_FIRST: Final[RankAndId] = (-math.inf, "")
"""A place before all members."""


@dataclass(frozen=True, slots=True)
class Membership:
    """How one account belongs to one ring.

    Attributes:
        rank: what the order of its list compares.
        because: the identifiers that tie it, strongest first.
    """

    account_id: str
    ring_id: str
    rank: float
    role: Role
    strength: float
    because: tuple[IdentifierKey, ...]
    joined_because: str


class MemberOrderBy(StrEnum):
    """What a list of members is sorted by: strength falls, ids rise."""

    STRENGTH = "strength"
    ACCOUNT_ID = "account_id"


@dataclass(frozen=True, slots=True)
class MemberOrder:
    """What a list of members is sorted by, and which role is asked for (None: both)."""

    by: MemberOrderBy = MemberOrderBy.STRENGTH
    role: Role | None = None


async def page_members(
    graph: Graph,
    ring_ids: Sequence[str],
    *,
    order: MemberOrder,
    after: RankAndId | None,
    limit: int,
    as_of: datetime | None = None,
    carrying: IdentifierKey | None = None,
) -> dict[str, list[tuple[Membership, StoredAccount]]]:
    """The next members of each ring after a place; two statements however many rings.

    Args:
        graph: connected and migrated.
        ring_ids: of rings, not of those that merged into them.
        order: and which role.
        after: place of the last member seen, or None.
        limit: members a ring.
        as_of: moment whose members and roles are asked for; None: now. How firmly a member was
            tied, and why, is as it was when it left or changed its role.
        carrying: only members that carry this identifier, of now.
    """
    asked: dict[str, Any] = {"ring_ids": ring_ids, "limit": limit}
    if carrying is not None:
        asked |= _sorted_page(order, after) | {"kind": carrying.kind, "value": carrying.value}
        rows = await graph.read("rings/page_members_carrying", **asked)
    elif as_of is not None:
        asked |= _sorted_page(order, after) | {"as_of": as_of}
        rows = await graph.read("rings/page_members_as_of", **asked)
    else:
        asked |= _indexed_page(order, after)
        rows = await graph.read(f"rings/page_members_by_{order.by}", **asked)
    found = {
        row["ring_id"]: [
            _membership(account_id, row["ring_id"], told) for account_id, *told in row["members"]
        ]
        for row in rows
    }
    accounts = await find_accounts(
        graph, [one.account_id for many in found.values() for one in many]
    )
    return {
        ring_id: [(one, accounts[one.account_id]) for one in many if one.account_id in accounts]
        for ring_id, many in found.items()
    }


async def count_members(
    graph: Graph,
    ring_ids: Sequence[str],
    *,
    role: Role | None,
    limit: int,
    as_of: datetime | None = None,
    carrying: IdentifierKey | None = None,
) -> dict[str, int]:
    """How many members each ring has, or had, counted up to `limit`."""
    parameters: dict[str, Any] = {"ring_ids": ring_ids, "role": role, "limit": limit}
    if carrying is not None:
        rows = await graph.read(
            "rings/count_members_carrying", kind=carrying.kind, value=carrying.value, **parameters
        )
    elif as_of is None:
        rows = await graph.read("rings/count_members", **parameters)
    else:
        rows = await graph.read("rings/count_members_as_of", as_of=as_of, **parameters)
    return {row["ring_id"]: row["members"] for row in rows}


async def page_memberships(
    graph: Graph, account_ids: Sequence[str], *, after: RankAndId | None, limit: int
) -> dict[str, list[tuple[Membership, StoredRing]]]:
    """The next rings of each account after a place, highest score first."""
    after_rank, after_id = after or (None, None)
    rows = await graph.read(
        "accounts/page_memberships",
        account_ids=account_ids,
        after_rank=after_rank,
        after_id=after_id,
        limit=limit,
    )
    found = {
        row["account_id"]: [
            _membership(row["account_id"], ring_id, told) for ring_id, *told in row["memberships"]
        ]
        for row in rows
    }
    rings = await find_rings(graph, [one.ring_id for many in found.values() for one in many])
    return {
        account_id: [(one, rings[one.ring_id]) for one in many if one.ring_id in rings]
        for account_id, many in found.items()
    }


async def count_memberships(graph: Graph, account_ids: Sequence[str]) -> dict[str, int]:
    """How many rings each account is a member of."""
    rows = await graph.read("accounts/count_memberships", account_ids=account_ids)
    return {row["account_id"]: row["memberships"] for row in rows}


def _indexed_page(order: MemberOrder, after: RankAndId | None) -> dict[str, Any]:
    """Parameters of a page that an index has in order."""
    after_rank, after_id = after or _FIRST
    roles = [order.role] if order.role else list(Role)
    return {"roles": roles, "after_rank": after_rank, "after_id": after_id}


def _sorted_page(order: MemberOrder, after: RankAndId | None) -> dict[str, Any]:
    """Parameters of a page for which all members are read and sorted."""
    after_rank, after_id = after or (None, None)
    return {
        "order": order.by,
        "role": order.role,
        "after_rank": after_rank,
        "after_id": after_id,
    }


def _membership(account_id: str, ring_id: str, told: Sequence[Any]) -> Membership:
    rank, role, strength, kinds, values, text = told
    because = tuple(map(IdentifierKey, kinds or (), values or ()))
    return Membership(account_id, ring_id, rank, Role(role), strength, because, text or "")

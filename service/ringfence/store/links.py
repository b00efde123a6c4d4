"""Links as people read them: what an account used, who used an identifier, what two share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ringfence.domain.identifiers import IdentifierKey
from ringfence.store.accounts import StoredAccount, find_accounts
from ringfence.store.graph import Graph
from ringfence.store.identifiers import StoredIdentifier, find_identifiers
from ringfence.store.times import moment


@dataclass(frozen=True, slots=True)
class StoredLink:
    """Uses of one identifier by one account."""

    account_id: str
    identifier: IdentifierKey
    first_seen_at: datetime | None
    last_seen_at: datetime | None
    events: int


@dataclass(frozen=True, slots=True)
class SharedIdentifier:
    """An identifier with those who carry it; of a hub, only how many they are."""

    key: IdentifierKey
    accounts: int
    account_ids: tuple[str, ...] = ()


async def page_account_links(
    graph: Graph, account_ids: Sequence[str], *, after: tuple[str, str] | None, limit: int
) -> dict[str, list[tuple[StoredLink, StoredIdentifier]]]:
    """The next links of each account after a kind and value; two statements for all."""
    after_kind, after_value = after or (None, None)
    rows = await graph.read(
        "accounts/page_links",
        account_ids=account_ids,
        after_kind=after_kind,
        after_value=after_value,
        limit=limit,
    )
    found = {
        row["account_id"]: [
            _link(row["account_id"], IdentifierKey(at["kind"], at["value"]), at)
            for at in row["links"]
        ]
        for row in rows
    }
    identifiers = await find_identifiers(
        graph, [link.identifier for links in found.values() for link in links]
    )
    return {
        account_id: [
            (link, identifiers[link.identifier]) for link in links if link.identifier in identifiers
        ]
        for account_id, links in found.items()
    }


async def count_account_links(graph: Graph, account_ids: Sequence[str]) -> dict[str, int]:
    """How many identifiers each account used."""
    rows = await graph.read("accounts/count_links", account_ids=account_ids)
    return {row["account_id"]: row["links"] for row in rows}


async def page_identifier_links(
    graph: Graph, keys: Sequence[IdentifierKey], *, after: tuple[str] | None, limit: int
) -> dict[IdentifierKey, list[tuple[StoredLink, StoredAccount]]]:
    """The next links of each identifier after an account id; two statements for all."""
    rows = await graph.read(
        "identifiers/page_links",
        kinds=[key.kind for key in keys],
        values=[key.value for key in keys],
        after_id=after and after[0],
        limit=limit,
    )
    found = {
        (key := IdentifierKey(row["kind"], row["value"])): [
            _link(at["account_id"], key, at) for at in row["links"]
        ]
        for row in rows
    }
    accounts = await find_accounts(
        graph, [link.account_id for links in found.values() for link in links]
    )
    return {
        key: [(link, accounts[link.account_id]) for link in links if link.account_id in accounts]
        for key, links in found.items()
    }


async def find_shared(graph: Graph, a: str, b: str, *, limit: int) -> list[SharedIdentifier]:
    """Identifiers that both accounts used, however popular, rarest first."""
    rows = await graph.read("links/find_shared", a=a, b=b, limit=limit)
    return [
        SharedIdentifier(IdentifierKey(row["kind"], row["value"]), row["accounts"]) for row in rows
    ]


async def expand_accounts(
    graph: Graph, account_ids: Sequence[str], *, max_accounts: int, limit: int
) -> list[SharedIdentifier]:
    """Identifiers that these accounts share with anyone, rarest first, with all who carry them.

    Args:
        graph: the door.
        account_ids: where to start.
        max_accounts: an identifier with more accounts is a hub and comes without them.
        limit: identifiers, at the most.
    """
    rows = await graph.read(
        "links/expand", account_ids=account_ids, max_accounts=max_accounts, limit=limit
    )
    return [
        SharedIdentifier(
            IdentifierKey(row["kind"], row["value"]), row["accounts"], tuple(row["account_ids"])
        )
        for row in rows
    ]


def _link(account_id: str, key: IdentifierKey, at: Mapping[str, Any]) -> StoredLink:
    return StoredLink(
        account_id,
        key,
        moment(at["first_seen_ms"]),
        moment(at["last_seen_ms"]),
        at["events"],
    )

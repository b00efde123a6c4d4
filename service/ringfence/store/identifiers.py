"""Identifiers as people read them, and the search for whoever bears a key."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from ringfence.domain.identifiers import (
    DEVICE,
    EMAIL,
    IP,
    PAYMENT_INSTRUMENT,
    STRENGTH_BY_KIND,
    IdentifierKey,
    normalise_kind,
    normalise_value,
)
from ringfence.errors import InvalidInput
from ringfence.store.graph import Graph
from ringfence.store.rings import RankAndId, StoredRing, placed_rings

ACCOUNT = "account"
"""Beside the kinds of identifiers, what a search may ask for."""

_LABELLED = (DEVICE, PAYMENT_INSTRUMENT, IP)


@dataclass(frozen=True, slots=True)
class StoredIdentifier:
    """What the graph holds of one identifier.

    Attributes:
        accounts: how many accounts carry it.
        instrument_kind, bin, funding, country: of payment instruments, as they were attached.
        address_class: of addresses, as a dated feed told it.
        proxy: an address that a feed calls a proxy or VPN.
    """

    key: IdentifierKey
    accounts: int
    instrument_kind: str | None
    bin: str | None
    funding: str | None
    country: str | None
    address_class: str | None
    proxy: bool


@dataclass(frozen=True, slots=True)
class SearchHit:
    """Something that bears the key; `account_id` or `identifier` says what.

    Attributes:
        place: order of the hits: place, then key.
    """

    place: tuple[int, str]
    account_id: str | None = None
    identifier: IdentifierKey | None = None


async def find_identifiers(
    graph: Graph, keys: Sequence[IdentifierKey]
) -> dict[IdentifierKey, StoredIdentifier]:
    """The identifiers of these keys, by key; unknown ones are left out."""
    values: dict[str, list[str]] = defaultdict(list)
    others = []
    for key in dict.fromkeys(keys):
        if key.kind in _LABELLED:
            values[key.kind].append(key.value)
        else:
            others.append(key)
    rows = await graph.read(
        "identifiers/find_many",
        device_ids=values[DEVICE],
        instrument_ids=values[PAYMENT_INSTRUMENT],
        addresses=values[IP],
        other_kinds=[key.kind for key in others],
        other_values=[key.value for key in others],
    )
    found = (
        StoredIdentifier(IdentifierKey(row.pop("kind"), row.pop("value")), **row) for row in rows
    )
    return {identifier.key: identifier for identifier in found}


async def page_identifier_rings(
    graph: Graph, keys: Sequence[IdentifierKey], *, after: RankAndId | None, limit: int
) -> dict[IdentifierKey, list[tuple[RankAndId, StoredRing]]]:
    """The next rings that each identifier is evidence of, highest score first."""
    after_rank, after_id = after or (None, None)
    rows = await graph.read(
        "identifiers/page_rings",
        kinds=[key.kind for key in keys],
        values=[key.value for key in keys],
        after_rank=after_rank,
        after_id=after_id,
        limit=limit,
    )
    placed = dict(await placed_rings(graph, [at for row in rows for at in row["rings"]]))
    return {
        IdentifierKey(row["kind"], row["value"]): [
            (place, placed[place])
            for at in row["rings"]
            if (place := (at["rank"], at["id"])) in placed
        ]
        for row in rows
    }


async def count_identifier_rings(
    graph: Graph, keys: Sequence[IdentifierKey]
) -> dict[IdentifierKey, int]:
    """How many rings each identifier is evidence of."""
    rows = await graph.read(
        "identifiers/count_rings",
        kinds=[key.kind for key in keys],
        values=[key.value for key in keys],
    )
    return {IdentifierKey(row["kind"], row["value"]): row["rings"] for row in rows}


async def search(
    graph: Graph, term: str, kind: str | None, *, after: tuple[int, str] | None, limit: int
) -> list[SearchHit]:
    """Accounts and identifiers that bear exactly this key: id, then identifier, then e-mail.

    Args:
        graph: the door.
        term: account id, device, instrument, address, e-mail or another value, in any spelling
            that loading takes.
        kind: a kind of identifier, or `account`; None: all known kinds.
        after: place of the last hit seen.
        limit: hits, at the most.

    Raises:
        InvalidInput: the kind is no word, or the term is none of that kind.
    """
    keys = [_search_key(term, kind)] if kind else _search_keys(term)
    value_by_kind = dict(keys)
    others = [key for key in keys if key.kind not in (*_LABELLED, ACCOUNT)]
    email = value_by_kind.get(EMAIL)
    after_place, after_key = after or (None, None)
    rows = await graph.read(
        "identifiers/search",
        account_id=value_by_kind.get(ACCOUNT),
        device_id=value_by_kind.get(DEVICE),
        instrument_id=value_by_kind.get(PAYMENT_INSTRUMENT),
        address=value_by_kind.get(IP),
        emails=[email, term.strip()] if email else [],
        other_kinds=[key.kind for key in others],
        other_values=[key.value for key in others],
        after_place=after_place,
        after_key=after_key,
        limit=limit,
    )
    return [
        SearchHit(
            (row["place"], row["key"]),
            account_id=row["value"] if row["kind"] == ACCOUNT else None,
            identifier=None if row["kind"] == ACCOUNT else IdentifierKey(row["kind"], row["value"]),
        )
        for row in rows
    ]


def _search_key(term: str, kind: str) -> IdentifierKey:
    try:
        spelled = normalise_kind(kind)
        return IdentifierKey(spelled, normalise_value(spelled, term))
    except ValueError as error:
        raise InvalidInput(f"The search for a {kind[:64]!r} cannot be made: {error}.") from None


def _search_keys(term: str) -> list[IdentifierKey]:
    keys = []
    for kind in (ACCOUNT, *STRENGTH_BY_KIND):
        try:
            keys.append(IdentifierKey(kind, normalise_value(kind, term)))
        except ValueError:
            continue
    return keys

"""The whole graph as sorted lines: equal graphs give equal bytes, however they were loaded."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import orjson
from neo4j.time import Date, DateTime

from ringfence.store.graph import Graph

_UNTOLD = frozenset({"mark", "old_event_keys", "ledger_turned_at"})
_FORM = orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE


async def export_graph(graph: Graph) -> AsyncIterator[bytes]:
    """Lines of JSON: accounts by id, identifiers by kind and value, links by account and type.

    Every property is there but an account's mark, which is drawn at random. The order in which the
    graph was loaded leaves no trace: an account's ledger, the only list without an order, comes
    sorted, both of its pages as one.

    Raises:
        GraphUnavailable: Neo4j does not answer.
    """
    async for row in graph.stream("graph/export_accounts"):
        yield _line("account", _with_sorted_ledger(row["properties"]))
    async for row in graph.stream("graph/export_identifiers"):
        yield _line("identifier", row | {"labels": sorted(row["labels"])})
    async for row in graph.stream("graph/export_links"):
        yield _line("link", row)


def _with_sorted_ledger(properties: Mapping[str, Any]) -> dict[str, Any]:
    told = {name: value for name, value in properties.items() if name not in _UNTOLD}
    keys = [*properties.get("event_keys", ()), *properties.get("old_event_keys", ())]
    return told | {"event_keys": sorted(keys)}


def _line(what: str, facts: Mapping[str, Any]) -> bytes:
    return orjson.dumps({what: facts}, default=_spelled, option=_FORM)


def _spelled(value: object) -> str:
    """Times and dates of the driver, as ISO 8601."""
    if isinstance(value, DateTime | Date):
        return value.iso_format()
    raise TypeError(f"no spelling for {type(value).__name__}")

"""Every property of the whole graph, to search it for what must not be there."""

import json
from collections.abc import Iterator
from typing import Any

from tests.conftest import Neo4jServer
from tests.store.ring_dump import query

EVERYTHING = """
MATCH (n) WHERE NOT n:Migration
RETURN labels(n)[0] AS what, properties(n) AS properties
UNION ALL
MATCH ()-[r]->()
RETURN type(r) AS what, properties(r) AS properties
"""


async def found_in(server: Neo4jServer, *words: str) -> list[str]:
    """Where words stand in strings, lists or bytes, as `Label.property: word`."""
    rows = await query(server, EVERYTHING)
    return sorted(
        f"{row['what']}.{name}: {word}"
        for row in rows
        for name, value in row["properties"].items()
        for text in _texts(value)
        for word in words
        if word in text
    )


async def counted(server: Neo4jServer) -> dict[str, int]:
    """How many nodes and relationships of each label and type there are."""
    counts: dict[str, int] = {}
    for row in await query(server, EVERYTHING):
        counts[row["what"]] = counts.get(row["what"], 0) + 1
    return counts


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, bytes | bytearray):
        yield bytes(value).decode("latin-1")
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, str):
        yield value
        yield _unescaped(value)


def _unescaped(text: str) -> str:
    """JSON as it is read, since it may spell a letter in another way."""
    try:
        return json.dumps(json.loads(text), ensure_ascii=False)
    except ValueError:
        return text

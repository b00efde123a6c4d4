"""Texts and answers that may name somebody who is erased, read once and mended in batches."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from ringfence.domain.identifiers import IdentifierKey
from ringfence.store.erasure import TRANSACTION_TIMEOUT_S
from ringfence.store.erasure_batches import Receipts, count_taken
from ringfence.store.graph import Graph, Transaction

TEXTS_BY_LABEL: Final = {
    "Note": ["text"],
    "Investigation": ["name", "document", "variables"],
    "Verdict": ["reason"],
    "Takedown": ["reason", "because", "blast_radius", "options"],
    "PolicyListEntry": ["reason", "removed_because"],
    "LegalHold": ["reason"],
    "TakedownDesk": ["because"],
}
"""Properties that hold what people or plans wrote."""
JSON_TEXTS: Final = frozenset({"variables", "blast_radius", "options"})
OUTCOME_NOTE: Final = "outcome_note"


@dataclass(frozen=True, slots=True)
class StoredText:
    """A text in the graph, by the internal id of its node and the name of its property."""

    node: str
    name: str
    text: str

    @property
    def is_json(self) -> bool:
        """Whether it is JSON."""
        return self.name in JSON_TEXTS


@dataclass(frozen=True, slots=True)
class NamelessAttempt:
    """What a screening without an account tells of whoever signed up."""

    node: str
    email: str | None
    keys: tuple[IdentifierKey, ...]


class _Attempt(msgspec.Struct):
    email: str | None = None
    keys: tuple[IdentifierKey, ...] = ()


class _Told(msgspec.Struct):
    attempt: _Attempt


_DECODER: Final = msgspec.json.Decoder(_Told)


async def stream_texts(graph: Graph) -> AsyncIterator[StoredText]:
    """All texts that people or plans wrote, but for notes on the outcome of screenings."""
    async for row in graph.stream("erasure/stream_texts", texts=TEXTS_BY_LABEL):
        for name, text in row["texts"]:
            yield StoredText(row["node"], name, text)


async def stream_screenings(graph: Graph) -> AsyncIterator[StoredText | NamelessAttempt]:
    """Notes on the outcome of screenings, and what those without an account tell."""
    async for row in graph.stream("erasure/stream_screenings"):
        if row["note"] is not None:
            yield StoredText(row["node"], OUTCOME_NOTE, row["note"])
        if row["told"] is not None:
            attempt = _DECODER.decode(row["told"]).attempt
            yield NamelessAttempt(row["node"], attempt.email, attempt.keys)


async def save_texts(
    graph: Graph,
    receipts: Receipts,
    mended: Sequence[tuple[StoredText, str]],
    owners: Sequence[str],
) -> None:
    """Put texts in the place of those that were read.

    Args:
        graph: connected and migrated.
        receipts: of the accounts.
        mended: what was read, and what is to stand there.
        owners: the account of each mention that is taken out.
    """

    async def work(transaction: Transaction) -> None:
        await transaction.run(
            "erasure/save_texts",
            nodes=[one.node for one, _ in mended],
            names=[one.name for one, _ in mended],
            before=[one.text for one, _ in mended],
            after=[text for _, text in mended],
        )
        await count_taken(transaction, receipts, [(owner, "texts", 1) for owner in owners])

    if mended:
        await graph.in_write(work, timeout_s=TRANSACTION_TIMEOUT_S)


async def delete_attempts(graph: Graph, receipts: Receipts, owner_by_node: dict[str, str]) -> None:
    """Take away screenings without an account that were found to be of one."""

    async def work(transaction: Transaction) -> None:
        await transaction.run("erasure/delete_found_screenings", nodes=[*owner_by_node])
        counts = [(owner, "screenings", 1) for owner in owner_by_node.values()]
        await count_taken(transaction, receipts, counts)

    if owner_by_node:
        await graph.in_write(work, timeout_s=TRANSACTION_TIMEOUT_S)

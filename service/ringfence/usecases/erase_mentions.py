"""Take out of texts and of nameless sign-ups what names accounts that are erased."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from ringfence.domain.erasure import Redaction
from ringfence.domain.identifiers import EMAIL, IdentifierKey
from ringfence.screening.keys import telling_key
from ringfence.store.erasure_batches import Receipts
from ringfence.store.erasure_texts import (
    NamelessAttempt,
    StoredText,
    delete_attempts,
    save_texts,
    stream_screenings,
    stream_texts,
)
from ringfence.store.graph import Graph

BATCH: Final = 500
"""Texts or sign-ups that one transaction changes."""
LEAST_VALUE: Final = 5
"""Shorter values of identifiers are left in texts."""


@dataclass(frozen=True, slots=True)
class Mentions:
    """What is looked for, and whose it is.

    Attributes:
        owner_by_name: ids of accounts in the forms that texts hold them in.
        owner_by_key: identifiers that no other account carries.
    """

    owner_by_name: Mapping[str, str]
    owner_by_key: Mapping[IdentifierKey, str]

    def with_keys(self, owner_by_key: Mapping[IdentifierKey, str]) -> "Mentions":
        """These, and further identifiers."""
        return Mentions(self.owner_by_name, {**self.owner_by_key, **owner_by_key})

    def without(self, keys: Collection[IdentifierKey]) -> "Mentions":
        """These, but for identifiers that others carry too."""
        kept = {key: owner for key, owner in self.owner_by_key.items() if key not in keys}
        return Mentions(self.owner_by_name, kept)

    def words(self) -> dict[str, str]:
        """What is looked for in texts: names, and values that are more than a plain word."""
        values = {
            key.value: owner
            for key, owner in self.owner_by_key.items()
            if len(key.value) >= LEAST_VALUE and not key.value.isalpha()
        }
        return values | dict(self.owner_by_name)


async def erase_mentions(graph: Graph, receipts: Receipts, mentions: Mentions) -> None:
    """Read all texts and nameless sign-ups once, mend the ones and take away the others.

    A sign-up without an account is one's of whom it bears the mailbox or an identifier that no
    other account carries.
    """
    if not mentions.owner_by_name and not mentions.owner_by_key:
        return
    sweep = _Sweep(graph, receipts, mentions)
    async for text in stream_texts(graph):
        await sweep.see_text(text)
    async for one in stream_screenings(graph):
        await (sweep.see_text(one) if isinstance(one, StoredText) else sweep.see_attempt(one))
    await sweep.write()


class _Sweep:
    """Gathers what is to be changed, and writes it batch by batch."""

    def __init__(self, graph: Graph, receipts: Receipts, mentions: Mentions) -> None:
        self._graph = graph
        self._receipts = receipts
        self._redaction = Redaction(mentions.words())
        self._owner_by_key = mentions.owner_by_key
        self._owner_by_mailbox = {
            telling_key(key): owner
            for key, owner in mentions.owner_by_key.items()
            if key.kind == EMAIL
        }
        self._mended: list[tuple[StoredText, str]] = []
        self._owners: list[str] = []
        self._attempts: dict[str, str] = {}

    async def see_text(self, text: StoredText) -> None:
        """Mend a text that names any of them."""
        redact = self._redaction.of_json if text.is_json else self._redaction.of_text
        after, owners = redact(text.text)
        if owners:
            self._mended.append((text, after))
            self._owners += sorted(owners)
            await self._write_if_many()

    async def see_attempt(self, attempt: NamelessAttempt) -> None:
        """Take away a sign-up that is one of theirs."""
        keys = list(attempt.keys)
        owners = [self._owner_by_key[key] for key in keys if key in self._owner_by_key]
        if attempt.email:
            keys.append(IdentifierKey(EMAIL, attempt.email))
        mailboxes = (telling_key(key) for key in keys if key.kind == EMAIL)
        owners += [
            self._owner_by_mailbox[key] for key in mailboxes if key in self._owner_by_mailbox
        ]
        if owners:
            self._attempts[attempt.node] = owners[0]
            await self._write_if_many()

    async def write(self) -> None:
        """Write what was gathered."""
        mended, self._mended = self._mended, []
        owners, self._owners = self._owners, []
        attempts, self._attempts = self._attempts, {}
        await save_texts(self._graph, self._receipts, mended, owners)
        await delete_attempts(self._graph, self._receipts, attempts)

    async def _write_if_many(self) -> None:
        if len(self._mended) + len(self._attempts) >= BATCH:
            await self.write()

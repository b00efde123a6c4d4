"""Carry erasures from one state of the graph to an older one, so that no backup undoes them."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from ringfence.domain.erasure import ErasureOutcome, account_hash
from ringfence.domain.re_entry import key_id_of
from ringfence.errors import InvalidInput
from ringfence.logs import get_logger
from ringfence.store.erased_list import (
    ErasedAccount,
    save_erased,
    stream_erased,
    stream_screened_ids,
)
from ringfence.store.erasure import erased_among, stream_account_ids
from ringfence.store.graph import Graph
from ringfence.usecases.erase_account import erase_accounts

REASON: Final = "erased after the backup that was restored"
_encoder: Final = msgspec.json.Encoder()
_decoder: Final = msgspec.json.Decoder(ErasedAccount)

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ErasedAgain:
    """What became of erasures that a restored graph did not know.

    Attributes:
        listed: accounts of the list.
        erased: accounts that were in the graph and are there no more.
        held: ids of those that a legal hold of the backup keeps.
    """

    listed: int
    erased: int
    held: tuple[str, ...] = ()


async def write_erased(graph: Graph, file: Path) -> int:
    """Write who was erased into a file, a line of JSON an account, and say how many these are.

    A file that is there is replaced in one step. It holds hashes that lead to nobody without the
    service's secret.
    """
    count, partial = 0, file.with_name(f"{file.name}.partial")
    with partial.open("wb") as lines:
        async for one in stream_erased(graph):
            lines.write(_encoder.encode(one) + b"\n")
            count += 1
    partial.replace(file)
    return count


def read_erased(file: Path, secret: bytes) -> list[ErasedAccount]:
    """The accounts of a file that `write_erased` wrote.

    Raises:
        InvalidInput: it cannot be read, or an account in it is hashed with another secret, so that
            nobody could tell which one it is.
    """
    try:
        lines = file.read_bytes().splitlines()
        erased = [_decoder.decode(line) for line in lines if line]
    except (OSError, msgspec.DecodeError) as error:
        raise InvalidInput(
            f"{file}: {error}. Expected a list as `ringfence erase list` writes it."
        ) from error
    if foreign := {one.key_id for one in erased} - {key_id_of(secret)}:
        raise InvalidInput(
            f"{file} holds accounts hashed with the secrets {', '.join(sorted(foreign))}; the "
            f"present one is {key_id_of(secret)}. Set the RINGFENCE_IDENTIFIER_SECRET (or, without "
            "one, the API key) that they were erased under."
        )
    return erased


async def erase_again(
    graph: Graph, erased: Sequence[ErasedAccount], *, secret: bytes, by: str
) -> ErasedAgain:
    """Erase what a graph holds of accounts on a list; again it changes nothing.

    Args:
        graph: connected and migrated.
        erased: as `read_erased` gives them.
        secret: that their ids are hashed with.
        by: id of the principal.

    Raises:
        GraphUnavailable: Neo4j went away; the same call again does the rest.
    """
    await save_erased(graph, erased)
    done, held = 0, list[str]()
    async for ids in _erased_ids(graph, secret):
        told = await erase_accounts(graph, ids, secret=secret, by=by, reason=REASON)
        done += sum(one.outcome is ErasureOutcome.ERASED for one in told)
        held += [one.account_id for one in told if one.outcome is ErasureOutcome.HELD]
    log.info("erased_again", listed=len(erased), erased=done, held=len(held))
    return ErasedAgain(len(erased), done, tuple(sorted(set(held))))


async def _erased_ids(graph: Graph, secret: bytes) -> AsyncIterator[list[str]]:
    """Ids that the graph holds of erased accounts, page by page; one may come twice."""
    for pages in (stream_account_ids(graph), stream_screened_ids(graph)):
        async for page in pages:
            id_by_hash = {account_hash(secret, one): one for one in page}
            if found := await erased_among(graph, [*id_by_hash]):
                yield sorted(id_by_hash[one] for one in found)

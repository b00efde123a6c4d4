"""Erase accounts: all that shows a person goes, and a receipt stays that proves it."""

import secrets
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from ringfence.domain.erasure import (
    AccountErasure,
    ErasureOutcome,
    ErasureReceipt,
    Redaction,
    names_of,
)
from ringfence.domain.identifiers import EMAIL, IdentifierKey
from ringfence.errors import Conflict, NotFound
from ringfence.logs import get_logger
from ringfence.screening.keys import telling_key
from ringfence.store.erasure import (
    BegunErasure,
    ErasureOrder,
    begin_erasures,
    find_receipt,
    finish_erasures,
)
from ringfence.store.erasure_batches import (
    CarriedLink,
    delete_links,
    delete_named,
    delete_own,
    page_links,
    void_plans,
)
from ringfence.store.graph import Graph
from ringfence.store.times import present
from ringfence.usecases.erase_mentions import Mentions, erase_mentions
from ringfence.usecases.ring_desk import MAX_NAME, checked

ACCOUNTS_AT_ONCE: Final = 2_000
"""Accounts for which texts are read once."""
LINKS_AT_ONCE: Final = 20_000
"""Links that memory holds; an account may have any number."""
FINISHED_AT_ONCE: Final = 100
"""Accounts of one last transaction, which keeps all others from the audit log."""
MAX_REASON: Final = 1_000

Progress = Callable[[int, int], None]
"""Told how many accounts of how many are dealt with."""

log = get_logger(__name__)


async def erase_account(
    graph: Graph, account_id: str, *, secret: bytes, by: str, reason: str
) -> ErasureReceipt:
    """Erase one account; see `erase_accounts`.

    Raises:
        Conflict: a legal hold keeps it; nothing was taken away.
        NotFound: nothing is known of it.
    """
    (told,) = await erase_accounts(graph, [account_id], secret=secret, by=by, reason=reason)
    if told.receipt is None:
        raise refusal(told)
    return told.receipt


async def erase_accounts(
    graph: Graph,
    account_ids: Sequence[str],
    *,
    secret: bytes,
    by: str,
    reason: str,
    progress: Progress = lambda *_: None,
) -> list[AccountErasure]:
    """Erase accounts, each with its own outcome, in batches that memory holds.

    Aggregate figures of rings stay, and so do the keyed hashes that rings which were taken down
    are known again by. Whoever dies in the middle leaves the rest to the same call again.

    Args:
        graph: connected and migrated.
        account_ids: any number; each once.
        secret: that stands for them in receipts and the audit log.
        by: id of the principal.
        reason: why; what it says of the accounts by name is taken out.
        progress: told after each batch.

    Raises:
        InvalidInput: the reason or the name is empty or too long.
        GraphUnavailable: Neo4j went away.
    """
    ids = list(dict.fromkeys(account_ids))
    names = Redaction({name: one for one in ids for name in names_of(one)})
    reason, _ = names.of_text(checked(reason, "reason", MAX_REASON))
    by = checked(by, "name of who erases", MAX_NAME)
    order = ErasureOrder(secret, by, reason, present())
    told: list[AccountErasure] = []
    for first in range(0, len(ids), ACCOUNTS_AT_ONCE):
        told += await _erase(graph, ids[first : first + ACCOUNTS_AT_ONCE], order)
        progress(len(told), len(ids))
    outcomes = Counter(one.outcome.value for one in told)
    log.info("accounts_erased", **outcomes)
    return told


async def show_receipt(graph: Graph, receipt_id: str) -> ErasureReceipt:
    """A receipt.

    Raises:
        NotFound: none has that id.
    """
    receipt = await find_receipt(graph, receipt_id)
    if receipt is None:
        raise NotFound(
            f"No receipt has the id {receipt_id[:300]}. `ringfence erase account` prints it; the "
            "audit log tells it as account_erased."
        )
    return receipt


def refusal(told: AccountErasure) -> Conflict | NotFound:
    """The error for an account that was not erased."""
    if told.outcome is ErasureOutcome.HELD:
        return Conflict(
            f"Account {told.account_id[:300]} is kept by the legal hold {told.hold_id}; nothing "
            "was taken away. `ringfence holds lift` ends the hold, then erase again."
        )
    return NotFound(
        f"Nothing is known of an account {told.account_id[:300]}. It was erased before, or never "
        "came; the audit log tells account_erased with the number of the receipt."
    )


async def _erase(graph: Graph, ids: Sequence[str], order: ErasureOrder) -> list[AccountErasure]:
    """Erase so many accounts that texts need be read once."""
    wanted = {one: _receipt_id(order.at) for one in ids}
    begun, held = await begin_erasures(graph, order, wanted)
    receipts: dict[str, ErasureReceipt] = {}
    left = begun
    while left:
        await _strip(graph, left, order)
        for first in range(0, len(left), FINISHED_AT_ONCE):
            batch = left[first : first + FINISHED_AT_ONCE]
            receipts |= await finish_erasures(graph, order, batch, at=present())
        # Something was loaded for the rest meanwhile, and has to go too.
        left = [one for one in left if one.account_id not in receipts]
    return [_outcome(one, receipts, held) for one in ids]


async def _strip(graph: Graph, begun: Sequence[BegunErasure], order: ErasureOrder) -> None:
    """Take away all of the accounts but the nodes themselves.

    What others wrote of them goes first: who died before it would not know what to look for.
    """
    receipts = {one.account_id: one.receipt_id for one in begun}
    ids = sorted(receipts)
    await void_plans(graph, ids, by=order.by, at=order.at)
    mentions = _names(begun)
    while True:
        links = await page_links(graph, ids, LINKS_AT_ONCE)
        own = mentions.with_keys(_sole(links)).without(_shared(begun, links))
        await delete_named(graph, receipts, _spellings(own.owner_by_key))
        await erase_mentions(graph, receipts, own)
        await delete_links(graph, receipts, links)
        if len(links) < LINKS_AT_ONCE:
            break
        mentions = Mentions({}, {})
    await delete_own(graph, receipts)


def _names(begun: Sequence[BegunErasure]) -> Mentions:
    """Ids of the accounts, and the e-mail addresses that no other account has."""
    owner_by_name = {name: one.account_id for one in begun for name in names_of(one.account_id)}
    times = Counter(one.email for one in begun)
    own = {one.email: one for one in begun if one.email and times[one.email] == one.alike}
    keys = {IdentifierKey(EMAIL, email): one.account_id for email, one in own.items()}
    return Mentions(owner_by_name, keys)


def _sole(links: Sequence[CarriedLink]) -> dict[IdentifierKey, str]:
    """What nobody carries but the accounts of these links, and who does."""
    times = Counter(one.key for one in links)
    return {
        one.key: one.account_id
        for one in links
        if times[one.key] == one.carriers and not one.listed
    }


def _shared(begun: Sequence[BegunErasure], links: Sequence[CarriedLink]) -> set[IdentifierKey]:
    """What others carry too, an e-mail address in either of the two ways in which they may."""
    times = Counter(one.key for one in links)
    mails = Counter(one.email for one in begun)
    shared = {one.key for one in links if times[one.key] < one.carriers}
    for one in begun:
        if one.email and mails[one.email] < one.alike:
            shared |= {IdentifierKey(EMAIL, one.email), IdentifierKey(EMAIL, one.email.lower())}
    return shared


def _spellings(owner_by_key: Mapping[IdentifierKey, str]) -> dict[IdentifierKey, str]:
    """The identifiers as they came, and as detection and lists spell them."""
    spelled = dict(owner_by_key)
    for (kind, value), owner in owner_by_key.items():
        lower = value.lower() if kind == EMAIL else value
        for key in (IdentifierKey(kind, lower), telling_key(IdentifierKey(kind, value))):
            spelled.setdefault(key, owner)
    return spelled


def _outcome(
    account_id: str, receipts: Mapping[str, ErasureReceipt], held: Mapping[str, str]
) -> AccountErasure:
    if account_id in held:
        return AccountErasure(account_id, ErasureOutcome.HELD, hold_id=held[account_id])
    receipt = receipts.get(account_id)
    outcome = ErasureOutcome.ERASED if receipt else ErasureOutcome.UNKNOWN
    return AccountErasure(account_id, outcome, receipt)


def _receipt_id(at: datetime) -> str:
    return f"erasure_{at:%Y%m%dT%H%M%S}_{secrets.token_hex(8)}"

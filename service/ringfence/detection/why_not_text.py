"""Why an account is not in a ring, in a few sentences for the analyst."""

from collections.abc import Collection
from dataclasses import replace
from typing import Final

from ringfence.domain.masking import mask
from ringfence.domain.rings import HubClass
from ringfence.domain.why_not import SharedWithRing, WhyNot

TOLD_SHARES: Final = 3
"""The text names this many shared identifiers at the most."""

_MISSING: Final = {
    "only_places": "something beside places, which never tie accounts by themselves",
    "one_family": "a second, independent kind of identifier",
    "too_common": "something rarer: too many accounts carry what they share",
    "public_hub": "something beside what is public and proves nothing",
    "not_enough_proof": "more proof",
}
_AGAINST: Final = {
    "pays_for_months": "it has paid for months",
    "own_machine": "it has a machine to itself",
    "out_of_time": "it signed up at another time than the ring",
}
_KINDS: Final = {"payment_instrument": "card", "ip": "address"}


def told(answer: WhyNot, asked: Collection[str]) -> WhyNot:
    """The answer with its text, in which personal data is masked; `asked` are ids of rings."""
    sentences = [_first(answer, asked), *_middle(answer)]
    if answer.against and answer.ring_id and not answer.member:
        sentences.append(f"Against it: {_joined([_AGAINST[code] for code in answer.against])}.")
    return replace(answer, text=" ".join(sentences))


def _first(answer: WhyNot, asked: Collection[str]) -> str:
    if answer.ring_id is None:
        which = "".join(asked) if len(asked) == 1 else "any ring"
        return f"{answer.account_id} shares nothing with {which}."
    relation = "is a member of" if answer.member else "is not a member of"
    head = f"{answer.account_id} {relation} {answer.ring_id}"
    if not answer.shares:
        return f"{head} and shares no identifier with its other members."
    rest = len(answer.shares) - TOLD_SHARES
    named = [_named(share) for share in answer.shares[:TOLD_SHARES]]
    if rest > 0:
        named.append(f"{rest} more")
    return f"{head} and shares {_joined(named)}."


def _middle(answer: WhyNot) -> list[str]:
    if not answer.shares:
        return []
    proof = f"That is {answer.proof:.2f} of a proof, where {answer.needed:.2f} is needed"
    if answer.member:
        return [f"{proof}."]
    if not answer.missing:
        return [f"{proof}: it is not proof that is missing."]
    return [f"{proof}.", f"Missing: {_joined([_MISSING[code] for code in answer.missing])}."]


def _named(share: SharedWithRing) -> str:
    kind = _KINDS.get(share.key.kind, share.key.kind.replace("_", " "))
    members = f"{share.members:,} member{'' if share.members == 1 else 's'}"
    public = ", public" if share.hub is HubClass.PUBLIC else ""
    return f"{kind} {mask(share.key)} with {members} ({share.accounts:,} accounts carry it{public})"


def _joined(parts: list[str]) -> str:
    *head, last = parts
    return f"{', '.join(head)} and {last}" if head else last

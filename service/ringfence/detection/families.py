"""Kinds of identifiers that tell of the same thing are one witness, not several."""

from collections.abc import Sequence

_FAMILY_BY_KIND = {
    "device": "machine",
    "fingerprint": "machine",
    "cookie": "machine",
    "user_agent": "machine",
    "payment_instrument": "payer",
    "bank_account": "payer",
    "wallet": "payer",
    "ip": "place",
    "postal_address": "home",
    "email": "mailbox",
    "phone": "phone",
}


def family_of(kind: str) -> str:
    """The family of a kind; a kind without relatives is its own."""
    return _FAMILY_BY_KIND.get(kind, kind)


def families_of(kinds: Sequence[str]) -> dict[str, list[int]]:
    """Places in `kinds` by family."""
    families: dict[str, list[int]] = {}
    for at, kind in enumerate(kinds):
        families.setdefault(family_of(kind), []).append(at)
    return families

"""Identifiers as the index knows them: derived as detection derives them, and 64 bits each."""

from functools import lru_cache
from hashlib import blake2b
from ipaddress import ip_address

from ringfence.domain.identifiers import EMAIL, IP, IdentifierKey
from ringfence.domain.mailboxes import canonical_email
from ringfence.domain.networks import ipv6_network
from ringfence.domain.screenings import Attempt

NETWORK = "ip_network"
"""Kind of a network: the /24 of IPv4, the /48 of IPv6."""


def telling_key(key: IdentifierKey) -> IdentifierKey:
    """The identifier that two accounts share if they share this one; its own is itself.

    One mailbox has many spellings, and one subscriber holds all of an IPv6 /64.
    """
    kind, value = key
    if kind == EMAIL:
        return IdentifierKey(EMAIL, canonical_email(value))
    if kind == IP and ":" in value and "/" not in value:
        return IdentifierKey(IP, _subscriber(value))
    return key


def telling_keys(keys: tuple[IdentifierKey, ...], email: str | None) -> tuple[IdentifierKey, ...]:
    """What accounts can share of these identifiers and the e-mail address, each once."""
    told = [telling_key(key) for key in keys]
    if email:
        told.append(IdentifierKey(EMAIL, canonical_email(email)))
    return tuple(dict.fromkeys(told))


def person_of(attempt: Attempt) -> int:
    """What tells whoever signs up from others: the mailbox, else the account, else the attempt."""
    if attempt.email:
        return key_hash(EMAIL, canonical_email(attempt.email))
    return key_hash("person", attempt.account_id or attempt.id)


def key_hash(kind: str, value: str) -> int:
    """Unsigned 64 bits of a kind and a value; of three million, two collide once in four million.

    What is asked was chosen by whoever signs up, so the bits must not be easy to steer.
    """
    return int.from_bytes(blake2b(f"{kind}\0{value}".encode(), digest_size=8).digest(), "little")


def network_of(address: str) -> str:
    """The network of an address, as burst limits and manners know it."""
    return _site(address) if ":" in address else address.rpartition(".")[0]


@lru_cache(maxsize=1 << 14)
def _site(address: str) -> str:
    groups = ip_address(address.partition("/")[0]).exploded.split(":")
    return ":".join(groups[:3])


@lru_cache(maxsize=1 << 14)
def _subscriber(address: str) -> str:
    return ipv6_network(address)

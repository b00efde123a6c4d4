"""Kinds of identifiers, how strongly each ties accounts, and the one spelling of each value."""

import re
import tomllib
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from ipaddress import ip_address
from typing import NamedTuple

MAX_ID_LENGTH = 256
_KIND_PATTERN = re.compile(r"[a-z][a-z0-9_]{0,63}")


class Strength(StrEnum):
    """What an identifier proves when two accounts share it."""

    STRONG = "strong"
    MEDIUM = "medium"
    WEAK = "weak"
    NEVER_ALONE = "never_alone"


class IdentifierKey(NamedTuple):
    """Kind and value: what makes an identifier unique."""

    kind: str
    value: str


DEVICE = "device"
PAYMENT_INSTRUMENT = "payment_instrument"
IP = "ip"
EMAIL = "email"

_TABLE = tomllib.loads(
    files("ringfence.domain").joinpath("identifier_kinds.toml").read_text(encoding="utf-8")
)
STRENGTH_BY_KIND: dict[str, Strength] = {
    kind: Strength(strength) for kind, strength in _TABLE["strength"].items()
}
_KIND_BY_ALIAS: dict[str, str] = _TABLE["alias"]


def strength_of(kind: str) -> Strength:
    """Strength of a kind; an unknown kind is weak."""
    return STRENGTH_BY_KIND.get(kind, Strength.WEAK)


def normalise_kind(kind: str) -> str:
    """The one spelling of a kind.

    Raises:
        ValueError: it is not a lower-case word of letters, digits and underscores.
    """
    spelled = kind.strip().lower().replace("-", "_")
    if not _KIND_PATTERN.fullmatch(spelled):
        raise ValueError("expected a word of letters, digits and underscores, 64 at the most")
    return _KIND_BY_ALIAS.get(spelled, spelled)


def normalise_value(kind: str, value: str) -> str:
    """The one spelling of a value of that kind.

    Raises:
        ValueError: it is empty, too long, or an address that does not parse.
    """
    if kind == IP:
        return normalise_ip(value)
    spelled = value.strip()
    if not spelled:
        raise ValueError("expected a value, got an empty one")
    if len(spelled) > MAX_ID_LENGTH:
        raise ValueError(f"expected {MAX_ID_LENGTH} characters at the most, got {len(spelled)}")
    return spelled.lower() if kind == EMAIL else spelled


@lru_cache(maxsize=1 << 16)
def normalise_ip(value: str) -> str:
    """The one spelling of an IPv4 or IPv6 address; an IPv4 inside IPv6 becomes IPv4.

    Raises:
        ValueError: it is no address.
    """
    try:
        address = ip_address(value.strip())
    except ValueError:
        raise ValueError("expected an IPv4 or IPv6 address") from None
    # A zone, such as in fe80::1%eth0, means something on one machine only.
    if getattr(address, "scope_id", None):
        raise ValueError("expected an IPv4 or IPv6 address without a zone")
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)

"""Where messages may be sent: public addresses over HTTPS, and what the operator allows beside."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final
from urllib.parse import SplitResult, urlsplit

from ringfence.errors import InvalidInput

MAX_URL: Final = 2_000
_PLAIN = re.compile(r"[!$-\[\]-~]+")
"""ASCII that can be seen, but for quotation marks, `#` and the backslash."""
_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
_NUMBER = re.compile(r"\d+|0x[0-9a-f]*")
_GLOBAL_UNICAST: Final = IPv6Network("2000::/3")
_TRANSLATED: Final = IPv6Network("64:ff9b::/96")
"""Addresses of RFC 6052, whose last 32 bits are an IPv4 address."""
_RESERVED: Final = tuple(map(ip_network, ("192.0.0.0/24", "192.88.99.0/24", "3fff::/20")))
"""Of IANA's registries of special addresses, what older Pythons take for public."""
_OWN_NETWORKS: Final = tuple(
    map(ip_network, ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
) + tuple(map(ip_network, ("::1/128", "fc00::/7")))
"""What an operator may allow: this machine and the networks of RFC 1918 and RFC 4193."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a URL leads to; `host` is a name or an address, without brackets."""

    scheme: str
    host: str
    port: int


def read_target(url: str, *, allow_private: bool) -> Target:
    """What a URL leads to, where its form leaves no doubt about that.

    Args:
        url: of an endpoint.
        allow_private: whether plain HTTP is taken; it then may lead to this machine alone, which
            `expect_allowed` sees to.

    Raises:
        InvalidInput: it is no URL of that kind, or readers of URLs could differ on its host.
    """
    split = _split(url)
    if split is None:
        raise InvalidInput(
            f"Expected an https:// URL of {MAX_URL:,} characters at the most, all of them ASCII, "
            "without blanks, backslash and fragment; write a name of other letters in punycode."
        )
    parts, port = split
    host = parts.hostname or ""
    if parts.scheme != "https" and not (allow_private and parts.scheme == "http"):
        raise InvalidInput(
            f"Got the scheme {parts.scheme[:20]!r}, expected https. Plain http may lead to this "
            "machine alone, and only where RINGFENCE_WEBHOOK_ALLOW_PRIVATE is true."
        )
    if "@" in parts.netloc:
        raise InvalidInput("The URL holds a user name. Leave it out: signatures prove who sends.")
    if port == 0 or not _is_plain_host(host):
        raise InvalidInput(
            f"Got the host {host[:100]!r}, expected a name, or an address in its usual form, and "
            "a port from 1 to 65535 where one is given."
        )
    return Target(parts.scheme, host, port or (443 if parts.scheme == "https" else 80))


def expect_allowed(target: Target, address: str, *, allow_private: bool) -> None:
    """Return if messages for a target may be sent to an address that its host resolves to.

    Raises:
        InvalidInput: the address is not public, or plain HTTP would leave this machine.
    """
    found = _meant(address)
    own = allow_private and any(found in one for one in _OWN_NETWORKS)
    if target.scheme == "http" and not (own and found.is_loopback):
        raise InvalidInput(f"{target.host} is {found}; plain http may lead to this machine alone.")
    if not own and not _is_public(found):
        raise InvalidInput(
            f"{target.host} is {found}, which is private, local, reserved or for many. Use a "
            "public address, or GET /v1/actions from within; RINGFENCE_WEBHOOK_ALLOW_PRIVATE "
            "allows this machine and private networks."
        )


def _split(url: str) -> tuple[SplitResult, int | None] | None:
    """The parts of a URL and its port, or None where readers could differ on them."""
    if len(url) > MAX_URL or not _PLAIN.fullmatch(url):
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    return parts, port


def _is_plain_host(host: str) -> bool:
    """Whether it is a name, or an address as it is usually written: 2130706433 is neither."""
    try:
        ip_address(host)
    except ValueError:
        last = host.rpartition(".")[2]
        return bool(_NAME.fullmatch(host)) and not _NUMBER.fullmatch(last)
    return "%" not in host


def _meant(address: str) -> IPv4Address | IPv6Address:
    """The address, or the IPv4 address that it stands for."""
    found = ip_address(address)
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped:
            return found.ipv4_mapped
        if found in _TRANSLATED:
            return IPv4Address(int(found) & 0xFFFF_FFFF)
    return found


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    if any(address in one for one in _RESERVED):
        return False
    if isinstance(address, IPv4Address):
        return True
    # An address of a tunnel leads to an IPv4 address of its own.
    tunnelled = address.sixtofour or address.teredo
    return address in _GLOBAL_UNICAST and not tunnelled

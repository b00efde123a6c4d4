"""IP networks: their one spelling, and what is known of those around an address."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Final, Generic, TypeVar

from ringfence.domain.identifiers import IP, IdentifierKey, normalise_ip

WIDEST: Final = {4: 8, 6: 16}
"""Shortest prefix of a network that is taken, by IP version: a slip must not name the world."""

SUBSCRIBER: Final = 64
"""Prefix of IPv6 that one subscriber holds: all addresses within it are taken for one."""

Value = TypeVar("Value")


def is_network(key: IdentifierKey) -> bool:
    """Whether an `ip` stands for a network instead of one address."""
    return key.kind == IP and "/" in key.value


def normalise_network(value: str) -> str:
    """The one spelling of a network; one of a single address is that address.

    Raises:
        ValueError: it is none, is wider than `WIDEST`, or has bits beyond its prefix.
    """
    try:
        network = ip_network(value, strict=False)
    except ValueError:
        raise ValueError("expected an address, or a network such as 203.0.113.0/24") from None
    if network.network_address != ip_address(value.partition("/")[0]):
        raise ValueError(f"the address has bits beyond its prefix; perhaps {network} is meant")
    network = _unmapped(network)
    if network.prefixlen < WIDEST[network.version]:
        raise ValueError(
            f"/{network.prefixlen} is too wide; expected /{WIDEST[network.version]} or narrower"
        )
    single = network.prefixlen == network.max_prefixlen
    return str(network.network_address) if single else str(network)


def ipv6_network(address: str) -> str:
    """The network of the subscriber of an IPv6 address, such as `2001:db8:0:1::/64`."""
    return str(IPv6Network((address, SUBSCRIBER), strict=False))


class NetworkTable(Generic[Value]):
    """Values by network, found by an address: a hundred thousand cost a look-up no more than ten.

    Args:
        values: by network, in its one spelling; a network may have several.
    """

    def __init__(self, values: Iterable[tuple[str, Value]]) -> None:
        by_cut: dict[int, dict[int, defaultdict[int, list[Value]]]] = {4: {}, 6: {}}
        for spelled, value in values:
            network = ip_network(spelled)
            cut = network.max_prefixlen - network.prefixlen
            by_prefix = by_cut[network.version].setdefault(cut, defaultdict(list))
            by_prefix[int(network.network_address) >> cut].append(value)
        self._cuts = {version: sorted(cuts.items()) for version, cuts in by_cut.items()}
        self._filled = any(by_cut.values())

    def __bool__(self) -> bool:
        return self._filled

    def around(self, address: str) -> Iterator[Value]:
        """Values of the networks that hold an address or a network, those of narrow ones first."""
        version, number = _number(address)
        for cut, by_prefix in self._cuts.get(version, ()):
            yield from by_prefix.get(number >> cut, ())


@lru_cache(maxsize=1 << 14)
def _number(address: str) -> tuple[int, int]:
    """IP version and bits of an address, or of the first one of a network; (0, 0): it is none."""
    try:
        parsed = ip_address(normalise_ip(address.partition("/")[0]))
    except ValueError:
        return 0, 0
    return parsed.version, int(parsed)


def _unmapped(network: IPv4Network | IPv6Network) -> IPv4Network | IPv6Network:
    """An IPv4 network that is written inside IPv6, as IPv4."""
    mapped = getattr(network.network_address, "ipv4_mapped", None)
    if mapped is None or network.prefixlen < 96:
        return network
    return IPv4Network((int(mapped), network.prefixlen - 96))

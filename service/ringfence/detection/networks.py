"""IP addresses as networks."""

from ipaddress import IPv6Network


def ipv6_network(address: str) -> str:
    """The /64 network of an IPv6 address, such as `2001:db8:0:1::/64`."""
    return str(IPv6Network((address, 64), strict=False))

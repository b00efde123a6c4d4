from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.domain.webhook_addresses import Target, expect_allowed, read_target
from ringfence.errors import InvalidInput

HTTPS = Target("https", "hooks.example", 443)
HTTP = Target("http", "hooks.example", 80)
LOCAL = [
    "0.0.0.0",  # noqa: S104 - refused
    "0.0.0.1",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.0.9",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.0.8",
    "192.168.1.1",
    "198.18.0.1",
    "203.0.113.5",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:808:808::",
    "3fff::1",
    "4000::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
]
NEVER = [
    "0.0.0.0",  # noqa: S104 - refused
    "169.254.169.254",
    "224.0.0.1",
    "240.0.0.1",
    "100.64.0.1",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "ff02::1",
    "::ffff:169.254.169.254",
    "2002:7f00:1::",
]


@pytest.mark.parametrize("address", LOCAL)
def test_address_that_is_not_public_is_refused(address: str) -> None:
    with pytest.raises(InvalidInput, match="private, local, reserved or for many"):
        expect_allowed(HTTPS, address, allow_private=False)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808"])
def test_public_address_is_taken(address: str) -> None:
    expect_allowed(HTTPS, address, allow_private=False)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "10.1.2.3", "192.168.0.9", "fd12::1"])
def test_operator_may_allow_this_machine_and_private_networks(address: str) -> None:
    expect_allowed(HTTPS, address, allow_private=True)


@pytest.mark.parametrize("address", NEVER)
def test_what_is_for_many_or_of_the_link_is_refused_whatever_is_allowed(address: str) -> None:
    with pytest.raises(InvalidInput):
        expect_allowed(HTTPS, address, allow_private=True)


@pytest.mark.parametrize(
    ("address", "allow_private"),
    [("8.8.8.8", True), ("10.0.0.1", True), ("8.8.8.8", False), ("127.0.0.1", False)],
)
def test_plain_http_leaves_this_machine_never(address: str, allow_private: bool) -> None:
    with pytest.raises(InvalidInput, match="plain http"):
        expect_allowed(HTTP, address, allow_private=allow_private)


@given(number=st.integers(0, 2**32 - 1))
def test_address_in_the_clothes_of_another_kind_is_judged_by_what_it_is(number: int) -> None:
    plain = IPv4Address(number)

    disguises = [
        f"::ffff:{plain}",
        str(IPv6Address(int(IPv6Address("64:ff9b::")) + number)),
    ]

    assert {is_allowed(one) for one in disguises} == {is_allowed(str(plain))}


def is_allowed(address: str) -> bool:
    try:
        expect_allowed(HTTPS, address, allow_private=False)
    except InvalidInput:
        return False
    return True


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://hooks.example.com/a?b=c", Target("https", "hooks.example.com", 443)),
        ("https://HOOKS.example.com:8443", Target("https", "hooks.example.com", 8443)),
        ("https://xn--bcher-kva.example/", Target("https", "xn--bcher-kva.example", 443)),
        ("https://8.8.8.8/", Target("https", "8.8.8.8", 443)),
        ("https://[2606:4700::1111]/", Target("https", "2606:4700::1111", 443)),
    ],
)
def test_plain_url_is_read(url: str, target: Target) -> None:
    assert read_target(url, allow_private=False) == target


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hooks.example.com",
        "http://hooks.example.com/",
        "ftp://hooks.example.com/",
        "file:///etc/passwd",
        "https://",
        "https:///path",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0x7f.1/",
        "https://0177.0.0.1/",
        "https://127.1/",
        "https://127.0.0.1./",
        "https://user@hooks.example.com/",
        "https://hooks.example.com@127.0.0.1/",
        "https://hooks.example.com\\@127.0.0.1/",
        "https://127.0.0.1\\.hooks.example.com/",
        "https://hooks.example.com#@127.0.0.1/",
        "https://hooks.example.com:0/",
        "https://hooks.example.com:65536/",
        "https://hooks.example.com:x/",
        "https://hooks example.com/",
        "https://hooks.example.com/\r\nHost: evil",
        "https://hooks%2eexample.com/",
        "https://\uff11\uff12\uff17.0.0.1/",
        "https://bücher.example/",
        "https://[fe80::1%25eth0]/",
        "https://[::1/",
        "https://_hooks.example.com/",
        f"https://hooks.example.com/{'a' * 2_000}",
    ],
)
def test_url_whose_host_leaves_a_doubt_is_refused(url: str) -> None:
    with pytest.raises(InvalidInput):
        read_target(url, allow_private=False)


def test_plain_http_is_read_only_where_the_operator_allows_it() -> None:
    assert read_target("http://localhost:9", allow_private=True) == Target("http", "localhost", 9)

    with pytest.raises(InvalidInput, match="RINGFENCE_WEBHOOK_ALLOW_PRIVATE"):
        read_target("http://localhost:9", allow_private=False)

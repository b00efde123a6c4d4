import socket
from pathlib import Path

import orjson
import pytest

from ringfence.api.jwks import (
    ASK_AGAIN_AFTER_S,
    FRESH_FOR_S,
    MAX_BYTES,
    IssuerUnavailable,
    KeySet,
    check_url,
    read_keys,
)
from ringfence.errors import InvalidInput
from tests.api.issuer import ISSUER, Issuer, issuer_site


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_keys_are_found_through_the_discovery_document_and_asked_for_once() -> None:
    with issuer_site() as site:
        site.answers = {
            "/.well-known/openid-configuration": {"issuer": site.url, "jwks_uri": f"{site.url}/k"},
            "/k": Issuer().key_set(),
        }
        keys = KeySet(site.url, loopback=True)

        found = [await keys.find(name) for name in ("RS256", "ES256", "EdDSA", "RS256")]

    assert [key and key.key_type for key in found] == ["RSA", "EC", "OKP", "RSA"]
    assert site.asked == ["/.well-known/openid-configuration", "/k"]


async def test_unknown_key_is_asked_for_again_but_not_at_every_token() -> None:
    clock = Clock()
    old, new = Issuer(), Issuer()
    with issuer_site() as site:
        site.answers["/k"] = {"keys": old.key_set()["keys"][:1]}
        keys = KeySet(ISSUER, f"{site.url}/k", loopback=True, clock=clock)
        assert await keys.find("RS256")
        site.answers["/k"] = new.key_set()

        soon = [await keys.find("ES256") for _ in range(20)]
        clock.now += ASK_AGAIN_AFTER_S
        later = await keys.find("ES256")

    assert soon == [None] * 20
    assert later is not None
    assert site.asked == ["/k", "/k"]


async def test_remembered_keys_go_on_while_the_issuer_is_away() -> None:
    clock = Clock()
    with issuer_site() as site:
        site.answers["/k"] = Issuer().key_set()
        keys = KeySet(ISSUER, f"{site.url}/k", loopback=True, clock=clock)
        before = await keys.find("RS256")
        site.answers.clear()
        clock.now += FRESH_FOR_S

        after = await keys.find("RS256")

    assert after is before
    assert site.asked == ["/k", "/k"]


@pytest.mark.parametrize(
    "told", [None, b"no json", {"keys": []}, {"keys": 5}, b" " * (MAX_BYTES + 1)], ids=repr
)
async def test_issuer_that_never_told_its_keys_is_unavailable(told: object) -> None:
    with issuer_site() as site:
        site.answers["/k"] = told
        keys = KeySet(ISSUER, f"{site.url}/k", loopback=True)

        for _ in range(3):
            with pytest.raises(IssuerUnavailable):
                await keys.find("RS256")

    assert site.asked == ["/k"]


async def test_discovery_document_of_another_issuer_is_not_believed() -> None:
    with issuer_site() as site:
        site.answers = {
            "/.well-known/openid-configuration": {"issuer": ISSUER, "jwks_uri": f"{site.url}/k"},
            "/k": Issuer().key_set(),
        }

        with pytest.raises(IssuerUnavailable):
            await KeySet(site.url, loopback=True).find("RS256")

    assert "/k" not in site.asked


async def test_file_of_keys_is_read(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    file.write_bytes(orjson.dumps(Issuer().key_set()))

    keys = KeySet(ISSUER, str(file))

    assert await keys.find("EdDSA") is not None
    assert await keys.find(None) is None


def test_secrets_and_keys_for_encryption_are_no_keys() -> None:
    sound = Issuer().key_set()["keys"][0]
    secret = {"kty": "oct", "k": "c2VjcmV0", "kid": "s"}

    found = read_keys(orjson.dumps({"keys": [sound, secret, sound | {"kid": "e", "use": "enc"}]}))

    assert list(found) == [sound["kid"]]


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://login.example/k", "93.184.215.14"),
        ("https://login.example/k", "10.0.0.7"),
        ("https://login.example/k", "127.0.0.1"),
        ("https://login.example/k", "169.254.169.254"),
        ("https://login.example/k", "::1"),
        ("https://a:b@login.example/k", "93.184.215.14"),
        ("file:///etc/passwd", "93.184.215.14"),
    ],
)
def test_url_that_leads_inside_or_is_open_to_all_is_refused(
    monkeypatch: pytest.MonkeyPatch, url: str, address: str
) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    found = [(family, socket.SOCK_STREAM, 6, "", (address, 443))]
    monkeypatch.setattr("ringfence.api.jwks.getaddrinfo", lambda *_, **__: found)

    with pytest.raises(InvalidInput):
        check_url(url, loopback=False)


def test_url_of_the_world_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.215.14", 443))]
    monkeypatch.setattr("ringfence.api.jwks.getaddrinfo", lambda *_, **__: found)

    check_url("https://login.example/k", loopback=False)

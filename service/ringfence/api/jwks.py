"""The public keys of a token issuer, from a file or over HTTPS, remembered and renewed."""

import asyncio
import time
from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path
from socket import IPPROTO_TCP, gaierror, getaddrinfo
from typing import Any, Final
from urllib.parse import urlsplit

import jwt
import orjson
import requests

from ringfence.errors import InvalidInput, RingfenceError
from ringfence.logs import get_logger

FRESH_FOR_S: Final = 600.0
ASK_AGAIN_AFTER_S: Final = 10.0
"""At the most one fetch in this time, whatever tokens come."""
TIMEOUT_S: Final = 5.0
MAX_BYTES: Final = 256 * 1024
DISCOVERY: Final = "/.well-known/openid-configuration"

log = get_logger(__name__)


class IssuerUnavailable(RingfenceError):
    """The issuer of tokens does not tell its keys, and none are remembered."""

    status = 503
    code = "issuer_unavailable"
    title = "Issuer unavailable"


class KeySet:
    """The keys of one issuer.

    Args:
        issuer: whose discovery document names the keys where no place is given.
        place: URL or file of the keys, or empty.
        loopback: whether HTTP to this machine is taken; for the demo and tests.
        clock: seconds that only grow.
    """

    def __init__(
        self,
        issuer: str,
        place: str = "",
        *,
        loopback: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._issuer = issuer
        self._place = place
        self._loopback = loopback
        self._clock = clock
        self._keys: dict[str | None, jwt.PyJWK] = {}
        self._asked_at: float | None = None
        self._asking = asyncio.Lock()

    async def find(self, key_id: str | None) -> jwt.PyJWK | None:
        """The key of that id, or None; without an id, the issuer's only key.

        Raises:
            IssuerUnavailable: the issuer does not answer, and never did.
        """
        if self._age_s() >= FRESH_FOR_S or (key_id not in self._keys and self._may_ask()):
            await self._renew(key_id)
        if not self._keys:
            raise IssuerUnavailable("The issuer of the token does not tell its keys. Try later.")
        if key_id is None and len(self._keys) == 1:
            return next(iter(self._keys.values()))
        return self._keys.get(key_id)

    def _age_s(self) -> float:
        return float("inf") if self._asked_at is None else self._clock() - self._asked_at

    def _may_ask(self) -> bool:
        return self._age_s() >= ASK_AGAIN_AFTER_S

    async def _renew(self, key_id: str | None) -> None:
        """Fetch the keys; those remembered stay while the issuer is away."""
        async with self._asking:
            if not self._may_ask():
                return
            try:
                text = await asyncio.to_thread(self._fetch)
                self._keys = read_keys(text)
            except (InvalidInput, OSError, ValueError) as error:
                log.warning(
                    "issuer_keys_not_read", reason=type(error).__name__, known=len(self._keys)
                )
            finally:
                self._asked_at = self._clock()

    def _fetch(self) -> bytes:
        if self._place and "://" not in self._place:
            return Path(self._place).read_bytes()
        return self._get(self._place or self._discovered())

    def _discovered(self) -> str:
        told = orjson.loads(self._get(self._issuer.rstrip("/") + DISCOVERY))
        if not isinstance(told, dict) or told.get("issuer") != self._issuer:
            raise InvalidInput("The discovery document is of another issuer.")
        return str(told.get("jwks_uri", ""))

    def _get(self, url: str) -> bytes:
        check_url(url, loopback=self._loopback)
        with requests.get(url, timeout=TIMEOUT_S, allow_redirects=False, stream=True) as answer:
            if answer.status_code != requests.codes.ok:
                raise InvalidInput(f"The issuer answered {answer.status_code}.")
            body: bytes = answer.raw.read(MAX_BYTES + 1, decode_content=True)
        if len(body) > MAX_BYTES:
            raise InvalidInput(f"The issuer's answer is larger than {MAX_BYTES:,} bytes.")
        return body


def read_keys(text: bytes) -> dict[str | None, jwt.PyJWK]:
    """Keys of a JSON Web Key Set by their ids; those for encryption or of no use are left out.

    Raises:
        InvalidInput: it is none, or holds no key that signs.
    """
    try:
        told = orjson.loads(text)
        keys: list[dict[str, Any]] = list(told["keys"])
    except (ValueError, KeyError, TypeError):
        raise InvalidInput("Expected a JSON Web Key Set.") from None
    found: dict[str | None, jwt.PyJWK] = {}
    for key in keys:
        if not isinstance(key, dict) or key.get("kty") == "oct" or key.get("use", "sig") != "sig":
            continue
        try:
            found[key.get("kid")] = jwt.PyJWK(key)
        except (jwt.PyJWTError, ValueError, TypeError, KeyError):
            continue
    if not found:
        raise InvalidInput("The JSON Web Key Set holds no key that signs.")
    return found


def check_url(url: str, *, loopback: bool) -> None:
    """Return if the URL may be fetched: HTTPS, and not of a private network.

    Args:
        url: of keys or of a discovery document.
        loopback: whether this machine may be asked too, over HTTP.

    Raises:
        InvalidInput: it may not.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        addresses = [
            ip_address(found[4][0])
            for found in getaddrinfo(host, parts.port or 443, proto=IPPROTO_TCP)
        ]
    except (gaierror, UnicodeError, ValueError):
        raise InvalidInput(f"The host of {url[:200]!r} is not known.") from None
    if loopback and addresses and all(address.is_loopback for address in addresses):
        return
    if parts.scheme != "https" or parts.username is not None:
        raise InvalidInput(f"{url[:200]!r} is no https:// address without a user name.")
    if not addresses or not all(address.is_global for address in addresses):
        raise InvalidInput(f"{url[:200]!r} leads into a private network. Name a file of the keys.")

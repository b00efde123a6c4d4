"""An issuer of tokens without a network: keys of its own, their set as a file or over HTTP."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

ISSUER = "https://login.example/realms/fraud"
AUDIENCE = "ringfence"


def _keys() -> dict[str, Any]:
    return {
        "RS256": rsa.generate_private_key(public_exponent=65537, key_size=2048),
        "ES256": ec.generate_private_key(ec.SECP256R1()),
        "EdDSA": ed25519.Ed25519PrivateKey.generate(),
    }


@dataclass
class Issuer:
    """One issuer; its keys are named after their algorithms."""

    name: str = ISSUER
    keys: dict[str, Any] = field(default_factory=_keys)

    def token(self, algorithm: str = "RS256", *, kid: str | None = None, **changes: object) -> str:
        """A token that is fine, but for the changes; a claim changed to None is left out."""
        now = int(time.time())
        claims: dict[str, object] = {
            "iss": self.name,
            "aud": AUDIENCE,
            "sub": "ana",
            "iat": now,
            "exp": now + 300,
            "scope": "openid read",
        }
        claims |= changes
        told = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(told, self.keys[algorithm], algorithm, headers={"kid": kid or algorithm})

    def key_set(self) -> dict[str, Any]:
        """The public keys."""
        written: dict[str, Any] = {
            "RS256": RSAAlgorithm,
            "ES256": ECAlgorithm,
            "EdDSA": OKPAlgorithm,
        }
        return {
            "keys": [
                {**written[name].to_jwk(key.public_key(), as_dict=True), "kid": name}
                for name, key in self.keys.items()
            ]
        }


@dataclass
class IssuerSite:
    """What an issuer's site answers by path, and what it was asked."""

    url: str
    answers: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)


@contextmanager
def issuer_site() -> Iterator[IssuerSite]:
    """A site on this machine; what it has no answer for is 500."""
    site = IssuerSite("")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.asked.append(self.path)
            told = site.answers.get(self.path)
            body = told if isinstance(told, bytes) else json.dumps(told).encode()
            self.send_response(500 if told is None else 200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        site.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield site
        finally:
            server.shutdown()
            thread.join(10)

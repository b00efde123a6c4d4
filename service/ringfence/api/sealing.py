"""Texts that callers carry and must not read: ids and cursors that hold personal data."""

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from hashlib import sha512

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

PURPOSE = b"ringfence sealed ids 1\0"


class Seal:
    """Seals texts so that the same text always becomes the same, and only it can open them.

    Args:
        secret: whoever has it can open what was sealed with it.
    """

    def __init__(self, secret: str) -> None:
        self._cipher = AESSIV(sha512(PURPOSE + secret.encode()).digest())

    def close(self, text: str) -> str:
        """The text, sealed: letters, digits, `-` and `_`."""
        sealed = self._cipher.encrypt(text.encode(), None)
        return urlsafe_b64encode(sealed).decode().rstrip("=")

    def open(self, sealed: str) -> str | None:
        """The text again, or None where this seal did not make it."""
        try:
            raw = urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))
            return self._cipher.decrypt(raw, None).decode()
        except (InvalidTag, ValueError):
            return None


_of_process = Seal(secrets.token_hex(32))
_present: ContextVar[Seal] = ContextVar("seal", default=_of_process)


def seal() -> Seal:
    """The seal of the request at hand; outside of one, one that ends with this process."""
    return _present.get()


@contextmanager
def sealing(one: Seal) -> Iterator[None]:
    """Let all within use this seal."""
    token = _present.set(one)
    try:
        yield
    finally:
        _present.reset(token)

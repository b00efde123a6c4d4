"""Secrets of webhooks: needed in clear to sign, so kept sealed with a key that the graph lacks."""

import secrets
from base64 import b64encode, urlsafe_b64encode
from typing import Final

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ringfence.errors import InvalidInput

PREFIX: Final = "whsec_"
BYTES: Final = 32
_PURPOSE: Final = b"ringfence webhook secrets 1"


class SecretBox:
    """Seals secrets by Fernet, under a key made of the service's own secret by HKDF-SHA-256.

    Args:
        secret: `settings.require_identifier_secret`; whoever has it can open what was sealed.
    """

    def __init__(self, secret: bytes) -> None:
        key = HKDF(SHA256(), length=32, salt=None, info=_PURPOSE).derive(secret)
        self._cipher = Fernet(urlsafe_b64encode(key))

    def seal(self, text: str) -> str:
        """The text, sealed."""
        return self._cipher.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """The text again.

        Raises:
            InvalidInput: it was sealed under another secret.
        """
        try:
            return self._cipher.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise InvalidInput(
                "A webhook's secret was sealed under another RINGFENCE_IDENTIFIER_SECRET (or API "
                "key, where none is set). Set that one again, or give the endpoint a new secret: "
                "ringfence webhooks rotate ID, then enable ID."
            ) from None


def mint_secret() -> str:
    """A new secret in the form of Standard Webhooks."""
    return PREFIX + b64encode(secrets.token_bytes(BYTES)).decode()

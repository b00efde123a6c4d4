"""Opaque global ids: which type an object is of, and its own key within the type."""

from base64 import b64decode
from binascii import b2a_base64
from operator import attrgetter
from typing import Any

import orjson

from ringfence.api.sealing import seal
from ringfence.domain.identifiers import IdentifierKey
from ringfence.errors import InvalidInput

MAX_LENGTH = 4_096


def global_id(type_name: str, key: str) -> str:
    """The opaque id of an object."""
    return b2a_base64(f"{type_name}:{key}".encode(), newline=False).decode()


class Keyed:
    """An attribute that is the opaque id of its object.

    Attributes:
        type_name: of the object.
        path: of attributes to the object's own key.
    """

    def __init__(self, type_name: str, path: str) -> None:
        self.type_name = type_name
        self.path = path
        self._key = attrgetter(path)

    def __get__(self, owner: object, owner_type: type) -> Any:  # noqa: ANN401 - itself, of a class
        return self if owner is None else global_id(self.type_name, self._key(owner))


def key_of(type_name: str, text: str) -> str:
    """The object's own key, from its opaque id or from the key itself."""
    parts = _split(text)
    return parts[1] if parts and parts[0] == type_name else text


def split_id(text: str) -> tuple[str, str]:
    """Type and key of an opaque id.

    Raises:
        InvalidInput: it is none of ours.
    """
    parts = _split(text)
    if parts is None:
        raise InvalidInput("Expected an id as this API gave it in an `id` field.")
    return parts


def identifier_text(key: IdentifierKey) -> str:
    """Kind and value of an identifier as one text, sealed: who holds the id does not hold them."""
    return seal().close(orjson.dumps(list(key)).decode())


def identifier_key(text: str) -> IdentifierKey:
    """Kind and value, from such a text.

    Raises:
        InvalidInput: it is none of ours.
    """
    opened = seal().open(text)
    if opened is None:
        raise InvalidInput("Expected the id of an identifier as this API gave it.")
    kind, value = orjson.loads(opened)
    return IdentifierKey(str(kind), str(value))


def _split(text: str) -> tuple[str, str] | None:
    if len(text) > MAX_LENGTH:
        return None
    try:
        type_name, colon, key = b64decode(text, validate=True).decode().partition(":")
    except ValueError:
        return None
    return (type_name, key) if colon and type_name.isidentifier() else None

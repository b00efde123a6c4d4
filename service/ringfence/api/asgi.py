"""Headers and bodies of requests, read off ASGI itself."""

from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope


def header_of(scope: Scope, name: bytes) -> str | None:
    """The first header of a name in lower case, or None."""
    for own, value in scope["headers"]:
        if own == name:
            return str(value, "latin-1")
    return None


async def read_body(receive: Receive) -> bytes:
    """The whole body of a request.

    Raises:
        ClientDisconnect: the client went away before it was sent.
    """
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return parts[0] if len(parts) == 1 else b"".join(parts)

"""Whether a port speaks Bolt: the version handshake, without a driver."""

import socket
from typing import Final

HOST: Final = "127.0.0.1"
HANDSHAKE_TIMEOUT_S: Final = 5.0

# The magic word, then four proposals, each as minors below, minor, major: 5.8 down to 5.0 and
# 4.4 down to 4.2. The server answers with the version it chose, or with zeros.
HANDSHAKE: Final = bytes.fromhex("6060b017 00080805 00020404 00000000 00000000")


def bolt_uri(port: int) -> str:
    """Address of a server on this machine, as drivers take it."""
    return f"bolt://{HOST}:{port}"


def answers_bolt(port: int, *, timeout_s: float = HANDSHAKE_TIMEOUT_S) -> bool:
    """Whether the port of this machine agrees on a version of Bolt."""
    try:
        with socket.create_connection((HOST, port), timeout=timeout_s) as connection:
            connection.sendall(HANDSHAKE)
            chosen = connection.recv(4, socket.MSG_WAITALL)
    except OSError:
        return False
    return len(chosen) == 4 and any(chosen)

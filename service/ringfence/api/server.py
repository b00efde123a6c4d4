"""The API served over HTTP: uvicorn, with its words in our log."""

import asyncio
import gc
import logging
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import uvicorn
from starlette.types import ASGIApp

from ringfence.errors import Conflict
from ringfence.logs import get_logger

STOP_WITHIN_S = 10
WEBSOCKET_BYTES = 256 * 1024
"""What one message of a WebSocket may have, as the body of a request."""
TOLD_ALREADY = "Exception in ASGI application"
"""What uvicorn says of an error that the request's own line has told."""

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A server that answers.

    Attributes:
        address: of the API, such as http://127.0.0.1:8000.
        stopped: ends when a signal has asked it to stop and all requests are answered.
    """

    address: str
    stopped: asyncio.Task[None]


async def serve_app(
    app: ASGIApp, *, host: str, port: int, started: Callable[[str], None] | None = None
) -> None:
    """Answer requests until a signal asks to stop, then finish those at hand.

    Args:
        app: the application.
        host: address to listen on.
        port: port to listen on; 0 takes a free one.
        started: called once requests are answered, with the address of the API.

    Raises:
        Conflict: the port is taken, or the address is not one of this machine.
    """
    gc.collect()
    gc.freeze()
    async with serving(app, host=host, port=port) as server:
        if started:
            started(server.address)
        await server.stopped


@asynccontextmanager
async def serving(app: ASGIApp, *, host: str, port: int) -> AsyncIterator[RunningServer]:
    """A server that answers for as long as the block lasts.

    Raises:
        Conflict: the port is taken, or the address is not one of this machine.
    """
    _log_uvicorn()
    listening = _listen(host, port)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        ws="websockets-sansio",
        ws_max_size=WEBSOCKET_BYTES,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=STOP_WITHIN_S,
    )
    server = uvicorn.Server(config)
    serves = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield RunningServer(f"http://{_spelled(host)}:{listening.getsockname()[1]}", serves)
    finally:
        server.should_exit = True
        await serves


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sends small answers at once only over a socket that names TCP as its protocol.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(2048)
    except OSError as error:
        listening.close()
        raise Conflict(
            f"Nothing can listen on {host}, port {port}: {error.strerror}. Stop what does, or "
            "choose another with --port or RINGFENCE_PORT."
        ) from error
    return listening


def _spelled(host: str) -> str:
    return f"[{host}]" if ":" in host else host


class _ToOurLog(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        """Tell our log what uvicorn says, unless a request's own line told it."""
        message = record.getMessage()
        if not message.startswith(TOLD_ALREADY):
            log.log(record.levelno, "server_said", message=message, exc_info=record.exc_info)


def _log_uvicorn() -> None:
    said = logging.getLogger("uvicorn")
    said.handlers = [_ToOurLog()]
    said.propagate = False
    said.setLevel(logging.WARNING)

"""A line to Neo4j that a test can cut and mend."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread
from urllib.parse import urlsplit


class Line:
    """Passes bytes between the API and Neo4j until it is cut."""

    def __init__(self, uri: str) -> None:
        target = urlsplit(uri)
        self._target = (target.hostname or "", target.port or 7687)
        self._open: list[socket.socket] = []
        self._listening = self._listen(0)
        self._port: int = self._listening.getsockname()[1]

    @property
    def uri(self) -> str:
        return f"bolt://127.0.0.1:{self._port}"

    def cut(self) -> None:
        """Refuse connections, and end those that are open."""
        for one in [self._listening, *self._open]:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self._open.clear()

    def mend(self) -> None:
        self._listening = self._listen(self._port)

    def _listen(self, port: int) -> socket.socket:
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", port))
        listening.listen()
        Thread(target=self._accept, args=(listening,), daemon=True).start()
        return listening

    def _accept(self, listening: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near, _ = listening.accept()
                far = socket.create_connection(self._target)
                self._open += [near, far]
                for source, sink in ((near, far), (far, near)):
                    Thread(target=_pass, args=(source, sink), daemon=True).start()


def _pass(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)


@contextmanager
def line_to(uri: str) -> Iterator[Line]:
    line = Line(uri)
    try:
        yield line
    finally:
        line.cut()


@contextmanager
def silent_server() -> Iterator[str]:
    """A server that takes connections and never says a word."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield f"bolt://127.0.0.1:{listening.getsockname()[1]}"

"""A receiver of webhooks that fails on purpose: for demonstrations, and to test against."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from threading import Lock, Thread
from typing import Any, Final

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

MAX_BODY: Final = 4 * 1024 * 1024


class Fault(StrEnum):
    """How a call goes wrong; of the last two, its actions are done before that."""

    ERROR = "error"
    BUSY = "busy"
    DROPPED = "dropped"
    DROPPED_AFTER = "dropped_after"
    LATE = "late"


@dataclass(slots=True)
class Received:
    """What a receiver has got.

    Attributes:
        message_ids: of calls whose signature was right, repeated ones included.
        done: actions done, by account, each once, in the order in which they came.
        repeated: actions that came again and were not done again.
        stale: actions that came after a later one of their account; none if all is well.
        forged: calls whose signature was wrong or too old.
        faults: calls that went wrong on purpose.
    """

    message_ids: list[str] = field(default_factory=list)
    done: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    repeated: int = 0
    stale: int = 0
    forged: int = 0
    faults: Counter[Fault] = field(default_factory=Counter)


class Receiver:
    """Takes messages as a provider's system should: signature first, each action once, in order.

    Args:
        secrets: any of which may have signed.
        fail_share: of calls that go wrong on purpose, 0 to 1.
        late_s: how long a late answer takes.
        seed: of what goes wrong.
        fail_for: accounts whose messages are always refused; may be changed at any time.
        told: called with each message that was taken, and what of it was new.
    """

    def __init__(
        self,
        secrets: Sequence[str],
        *,
        fail_share: float = 0.0,
        late_s: float = 20.0,
        seed: int = 0,
        fail_for: Sequence[str] = (),
        told: Callable[[str, list[dict[str, Any]]], None] = lambda *_: None,
    ) -> None:
        self.secrets = list(secrets)
        self.fail_share = fail_share
        self.fail_for = set(fail_for)
        self.got = Received()
        self.late_s = late_s
        self._draw = Random(seed)  # noqa: S311 - which calls fail is no secret
        self._told = told
        self._seen: set[str] = set()
        self._lock = Lock()

    def take(self, headers: Mapping[str, str], body: bytes) -> tuple[int, Fault | None]:
        """Take a call, and say its status and how it is to go wrong."""
        message = self._verified(headers, body)
        with self._lock:
            if message is None:
                self.got.forged += 1
                return 401, None
            actions: list[dict[str, Any]] = message["data"]["actions"]
            self.got.message_ids.append(headers["webhook-id"])
            if any(action["account_id"] in self.fail_for for action in actions):
                return 500, None
            fault = self._fault()
            if fault in (Fault.ERROR, Fault.BUSY):
                return (500 if fault is Fault.ERROR else 503), fault
            if fault is not Fault.DROPPED:
                self._told(headers["webhook-id"], self._do(actions))
            return 204, fault

    def _verified(self, headers: Mapping[str, str], body: bytes) -> dict[str, Any] | None:
        for secret in self.secrets:
            try:
                told: dict[str, Any] = Webhook(secret).verify(body, dict(headers))
            except (WebhookVerificationError, ValueError):
                continue
            return told
        return None

    def _fault(self) -> Fault | None:
        if self._draw.random() >= self.fail_share:
            return None
        fault = self._draw.choice(list(Fault))
        self.got.faults[fault] += 1
        return fault

    def _do(self, actions: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Do those that are new, and give them back."""
        new = [action for action in actions if action["id"] not in self._seen]
        self.got.repeated += len(actions) - len(new)
        for action in new:
            self._seen.add(action["id"])
            done = self.got.done.setdefault(action["account_id"], [])
            self.got.stale += bool(done) and done[-1]["seq"] > action["seq"]
            done.append(action)
        return new


@contextmanager
def receiving(receiver: Receiver, *, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Listen for messages for as long as the block lasts; gives the URL."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            length = min(int(self.headers.get("content-length", 0)), MAX_BODY)
            body = self.rfile.read(length)
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, fault = receiver.take(headers, body)
            if fault in (Fault.DROPPED, Fault.DROPPED_AFTER):
                self.close_connection = True
                return
            if fault is Fault.LATE:
                time.sleep(receiver.late_s)
            self.send_response(status)
            if fault is Fault.BUSY:
                self.send_header("Retry-After", "0")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing: who wants to know passes `told`."""

    server = _Server((host, port), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://{host}:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, *_: object) -> None:
        """Say nothing where a sender has gone away before it was answered."""

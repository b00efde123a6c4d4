"""What tests of webhooks share: actions to be told, and a server that answers as it is bid.

The receiver that verifies, remembers and fails on purpose is `ringfence.cli.receiver`, which the
program brings for demonstrations.
"""

import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from threading import Thread

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ringfence.domain.takedowns import ActionKind, Standing
from ringfence.domain.webhooks import AskedEndpoint, WebhookEndpoint
from ringfence.store.actions import ActionFacts, StandingChange, append_actions
from ringfence.store.graph import Graph, Transaction
from ringfence.usecases.deliver_actions import DeliverySettings
from ringfence.usecases.webhook_secrets import SecretBox
from ringfence.usecases.webhooks import add_endpoint

SECRET = b"a secret of the tests of webhooks"
NOW = datetime(2026, 6, 1, 12, 0, 0, 250_000, UTC)
QUICK = DeliverySettings(
    SECRET,
    allow_private=True,
    first_delay_s=0.01,
    longest_delay_s=0.05,
    timeout_s=0.5,
    poll_s=0.02,
    lease_s=5.0,
)
"""Settings of a deliverer whose receiver is on this machine."""


async def write_actions(
    graph: Graph,
    account_ids: Sequence[str],
    *,
    takedown_id: str = "td_1",
    kind: ActionKind = ActionKind.APPLY,
) -> None:
    """Tell one action an account, as a takedown does."""
    before, after = Standing.ACTIVE, Standing.SUSPENDED
    if kind is ActionKind.REVERT:
        before, after = after, before
    facts = ActionFacts(takedown_id, "ring_1", kind, "fake accounts", NOW)
    changes = [StandingChange(one, before, after) for one in account_ids]

    async def work(transaction: Transaction) -> None:
        await append_actions(transaction, facts, changes)

    await graph.in_write(work)


async def added(
    graph: Graph, url: str, *, batch: int = 100, after: int | None = 0
) -> tuple[WebhookEndpoint, str]:
    """An endpoint of the tests, told of all actions, and its secret."""
    return await add_endpoint(
        graph,
        SecretBox(SECRET),
        AskedEndpoint(url, batch, after),
        now=datetime.now(UTC),
        by="ana",
        allow_private=True,
    )


@dataclass
class Bid:
    """How a server answers, and what it was asked."""

    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    asked: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)


@contextmanager
def answering(bid: Bid, *, tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """A server on this machine that answers as it is bid; gives its port."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            bid.asked.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            self.send_response(bid.status)
            for name, value in bid.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(bid.body)))
            self.end_headers()
            self.wfile.write(bid.body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

        def handle_error(self, *_: object) -> None:
            """Say nothing where the other side went away."""

    server = Server(("127.0.0.1", 0), Handler)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def certified(host: str, folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """What a server called so shows, and what trusts that alone."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tests")])
    begins = datetime.now(UTC) - timedelta(days=1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([_name(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    shown = certificate.public_bytes(serialization.Encoding.PEM)
    own = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file = folder / "server.pem"
    file.write_bytes(own + shown)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    return server, ssl.create_default_context(cadata=shown.decode())


def _name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)

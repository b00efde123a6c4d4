"""Sends messages by the Standard Webhooks specification, to addresses that may be sent to alone."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from socket import IPPROTO_TCP, gaierror
from types import TracebackType
from typing import Final, Self

import httpx
from standardwebhooks.webhooks import Webhook

from ringfence import __version__
from ringfence.domain.webhook_addresses import Target, expect_allowed, read_target
from ringfence.errors import InvalidInput

CONNECT_S: Final = 5.0
MAX_ANSWER: Final = 64 * 1024
"""Bytes read of an answer, whose body says nothing that is needed."""

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Addresses of a host for a port."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one try.

    Attributes:
        failure: what it met; None: the message was taken.
        gone: whether the receiver wants no more messages, ever.
        retry_after_s: how long it asked to be left alone.
    """

    failure: str | None = None
    gone: bool = False
    retry_after_s: float | None = None


async def resolve(host: str, port: int) -> Sequence[str]:
    """Addresses of a host, by the resolver of the system."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, proto=IPPROTO_TCP)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


class PinnedTransport(httpx.AsyncBaseTransport):
    """Resolves a host once, and connects to an address that was checked and to no other.

    What a name server says a moment later does not matter. The name stays in the `Host` header, and
    is what the certificate must be for.

    Args:
        allow_private: whether this machine and private networks may be reached.
        tls: how certificates are checked.
        find: addresses of a host.
    """

    def __init__(
        self, *, allow_private: bool, tls: ssl.SSLContext, find: Resolve = resolve
    ) -> None:
        self._allow_private = allow_private
        self._find = find
        self._inner = httpx.AsyncHTTPTransport(verify=tls, trust_env=False)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer of the first of its addresses that can be connected to.

        Raises:
            InvalidInput: one of its addresses may not be sent to.
            ConnectError: the host is not known, or none of its addresses answers.
        """
        target = read_target(str(request.url), allow_private=self._allow_private)
        *others, last = await allowed_addresses(
            target, allow_private=self._allow_private, find=self._find
        )
        request.extensions = {**request.extensions, "sni_hostname": target.host}
        for address in others:
            try:
                return await self._at(request, address)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
        return await self._at(request, last)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._inner.aclose()

    async def _at(self, request: httpx.Request, address: str) -> httpx.Response:
        request.url = request.url.copy_with(host=address)
        return await self._inner.handle_async_request(request)


async def allowed_addresses(
    target: Target, *, allow_private: bool, find: Resolve = resolve
) -> Sequence[str]:
    """Addresses of a target, all of which may be sent to.

    Raises:
        InvalidInput: one of them may not.
        ConnectError: the host is not known.
    """
    try:
        addresses = await find(target.host, target.port)
    except (gaierror, UnicodeError):
        addresses = ()
    if not addresses:
        raise httpx.ConnectError("the host is not known")
    for address in addresses:
        expect_allowed(target, address, allow_private=allow_private)
    return addresses


class WebhookSender:
    """Sends messages to one endpoint, over connections of its own.

    Args:
        allow_private: whether this machine and private networks may be reached.
        timeout_s: longest time of one try in all.
        tls: how certificates are checked; None: as usual, `SSL_CERT_FILE` included.
        find: addresses of a host.
    """

    def __init__(
        self,
        *,
        allow_private: bool,
        timeout_s: float,
        tls: ssl.SSLContext | None = None,
        find: Resolve = resolve,
    ) -> None:
        self._timeout_s = timeout_s
        self._client = httpx.AsyncClient(
            transport=PinnedTransport(
                allow_private=allow_private, tls=tls or httpx.create_ssl_context(), find=find
            ),
            timeout=httpx.Timeout(timeout_s, connect=min(CONNECT_S, timeout_s)),
            follow_redirects=False,
            trust_env=False,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def send(self, url: str, message_id: str, body: bytes, secrets: Sequence[str]) -> Answer:
        """Try once to send a message; nothing that may go wrong is raised.

        Args:
            url: of the endpoint.
            message_id: the same at each try.
            body: JSON.
            secrets: that sign, each by itself.
        """
        headers = signed_headers(message_id, body, secrets, datetime.now(UTC))
        try:
            async with (
                asyncio.timeout(self._timeout_s),
                self._client.stream("POST", url, content=body, headers=headers) as response,
            ):
                await _read_some(response)
                return _answer(response)
        except (TimeoutError, httpx.TimeoutException):
            return Answer("no answer in time")
        except InvalidInput:
            return Answer("its address may not be sent to")
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            return Answer(f"{type(error).__name__}: no answer")


def signed_headers(
    message_id: str, body: bytes, secrets: Sequence[str], now: datetime
) -> dict[str, str]:
    """Headers of a message, with one signature a secret.

    Args:
        message_id: of the message.
        body: exactly what is sent.
        secrets: in the form `whsec_…`.
        now: UTC; receivers refuse what is older than some minutes.
    """
    text = body.decode()
    return {
        "content-type": "application/json",
        "user-agent": f"ringfence/{__version__}",
        "accept-encoding": "identity",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(Webhook(one).sign(message_id, now, text) for one in secrets),
    }


def read_retry_after(told: str | None, now: datetime) -> float | None:
    """Seconds that a `Retry-After` header asks for, or None where it says nothing of use."""
    text = (told or "").strip()
    if text.isdecimal() and text.isascii():
        return float(text[:9])
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, (at.replace(tzinfo=at.tzinfo or UTC) - now).total_seconds())


async def _read_some(response: httpx.Response) -> None:
    """Read what there is of the answer up to a limit, so that its connection can be used again."""
    read = 0
    async for chunk in response.aiter_raw():
        read += len(chunk)
        if read > MAX_ANSWER:
            return


def _answer(response: httpx.Response) -> Answer:
    if response.is_success:
        return Answer()
    status = response.status_code
    asked = read_retry_after(response.headers.get("retry-after"), datetime.now(UTC))
    return Answer(f"HTTP {status}", gone=status == HTTPStatus.GONE, retry_after_s=asked)

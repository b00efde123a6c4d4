"""Messages over real HTTP, on this machine."""

import asyncio
import ssl
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from ringfence.errors import InvalidInput
from ringfence.usecases.webhook_secrets import SecretBox, mint_secret
from ringfence.usecases.webhook_sender import (
    Answer,
    Resolve,
    WebhookSender,
    read_retry_after,
    resolve,
    signed_headers,
)
from tests.receiver import Bid, answering, certified

BODY = b'{"type":"takedown.actions"}'
REFUSED = Answer("its address may not be sent to")


async def sent(
    url: str,
    *secrets: str,
    allow_private: bool = True,
    timeout_s: float = 2.0,
    tls: ssl.SSLContext | None = None,
    find: Resolve = resolve,
    times: int = 1,
) -> Answer:
    async with WebhookSender(
        allow_private=allow_private, timeout_s=timeout_s, tls=tls, find=find
    ) as sender:
        for _ in range(times):
            answer = await sender.send(url, "msg_1", BODY, secrets or (mint_secret(),))
    return answer


def always(*addresses: str) -> Resolve:
    async def find(_: str, __: int) -> Sequence[str]:
        return addresses

    return find


async def test_message_is_signed_by_each_secret_and_by_no_other() -> None:
    old, new, bid = mint_secret(), mint_secret(), Bid()

    with answering(bid) as port:
        answer = await sent(f"http://localhost:{port}/hook?a=b", new, old)

    ((path, headers, body),) = bid.asked
    assert answer == Answer()
    assert (path, body) == ("/hook?a=b", BODY)
    assert headers["host"] == f"localhost:{port}"
    assert headers["webhook-id"] == "msg_1"
    for secret in (new, old):
        assert Webhook(secret).verify(body, headers) == {"type": "takedown.actions"}
    with pytest.raises(WebhookVerificationError):
        Webhook(mint_secret()).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(new).verify(body + b" ", headers)


def test_signature_is_of_the_moment_told_in_whatever_zone_this_machine_is() -> None:
    now = datetime(2026, 6, 1, 12, 0, 0, 900_000, UTC)
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 - of the specification

    headers = signed_headers("msg_1", b"{}", [secret], now)

    assert headers["webhook-timestamp"] == "1780315200"
    assert headers["webhook-signature"] == Webhook(secret).sign("msg_1", now, "{}")


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (200, Answer()),
        (202, Answer()),
        (302, Answer("HTTP 302")),
        (400, Answer("HTTP 400")),
        (410, Answer("HTTP 410", gone=True)),
        (500, Answer("HTTP 500")),
    ],
)
async def test_message_is_taken_where_the_answer_says_so(status: int, answer: Answer) -> None:
    with answering(Bid(status)) as port:
        assert await sent(f"http://127.0.0.1:{port}/") == answer


async def test_redirect_is_not_followed() -> None:
    elsewhere = Bid()

    with answering(elsewhere) as other:
        bid = Bid(307, {"Location": f"http://127.0.0.1:{other}/"})
        with answering(bid) as port:
            answer = await sent(f"http://127.0.0.1:{port}/")

    assert answer == Answer("HTTP 307")
    assert (len(bid.asked), elsewhere.asked) == (1, [])


async def test_retry_after_is_heard() -> None:
    with answering(Bid(503, {"Retry-After": "120"})) as port:
        answer = await sent(f"http://127.0.0.1:{port}/")

    assert answer == Answer("HTTP 503", retry_after_s=120)


def test_retry_after_is_read_as_seconds_or_a_date() -> None:
    now = datetime(2026, 6, 1, 12, tzinfo=UTC)
    later = format_datetime(now + timedelta(seconds=90), usegmt=True)

    told = [read_retry_after(text, now) for text in ("7", later, "soon", "-1", "", None)]

    assert told == [7, 90, None, None, None, None]
    assert read_retry_after(format_datetime(now - timedelta(days=1), usegmt=True), now) == 0


async def test_large_answer_is_read_no_further_than_needed() -> None:
    bid = Bid(200, body=b"x" * 50_000_000)

    with answering(bid) as port:
        answer = await sent(f"http://127.0.0.1:{port}/", times=2, timeout_s=10)

    assert answer == Answer()
    assert len(bid.asked) == 2


@pytest.mark.parametrize("drips", [False, True], ids=["silent", "drip by drip"])
async def test_slow_answer_ends_with_the_time_of_a_try(drips: bool) -> None:
    async def serve(__: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n" if drips else b"")
        for _ in range(40):
            await asyncio.sleep(0.1)
            writer.write(b"x" if drips else b"")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, asyncio.timeout(2):
        answer = await sent(f"http://127.0.0.1:{port}/", timeout_s=0.4)

    assert answer == Answer("no answer in time")


async def test_nobody_there_is_a_failure_and_no_error() -> None:
    with answering(Bid()) as port:
        pass

    assert await sent(f"http://127.0.0.1:{port}/") == Answer("ConnectError: no answer")


@pytest.mark.parametrize(
    "url",
    [
        "https://localhost/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://2130706433/",
        "https://0x7f.1/",
        "http://127.0.0.1/",
        "https://169.254.169.254/",
        "https://10.0.0.1@127.0.0.1/",
    ],
)
async def test_private_address_is_not_connected_to(url: str) -> None:
    assert await sent(url, allow_private=False) == REFUSED


async def test_name_of_which_one_address_is_private_is_not_connected_to() -> None:
    find = always("8.8.8.8", "10.0.0.1")

    assert await sent("https://hooks.example/", allow_private=False, find=find) == REFUSED


async def test_name_that_becomes_private_after_the_check_is_connected_to_as_it_was_checked() -> (
    None
):
    asked: list[str] = []

    async def rebinding(host: str, _: int) -> Sequence[str]:
        """First an address that may be sent to, then one that may not."""
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["169.254.169.254"]

    bid = Bid()
    with answering(bid) as port:
        async with WebhookSender(allow_private=True, timeout_s=2, find=rebinding) as sender:
            url = f"http://hooks.example:{port}/"
            first = await sender.send(url, "msg_1", BODY, [mint_secret()])
            second = await sender.send(url, "msg_2", BODY, [mint_secret()])

    assert (first, second) == (Answer(), REFUSED)
    assert asked == ["hooks.example", "hooks.example"]
    assert [headers["host"] for _, headers, _ in bid.asked] == [f"hooks.example:{port}"]


async def test_second_address_is_tried_where_the_first_does_not_answer() -> None:
    bid = Bid()

    with answering(bid) as port:
        answer = await sent(f"http://hooks.example:{port}/", find=always("127.0.0.99", "127.0.0.1"))

    assert (answer, len(bid.asked)) == (Answer(), 1)


async def test_proxy_of_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    proxy, bid = Bid(), Bid()

    with answering(proxy) as at, answering(bid) as port:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{at}")
        answer = await sent(f"http://127.0.0.1:{port}/")

    assert (answer, proxy.asked) == (Answer(), [])


async def test_certificate_must_be_for_the_name_though_an_address_is_connected_to(
    tmp_path: Path,
) -> None:
    own, trusted = certified("hooks.example", tmp_path)
    bid = Bid()

    with answering(bid, tls=own) as port:
        right = await sent(f"https://hooks.example:{port}/", tls=trusted, find=always("127.0.0.1"))
        wrong = await sent(f"https://other.example:{port}/", tls=trusted, find=always("127.0.0.1"))
        by_address = await sent(f"https://127.0.0.1:{port}/", tls=trusted)
        untrusted = await sent(f"https://hooks.example:{port}/", find=always("127.0.0.1"))

    assert right == Answer()
    assert wrong == by_address == untrusted == Answer("ConnectError: no answer")
    assert [headers["host"] for _, headers, _ in bid.asked] == [f"hooks.example:{port}"]


def test_sealed_secret_opens_under_the_same_secret_alone() -> None:
    secret = mint_secret()

    sealed = SecretBox(b"one secret of the service").seal(secret)

    assert secret not in sealed
    assert SecretBox(b"one secret of the service").open(sealed) == secret
    with pytest.raises(InvalidInput, match="sealed under another RINGFENCE_IDENTIFIER_SECRET"):
        SecretBox(b"another secret of it").open(sealed)

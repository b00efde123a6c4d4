import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import orjson
import pytest

from ringfence.cli.receiver import Receiver, receiving
from ringfence.domain.webhooks import Message
from ringfence.errors import InvalidInput
from ringfence.store.graph import Graph
from ringfence.usecases.webhook_sender import signed_headers
from tests.cli.conftest import Ask
from tests.domain.test_webhooks import MESSAGE
from tests.receiver import write_actions

Make = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
def make(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Add an endpoint on this machine that is told of all actions; a message is tried once."""
    monkeypatch.setenv("RINGFENCE_API_KEY", "a-key-of-the-tests-0123456789")
    monkeypatch.setenv("RINGFENCE_WEBHOOK_ALLOW_PRIVATE", "true")
    monkeypatch.setenv("RINGFENCE_WEBHOOK_TRIES", "1")

    async def made(url: str) -> dict[str, Any]:
        result = await ask("webhooks", "add", url, "--after", "0", "--json")
        assert result.exit_code == 0, result.output
        told: dict[str, Any] = orjson.loads(result.stdout)
        return told

    return made


async def listed(ask: Ask) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = orjson.loads((await ask("webhooks", "list", "--json")).stdout)
    return told


@pytest.mark.usefixtures("graph")
async def test_secret_is_shown_once_and_is_in_no_list(ask: Ask, make: Make) -> None:
    one = await make("http://127.0.0.1:9/hook")

    rotated = orjson.loads((await ask("webhooks", "rotate", one["id"], "--json")).stdout)

    as_json, table = await ask("webhooks", "list", "--json"), await ask("webhooks", "list")
    audit = await ask("audit", "list", "--json")
    (told,) = orjson.loads(as_json.stdout)
    assert (told["id"], told["url"], told["state"]) == (one["id"], one["url"], "working")
    assert one["secret"].startswith("whsec_")
    assert rotated["secret"] != one["secret"]
    for answer in (as_json, table, audit):
        assert one["id"] in answer.stdout
        assert "whsec_" not in answer.output
        assert one["secret"][6:] not in answer.output
        assert "secrets" not in answer.output


async def test_actions_are_delivered_and_dead_letters_replayed(
    ask: Ask, make: Make, graph: Graph
) -> None:
    await write_actions(graph, ["bad", "good"])
    receiver = Receiver([], fail_for=["bad"])
    with receiving(receiver) as url:
        endpoint = await make(url)
        receiver.secrets.append(endpoint["secret"])

        delivered = await ask("webhooks", "deliver", "--once")
        dead = orjson.loads((await ask("webhooks", "dead", endpoint["id"], "--json")).stdout)
        failed = await ask("webhooks", "replay", endpoint["id"])
        receiver.fail_for.clear()
        replayed = await ask("webhooks", "replay", endpoint["id"])

    assert delivered.exit_code == 0, delivered.output
    assert [(one["account_id"], one["failure"]) for one in dead] == [
        ("bad", "HTTP 500"),
        ("good", "HTTP 500"),
    ]
    assert failed.exit_code == 3
    assert "2 dead letters are left: HTTP 500." in failed.stderr
    assert (replayed.exit_code, replayed.stdout) == (0, "All dead letters are delivered.\n")
    assert sorted(receiver.got.done) == ["bad", "good"]


async def test_endpoint_is_enabled_and_removed(ask: Ask, make: Make, graph: Graph) -> None:
    endpoint = await make("http://127.0.0.1:9/")
    await graph.run_schema("MATCH (e:WebhookEndpoint) SET e.disabled_because = 'gone'")

    before = await listed(ask)
    enabled = await ask("webhooks", "enable", endpoint["id"])
    removed = await ask("webhooks", "remove", endpoint["id"])

    assert [one["state"] for one in before] == ["disabled"]
    assert (enabled.exit_code, removed.exit_code) == (0, 0)
    assert await listed(ask) == []


@pytest.mark.usefixtures("graph")
async def test_private_address_is_refused_unless_it_is_allowed(
    ask: Ask, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RINGFENCE_WEBHOOK_ALLOW_PRIVATE", "false")

    for url in ("http://127.0.0.1:9/", "https://127.0.0.1:9/", "https://localhost/"):
        result = await ask("webhooks", "add", url)
        assert isinstance(result.exception, InvalidInput)

    assert await listed(ask) == []


async def test_receiver_verifies_and_prints_what_it_got() -> None:
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 - of the specification
    command = [sys.executable, "-m", "ringfence", "webhooks", "receive", "--port", "0"]
    environment = {**os.environ, "COLUMNS": "200", "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(  # noqa: ASYNC220 - ended below
        [*command, "--secret", secret],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    ) as child:
        assert child.stderr
        url = (await asyncio.to_thread(child.stderr.readline)).split()[3]
        statuses = [posted(url, MESSAGE, secret), posted(url, MESSAGE, "whsec_b3RoZXI=")]
        child.send_signal(signal.SIGTERM)
        printed, _ = await asyncio.to_thread(child.communicate, timeout=10)

    assert statuses == [204, 401]
    assert printed.splitlines() == [
        f"{MESSAGE.id}: 1 new",
        "        7 apply  acct_1 suspended",
    ]


def posted(url: str, message: Message, secret: str) -> int:
    headers = signed_headers(message.id, message.body, [secret], datetime.now(UTC))
    return httpx.post(url, content=message.body, headers=headers).status_code

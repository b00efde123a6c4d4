"""Actions delivered from a real graph to a real receiver that fails on purpose."""

import asyncio
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest

from ringfence.cli.receiver import Received, Receiver, receiving
from ringfence.domain.takedowns import ActionKind
from ringfence.domain.webhooks import AskedEndpoint, WebhookEndpoint
from ringfence.errors import Conflict, InvalidInput, NotFound
from ringfence.store.audit_log import page_entries
from ringfence.store.graph import Graph
from ringfence.store.webhook_messages import settle_delivered, take_message
from ringfence.store.webhooks import find_endpoints, page_dead
from ringfence.usecases.deliver_actions import GONE, SEALED, Deliverer
from ringfence.usecases.webhook_secrets import SecretBox
from ringfence.usecases.webhooks import (
    add_endpoint,
    end_endpoint,
    known_endpoint,
    replay_dead,
    resume_endpoint,
    rotate_secret,
)
from tests.conftest import Neo4jServer, connect
from tests.receiver import QUICK, SECRET, Bid, added, answering, write_actions

ROOT = Path(__file__).parents[2]
ACCOUNTS = [f"acct_{n:03}" for n in range(500)]
ROUNDS = (ActionKind.APPLY, ActionKind.REVERT, ActionKind.APPLY, ActionKind.REVERT)
PATIENT = replace(QUICK, tries=1_000)
HASTY = replace(QUICK, tries=2)


async def write_rounds(graph: Graph) -> None:
    for kind in ROUNDS:
        await write_actions(graph, ACCOUNTS, kind=kind)


async def state(graph: Graph, endpoint: WebhookEndpoint) -> tuple[int, int, int]:
    """Cursor, waiting and dead of an endpoint as it is now."""
    now = await known_endpoint(graph, endpoint.id)
    return now.cursor, now.waiting, now.dead


def has_got(receiver: Receiver, messages: int) -> bool:
    return len(receiver.got.message_ids) >= messages


def expect_each_once_in_order(got: Received) -> None:
    assert sorted(got.done) == ACCOUNTS
    assert {tuple(one["kind"] for one in done) for done in got.done.values()} == {ROUNDS}
    assert sorted(one["seq"] for done in got.done.values() for one in done) == [*range(1, 2_001)]
    assert all(a["seq"] < b["seq"] for done in got.done.values() for a, b in pairwise(done))
    assert (got.stale, got.forged) == (0, 0)


async def until(true: Callable[[], object], within_s: float = 20.0) -> None:
    """Return once it is true."""
    async with asyncio.timeout(within_s):
        while not true():  # noqa: ASYNC110 - what is waited for happens in other threads
            await asyncio.sleep(0.01)


async def tried(graph: Graph, endpoint: WebhookEndpoint, *, times: int) -> WebhookEndpoint:
    """The endpoint, once its message has failed so often."""
    async with asyncio.timeout(20):
        while True:
            now = await known_endpoint(graph, endpoint.id)
            if now.tries >= times:
                return now
            await asyncio.sleep(0.02)


async def test_receiver_that_fails_three_calls_in_ten_gets_each_action_once_in_effect(
    graph: Graph,
) -> None:
    await write_rounds(graph)
    receiver = Receiver([], fail_share=0.3, late_s=0.8, seed=5)

    with receiving(receiver) as url:
        endpoint, secret = await added(graph, url, batch=20)
        receiver.secrets.append(secret)
        await Deliverer(graph, PATIENT).drain()

    got = receiver.got
    expect_each_once_in_order(got)
    assert len(got.faults) == 5
    assert got.repeated > 0
    assert len(got.message_ids) == 100 + sum(got.faults.values())
    assert len(set(got.message_ids)) == 100
    assert await state(graph, endpoint) == (2_000, 0, 0)


async def test_two_deliverers_send_no_message_twice(
    graph: Graph, neo4j_server: Neo4jServer
) -> None:
    await write_rounds(graph)
    receiver = Receiver([])

    async with connect(neo4j_server) as other:
        with receiving(receiver) as url:
            endpoint, secret = await added(graph, url, batch=20)
            receiver.secrets.append(secret)
            await asyncio.gather(
                Deliverer(graph, PATIENT).drain(), Deliverer(other, PATIENT).drain()
            )

    expect_each_once_in_order(receiver.got)
    assert set(Counter(receiver.got.message_ids).values()) == {1}
    assert await state(graph, endpoint) == (2_000, 0, 0)


async def test_deliverer_that_was_killed_is_taken_over_from(
    graph: Graph, neo4j_server: Neo4jServer
) -> None:
    await write_rounds(graph)
    receiver = Receiver([], fail_share=0.1, late_s=0.8, seed=2)
    address = (neo4j_server.uri, neo4j_server.user, neo4j_server.password)
    command = (sys.executable, "-m", "tests.usecases.deliver_until_killed", *address)

    with receiving(receiver) as url:
        endpoint, secret = await added(graph, url, batch=5)
        receiver.secrets.append(secret)
        for killed_after in (40, 120, 200):
            child = await asyncio.create_subprocess_exec(*command, cwd=ROOT)
            await until(partial(has_got, receiver, killed_after))
            child.kill()
            await child.wait()
        assert 0 < (await known_endpoint(graph, endpoint.id)).cursor < 2_000
        await Deliverer(graph, PATIENT).drain()

    expect_each_once_in_order(receiver.got)
    assert len(set(receiver.got.message_ids)) == 400
    assert await state(graph, endpoint) == (2_000, 0, 0)


async def test_message_of_a_deliverer_that_died_is_sent_as_it_was_though_more_has_come(
    graph: Graph,
) -> None:
    await write_actions(graph, ["a", "b"])
    endpoint, _ = await added(graph, "http://127.0.0.1:9/")
    first = await take_message(graph, endpoint.id, "one", lease_s=0.05)
    await write_actions(graph, ["c"])
    await asyncio.sleep(0.1)

    again = await take_message(graph, endpoint.id, "two", lease_s=30)

    assert first is not None
    assert again is not None
    assert (again.id, again.body) == (first.id, first.body)
    assert not await settle_delivered(graph, first, "one")
    assert await settle_delivered(graph, again, "two")
    assert not await settle_delivered(graph, again, "two")
    following = await take_message(graph, endpoint.id, "two", lease_s=30)
    assert following is not None
    assert [one.account_id for one in following.actions] == ["c"]


async def test_endpoint_is_not_served_by_another_before_the_lease_ends(graph: Graph) -> None:
    await write_actions(graph, ["a"])
    endpoint, _ = await added(graph, "http://127.0.0.1:9/")

    assert await take_message(graph, endpoint.id, "one", lease_s=30) is not None
    assert await take_message(graph, endpoint.id, "two", lease_s=30) is None
    assert await take_message(graph, endpoint.id, "one", lease_s=30) is not None


async def test_actions_that_cannot_be_delivered_are_dead_letters_and_others_go_on(
    graph: Graph,
) -> None:
    await write_actions(graph, ["bad", "good"])
    await write_actions(graph, ["bad", "other"], kind=ActionKind.REVERT)
    receiver = Receiver([], fail_for=["bad"])

    with receiving(receiver) as url:
        endpoint, secret = await added(graph, url, batch=1)
        receiver.secrets.append(secret)
        await Deliverer(graph, HASTY).drain()

    assert sorted(receiver.got.done) == ["good", "other"]
    assert await state(graph, endpoint) == (4, 0, 2)
    letters = await page_dead(graph, endpoint.id, after=0, limit=10)
    assert [(one.action_seq, one.account_id, one.because, one.failure) for one in letters] == [
        (1, "bad", "failed", "HTTP 500"),
        (3, "bad", "behind", "an earlier action on the account was not delivered"),
    ]
    assert len(set(receiver.got.message_ids)) == 3


async def test_dead_letters_are_replayed_in_order_before_what_comes_next(graph: Graph) -> None:
    await write_actions(graph, ["bad", "good"])
    await write_actions(graph, ["bad"], kind=ActionKind.REVERT)
    receiver = Receiver([], fail_for=["bad"])
    with receiving(receiver) as url:
        endpoint, secret = await added(graph, url, batch=1)
        receiver.secrets.append(secret)
        await Deliverer(graph, HASTY).drain()
        await write_actions(graph, ["bad", "good"])
        receiver.fail_for.clear()

        told = await replay_dead(graph, endpoint.id, by="ana")
        await Deliverer(graph, HASTY).drain()

    assert (told.replaying, told.dead) == (True, 2)
    assert [one["seq"] for one in receiver.got.done["bad"]] == [1, 3, 4]
    assert [one["seq"] for one in receiver.got.done["good"]] == [2, 5]
    assert receiver.got.stale == 0
    assert await state(graph, endpoint) == (5, 0, 0)
    assert not (await known_endpoint(graph, endpoint.id)).replaying
    with pytest.raises(Conflict, match="no dead letters"):
        await replay_dead(graph, endpoint.id, by="ana")


async def test_replay_that_fails_leaves_the_dead_letters_and_lets_others_go_on(
    graph: Graph,
) -> None:
    await write_actions(graph, ["bad", "good"])
    receiver = Receiver([], fail_for=["bad"])
    with receiving(receiver) as url:
        endpoint, secret = await added(graph, url, batch=1)
        receiver.secrets.append(secret)
        await Deliverer(graph, HASTY).drain()
        await write_actions(graph, ["bad", "good"], kind=ActionKind.REVERT)

        await replay_dead(graph, endpoint.id, by="ana")
        await Deliverer(graph, HASTY).drain()

    assert [one["seq"] for one in receiver.got.done["good"]] == [2, 4]
    assert await state(graph, endpoint) == (4, 0, 2)
    assert not (await known_endpoint(graph, endpoint.id)).replaying


async def test_both_secrets_sign_while_one_takes_the_place_of_the_other(graph: Graph) -> None:
    bid = Bid()
    with answering(bid) as port:
        endpoint, old = await added(graph, f"http://127.0.0.1:{port}/")
        box, now = SecretBox(SECRET), datetime.now(UTC)
        for overlap in (timedelta(hours=1), timedelta(hours=1), timedelta()):
            _, new = await rotate_secret(
                graph, box, endpoint.id, now=now, by="ana", overlap=overlap
            )
            await write_actions(graph, ["a"])
            await Deliverer(graph, QUICK).drain()

    signatures = [headers["webhook-signature"].split() for _, headers, _ in bid.asked]
    assert list(map(len, signatures)) == [2, 2, 1]
    assert new != old
    assert len((await known_endpoint(graph, endpoint.id)).secrets) == 2


async def test_receiver_with_either_secret_verifies_while_one_replaces_the_other(
    graph: Graph,
) -> None:
    await write_actions(graph, ["a"])
    holds_old, holds_new = Receiver([]), Receiver([])
    with receiving(holds_old) as one, receiving(holds_new) as two:
        for receiver, url in ((holds_old, one), (holds_new, two)):
            endpoint, old = await added(graph, url)
            _, new = await rotate_secret(
                graph, SecretBox(SECRET), endpoint.id, now=datetime.now(UTC), by="ana"
            )
            receiver.secrets.append(old if receiver is holds_old else new)
        await Deliverer(graph, QUICK).drain()

    assert sorted(holds_old.got.done) == sorted(holds_new.got.done) == ["a"]
    assert holds_old.got.forged == holds_new.got.forged == 0


async def test_receiver_that_is_gone_is_sent_nothing_until_somebody_enables_it(
    graph: Graph,
) -> None:
    await write_actions(graph, ["a"])
    bid = Bid(410)
    with answering(bid) as port:
        endpoint, _ = await added(graph, f"http://127.0.0.1:{port}/")
        await Deliverer(graph, QUICK).drain()
        disabled = await known_endpoint(graph, endpoint.id)
        await write_actions(graph, ["b"])
        await Deliverer(graph, QUICK).drain()
        asked_while_disabled = len(bid.asked)
        bid.status = 204

        with pytest.raises(Conflict, match="is disabled"):
            await replay_dead(graph, endpoint.id, by="ana")
        await resume_endpoint(graph, endpoint.id, by="ana")
        await Deliverer(graph, QUICK).drain()

    assert (disabled.disabled_because, asked_while_disabled) == (GONE, 1)
    assert [headers["webhook-id"] for _, headers, _ in bid.asked[:2]] == [
        bid.asked[0][1]["webhook-id"]
    ] * 2
    assert await state(graph, endpoint) == (2, 0, 0)
    with pytest.raises(Conflict, match="not disabled"):
        await resume_endpoint(graph, endpoint.id, by="ana")


async def test_endpoint_whose_secret_cannot_be_opened_waits_for_a_new_one(graph: Graph) -> None:
    await write_actions(graph, ["a"])
    receiver = Receiver([])
    changed = replace(QUICK, secret=b"another secret of the service")
    with receiving(receiver) as url:
        endpoint, _ = await added(graph, url)
        await Deliverer(graph, changed).drain()
        disabled = await known_endpoint(graph, endpoint.id)

        _, new = await rotate_secret(
            graph,
            SecretBox(changed.secret),
            endpoint.id,
            now=datetime.now(UTC),
            by="ana",
            overlap=timedelta(),
        )
        receiver.secrets.append(new)
        await resume_endpoint(graph, endpoint.id, by="ana")
        await Deliverer(graph, changed).drain()

    assert disabled.disabled_because == SEALED
    assert sorted(receiver.got.done) == ["a"]


async def test_failing_endpoint_holds_up_no_other(graph: Graph) -> None:
    await write_actions(graph, ["a"])
    receiver = Receiver([])
    with receiving(receiver) as url:
        stuck, _ = await added(graph, "http://127.0.0.1:9/")
        _, secret = await added(graph, url)
        receiver.secrets.append(secret)
        async with Deliverer(graph, PATIENT).running():
            await until(lambda: receiver.got.done)
            failing = await tried(graph, stuck, times=3)

    assert failing.waiting == 1
    assert failing.last_failure == "ConnectError: no answer"


async def test_new_action_is_told_within_a_second(graph: Graph) -> None:
    receiver = Receiver([])
    default = replace(PATIENT, poll_s=0.5)
    with receiving(receiver) as url:
        _, secret = await added(graph, url)
        receiver.secrets.append(secret)
        async with Deliverer(graph, default).running():
            await asyncio.sleep(0.2)
            await write_actions(graph, ["a"])
            await until(lambda: receiver.got.done, within_s=1.0)


async def test_deliverer_outlives_a_neo4j_that_is_away() -> None:
    async with (
        Graph.connect("bolt://127.0.0.1:9", "neo4j", "x", retry_time_s=0.01) as away,
        Deliverer(away, QUICK).running(),
    ):
        await asyncio.sleep(0.3)


async def test_deliverer_that_leaves_gives_its_leases_back(graph: Graph) -> None:
    await write_actions(graph, ["a"])
    receiver = Receiver([])
    with receiving(receiver) as url:
        endpoint, secret = await added(graph, url)
        receiver.secrets.append(secret)
        await Deliverer(graph, replace(QUICK, lease_s=600)).drain()
    await write_actions(graph, ["b"])

    assert await take_message(graph, endpoint.id, "another", lease_s=5) is not None


async def test_new_endpoint_is_told_what_comes_after_it(graph: Graph) -> None:
    await write_actions(graph, ["a", "b"])

    endpoint, _ = await added(graph, "http://127.0.0.1:9/", after=None)

    assert await state(graph, endpoint) == (2, 0, 0)


async def test_actions_that_are_kept_no_more_are_passed_over(graph: Graph) -> None:
    await write_actions(graph, ["a", "b", "c"])
    receiver = Receiver([])
    with receiving(receiver) as url:
        endpoint, secret = await added(graph, url, batch=1)
        receiver.secrets.append(secret)
        await graph.run_schema("MATCH (a:Action) WHERE a.seq <> 2 DELETE a")
        await Deliverer(graph, QUICK).drain()

    assert sorted(receiver.got.done) == ["b"]
    assert await state(graph, endpoint) == (3, 0, 0)


async def test_removed_endpoint_leaves_nothing_behind(graph: Graph) -> None:
    await write_actions(graph, ["a"])
    endpoint, _ = await added(graph, "http://127.0.0.1:9/")
    await Deliverer(graph, HASTY).drain()
    assert await state(graph, endpoint) == (1, 0, 1)

    await end_endpoint(graph, endpoint.id, by="ana")

    assert await page_dead(graph, endpoint.id, after=0, limit=5) == []
    with pytest.raises(NotFound):
        await end_endpoint(graph, endpoint.id, by="ana")


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1/", "http://127.0.0.1/", "https://nowhere.invalid/"]
)
async def test_endpoint_that_may_not_be_sent_to_is_not_kept(graph: Graph, url: str) -> None:
    with pytest.raises(InvalidInput):
        await add_endpoint(
            graph, SecretBox(SECRET), AskedEndpoint(url), now=datetime.now(UTC), by="ana"
        )

    assert await find_endpoints(graph) == []


async def test_each_act_is_recorded_and_no_secret_stands_anywhere(
    graph: Graph, capsys: pytest.CaptureFixture[str]
) -> None:
    await write_actions(graph, ["a"])
    endpoint, secret = await added(graph, "http://127.0.0.1:9/path?token=hidden")
    _, new = await rotate_secret(
        graph, SecretBox(SECRET), endpoint.id, now=datetime.now(UTC), by="ana"
    )
    await Deliverer(graph, HASTY).drain()
    await replay_dead(graph, endpoint.id, by="ana")
    await end_endpoint(graph, endpoint.id, by="ana")

    entries = await page_entries(graph, after=0, limit=100)
    assert [entry.action for entry in entries] == [
        "webhook_added",
        "webhook_rotated",
        "webhook_replayed",
        "webhook_removed",
    ]
    told = repr(entries) + repr(replace(endpoint, url="")) + "".join(capsys.readouterr())
    assert not [one for one in (secret, new, "hidden") if one in told]

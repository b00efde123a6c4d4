"""Erasure: what shows the person goes, all else stays, and a crash leaves the rest to be done."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from neo4j import GraphDatabase
from ringfence.domain.audit import AuditAction
from ringfence.domain.erasure import ErasureOutcome, ErasureReceipt, account_hash
from ringfence.domain.events import InstrumentData
from ringfence.domain.identifiers import IdentifierKey
from ringfence.domain.legal_holds import HoldSubject
from ringfence.domain.policy_lists import ListEntry, ListName
from ringfence.domain.screening_log import LoggedScreening, Outcome
from ringfence.domain.verdicts import VerdictKind
from ringfence.errors import Conflict, NotFound
from ringfence.store import erasure_batches
from ringfence.store.graph import Graph
from ringfence.store.loading import save_events
from ringfence.store.outbox import page_told
from ringfence.store.remembered import load_remembered
from ringfence.store.screenings import save_outcome, save_screenings
from ringfence.usecases import erase_account as usecase
from ringfence.usecases.audit import AuditVerdict, read_log, verify
from ringfence.usecases.erase_account import erase_account, erase_accounts, show_receipt
from ringfence.usecases.investigations import InvestigationDraft, keep_investigation
from ringfence.usecases.judge_ring import judge_ring
from ringfence.usecases.legal_holds import lift_hold, place_hold
from ringfence.usecases.policy_lists import add_list_entry
from ringfence.usecases.remember_ring import remember_ring
from ringfence.usecases.ring_desk import add_note
from tests.api.small_graph import Writer
from tests.conftest import Neo4jServer, clear
from tests.detection.drawing import Drawing
from tests.store.drawn_screenings import screening
from tests.store.event_lists import event_lists
from tests.store.ring_dump import query
from tests.store.test_loading import exported
from tests.store.whole_graph import counted, found_in

SECRET: Final = b"a secret of the tests"
WHO: Final = "operator:tess"
WHY: Final = "asked for on 3 May"
ACCOUNT: Final = "acct_maria"
OWN: Final = ("dev_maria", "card_9f8e7d", "203.0.113.91", "+33 6 12 34 56 78", "2001:db8:7::9")
EMAIL: Final = "Maria.Lang@mailhub.example"
GLOBAL_ID: Final = "QWNjb3VudDphY2N0X21hcmlh"
PERSON: Final = (ACCOUNT, GLOBAL_ID, *OWN, EMAIL, EMAIL.lower(), "2001:db8:7::/64")
few = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture
async def writer(graph: Graph, neo4j_server: Neo4jServer) -> AsyncIterator[Writer]:
    auth = (neo4j_server.user, neo4j_server.password)
    with GraphDatabase.driver(neo4j_server.uri, auth=auth) as driver:
        writer = Writer(driver)
        await draw(graph, writer)
        yield writer


async def draw(graph: Graph, writer: Writer) -> None:
    """A ring of three; all that can name Maria, one of them, does so."""
    world = Drawing()
    device, card, address, phone, home = OWN
    world.sign_up(ACCOUNT, device=device, ip=address, email=EMAIL, also=[("phone", phone)])
    world.sign_in(ACCOUNT, day=1, device="dev_all", ip=home)
    world.attach(ACCOUNT, card)
    world.attach("acct_2", "card_all")
    world.attach(ACCOUNT, "card_all", day=1)
    world.charge(ACCOUNT, card, [1, 2])
    world.use(ACCOUNT, 50, day=2)
    for other in ("acct_2", "acct_3"):
        world.sign_up(other, device="dev_all", email=f"{other}@mailhub.example", day=3)
        world.use(other, 7, day=4)
    await save_events(graph, world.events)
    draw_ring(writer)
    await write_by_people(graph)
    await save_screenings(
        graph,
        [
            LoggedScreening(screening("s_1", account_id=ACCOUNT, attempt_id="try_1"), None),
            LoggedScreening(screening("s_2", attempt_id="try_1"), None),
            LoggedScreening(screening("s_3", attempt_id=ACCOUNT), None),
            LoggedScreening(screening("s_4", account_id="acct_2", attempt_id="try_4"), None),
        ],
    )
    await save_outcome(graph, "s_4", Outcome.FRAUD, by="ana", note=f"same hand as {ACCOUNT}")
    draw_nameless_attempts(writer)
    writer.run(
        "MATCH (i:Investigation), (v:Verdict), "
        "(e:PolicyListEntry {kind: 'device', value: 'dev_all'}) "
        "SET v.reason = $card + ' is stolen', e.reason = 'seen with ' + $id, "
        "i.name = 'around ' + $id",
        card=OWN[1],
        id=ACCOUNT,
    )
    await remember_ring(graph, "ring_a", secret=SECRET, at=datetime.now(UTC))


def draw_ring(writer: Writer) -> None:
    writer.ring("ring_a", size=3, core_size=3, requests=64)
    writer.members("ring_a", (ACCOUNT, "core", 3.0), ("acct_2", "core", 2.0), ("acct_3", "core", 2))
    piece = {"members": 2, "accounts": 2, "hub": "suspect", "weight": 3.0}
    writer.evidence(
        "ring_a",
        piece | {"kind": "device", "value": OWN[0]},
        piece | {"kind": "email", "value": EMAIL.lower()},
        piece | {"kind": "ip", "value": "2001:db8:7::/64"},
        piece | {"kind": "device", "value": "dev_all"},
    )
    writer.ring("ring_old", state="closed", size=2)
    writer.run(
        "MATCH (a:Account {id: $id}), (r:Ring {id: 'ring_a'}), (old:Ring {id: 'ring_old'}) "
        "CREATE (a)-[:WAS_MEMBER_OF {ring_id: 'ring_old', account_id: a.id, role: 'core', "
        "because_kinds: ['device'], because_values: [$device]}]->(old) "
        "CREATE (planned:Takedown {id: 'td_1', ring_id: 'ring_a', state: 'planned', plan: $plan, "
        "reason: 'act on ' + a.id, blast_radius: $blast, size: 3})-[:OF]->(r) "
        "CREATE (done:Takedown {id: 'td_2', ring_id: 'ring_a', state: 'done', size: 3})-[:OF]->(r) "
        "CREATE (done)-[:TARGETS {takedown_id: 'td_2', account_id: a.id, sole_kind: 'device', "
        "sole_value: $device, state: 'acted'}]->(a) "
        "CREATE (a)-[:LODGED]->(appeal:Appeal {id: 'appeal_1', account_id: a.id, state: 'open', "
        "statement: 'I am ' + a.email}) CREATE (appeal)-[:AGAINST]->(done) "
        "CREATE (:Action {seq: 1, id: 'td_2.1', account_id: a.id, ring_id: 'ring_a'}) "
        "CREATE (:Action {seq: 2, id: 'td_2.2', account_id: 'acct_2', ring_id: 'ring_a'}) "
        "CREATE (:DeadLetter {endpoint_id: 'e', action_seq: 1, account_id: a.id}) "
        "CREATE (:Discount {kind: 'device', value: $device, overturned: 1}) "
        "CREATE (:Discount {kind: 'device', value: 'dev_all', overturned: 1})",
        id=ACCOUNT,
        device=OWN[0],
        plan=f'{{"targets": ["{ACCOUNT}"]}}'.encode(),
        blast=f'{{"protected": ["{ACCOUNT}", "acct_2"], "acted": 3}}',
    )


async def write_by_people(graph: Graph) -> None:
    await add_note(graph, "ring_a", text=f"{ACCOUNT} ({EMAIL}) called, as acct_mari did", by="ana")
    draft = InvestigationDraft(
        "around her", "{ account(id: $id) { id } }", f'{{"id": "{GLOBAL_ID}", "n": 1}}'
    )
    await keep_investigation(graph, draft, by="ana")
    await judge_ring(graph, "ring_a", VerdictKind.CONFIRMED, by="ana", reason="sure")
    for list_name, kind, value in (
        (ListName.BLOCK, "email", EMAIL),
        (ListName.ALLOW, "device", OWN[0]),
        (ListName.BLOCK, "device", "dev_all"),
    ):
        entry = ListEntry(
            list_name,
            IdentifierKey(kind, value.lower()),
            reason="seen with them",
            owner="ana",
            ends=datetime.now(UTC).date() + timedelta(days=1),
        )
        await add_list_entry(graph, entry, by="ana")


def draw_nameless_attempts(writer: Writer) -> None:
    """Attempts before there was an account: by her mailbox, by her device, and by another one."""
    for number, told in enumerate(
        (
            '{"attempt": {"email": "marialang@x.example", "keys": [["device", "dev_maria"]]}}',
            '{"attempt": {"email": "maria.lang+2@mailhub.example", "keys": []}}',
            '{"attempt": {"email": "else@mailhub.example", "keys": [["device", "dev_all"]]}}',
        )
    ):
        writer.run(
            "CREATE (:Screening {id: $id, attempt_id: $id, told: $told, at: datetime()})",
            id=f"nameless_{number}",
            told=told,
        )


async def erase(graph: Graph, account_id: str = ACCOUNT) -> ErasureReceipt:
    return await erase_account(graph, account_id, secret=SECRET, by=WHO, reason=WHY)


async def entries(graph: Graph, action: AuditAction) -> list[Any]:
    return [one async for one in read_log(graph) if one.action == action]


async def test_nothing_in_the_graph_shows_the_person(
    graph: Graph, writer: Writer, neo4j_server: Neo4jServer
) -> None:
    assert writer
    assert len(await found_in(neo4j_server, ACCOUNT)) > 10

    await erase(graph)

    assert await found_in(neo4j_server, *PERSON) == []


@pytest.mark.usefixtures("writer")
async def test_what_others_have_stays(graph: Graph, neo4j_server: Neo4jServer) -> None:
    before = await counted(neo4j_server)

    await erase(graph)

    after = await counted(neo4j_server)
    changed = {
        name: after.get(name, 0) - before.get(name, 0)
        for name in {*before, *after}
        if after.get(name, 0) != before.get(name, 0)
    }
    assert changed == {
        "Account": -1,
        "Device": -1,
        "PaymentInstrument": -1,
        "IpAddress": -2,
        "Identifier": -1,
        "USED_DEVICE": -2,
        "PAID_WITH": -2,
        "SEEN_AT": -2,
        "USES_IDENTIFIER": -1,
        "MEMBER_OF": -1,
        "WAS_MEMBER_OF": -1,
        "TARGETS": -1,
        "Evidence": -3,
        "HAS_EVIDENCE": -3,
        "Screening": -5,
        "Appeal": -1,
        "LODGED": -1,
        "AGAINST": -1,
        "Action": -1,
        "DeadLetter": -1,
        "Discount": -1,
        "PolicyListEntry": -2,
        "Erased": 1,
        "ErasureReceipt": 1,
        "AuditEntry": 2,
        "OutboxEntry": 3,
    }
    (ring,) = await query(neo4j_server, "MATCH (r:Ring {id: 'ring_a'}) RETURN properties(r) AS r")
    assert (ring["r"]["size"], ring["r"]["requests"], ring["r"]["state"]) == (3, 64, "confirmed")


@pytest.mark.usefixtures("writer")
async def test_texts_say_what_they_said_but_for_the_person(
    graph: Graph, neo4j_server: Neo4jServer
) -> None:
    await erase(graph)

    (told,) = await query(
        neo4j_server,
        "MATCH (n:Note), (i:Investigation), (t:Takedown {id: 'td_1'}), (v:Verdict), "
        "(s:Screening {id: 's_4'}), (e:PolicyListEntry) RETURN n.text AS note, i.name AS name, "
        "i.variables AS variables, t.state AS state, t.plan AS plan, t.because AS because, "
        "t.blast_radius AS blast, v.reason AS verdict, v.strong_values AS values, "
        "s.outcome_note AS outcome, e.reason AS listed",
    )
    assert told == {
        "note": "[erased] ([erased]) called, as acct_mari did",
        "name": "around [erased]",
        "variables": '{"id":"[erased]","n":1}',
        "state": "void",
        "plan": None,
        "because": erasure_batches.PLAN_VOID,
        "blast": '{"acted":3,"protected":["[erased]","acct_2"]}',
        "verdict": "[erased] is stolen",
        "values": ["dev_all"],
        "outcome": "same hand as [erased]",
        "listed": "seen with [erased]",
    }


@pytest.mark.usefixtures("writer")
async def test_receipt_counts_and_proves(graph: Graph) -> None:
    receipt = await erase(graph)

    assert receipt == await show_receipt(graph, receipt.id)
    assert receipt.account_hash == account_hash(SECRET, ACCOUNT)
    assert (receipt.by, receipt.reason) == (WHO, WHY)
    assert receipt.taken == {
        "actions": 1,
        "appeals": 1,
        "dead_letters": 1,
        "discounts": 1,
        "evidence": 3,
        "identifiers": 5,
        "links": 7,
        "list_entries": 2,
        "memberships": 2,
        "screenings": 5,
        "targets": 1,
        "texts": 8,
    }
    (entry,) = await entries(graph, AuditAction.ACCOUNT_ERASED)
    assert (entry.seq, entry.subject) == (receipt.audit_seq, receipt.account_hash)
    assert ACCOUNT not in entry.detail
    assert (await verify(graph)).fault is None


@pytest.mark.usefixtures("writer")
async def test_those_who_follow_are_told_of_plans_and_lists(graph: Graph) -> None:
    told = {one.seq for one in await page_told(graph, after=0, limit=1_000)}

    await erase(graph)

    news = [one.change for one in await page_told(graph, after=max(told), limit=10)]
    assert [(one.topic.value, one.kind, one.subject_id) for one in news] == [
        ("takedown", "void", "td_1"),
        ("policy", "list_entry_removed", "allow"),
        ("policy", "list_entry_removed", "block"),
    ]
    (voided,) = await entries(graph, AuditAction.TAKEDOWN_VOIDED)
    assert voided.subject == "td_1"


@pytest.mark.usefixtures("writer")
async def test_ring_is_still_known_when_it_returns(graph: Graph) -> None:
    before = await load_remembered(graph)

    await erase(graph)

    after = await load_remembered(graph)
    assert len(after) == len(before) > 0
    assert sorted(after.hashes.tolist()) == sorted(before.hashes.tolist())


@pytest.mark.usefixtures("writer")
async def test_logs_do_not_name_the_person(graph: Graph) -> None:
    with structlog.testing.capture_logs() as lines:
        await erase(graph)

    assert [line["event"] for line in lines] == ["accounts_erased"]
    assert not [word for word in PERSON if word in str(lines)]


@pytest.mark.parametrize(
    ("kind", "subject"),
    [(HoldSubject.ACCOUNT, ACCOUNT), (HoldSubject.RING, "ring_a"), (HoldSubject.RING, "ring_old")],
)
@pytest.mark.usefixtures("writer")
async def test_legal_hold_wins_until_it_is_lifted(
    graph: Graph, neo4j_server: Neo4jServer, kind: HoldSubject, subject: str
) -> None:
    hold = await place_hold(graph, kind, subject, reason="a court asks", by="lea")
    before = await exported(graph)
    places = await found_in(neo4j_server, *PERSON)

    with pytest.raises(Conflict, match=hold.id):
        await erase(graph)

    assert await exported(graph) == before
    assert await found_in(neo4j_server, *PERSON) == places
    (refused,) = await entries(graph, AuditAction.ERASURE_REFUSED)
    assert refused.subject == account_hash(SECRET, ACCOUNT)
    assert hold.id in refused.detail
    await lift_hold(graph, hold.id, reason="the court is done", by="lea")
    await erase(graph)
    assert await found_in(neo4j_server, *PERSON) == []
    assert (await verify(graph)).fault is None


@pytest.mark.usefixtures("writer")
async def test_hold_on_a_ring_holds_after_the_ring_merged(graph: Graph) -> None:
    hold = await place_hold(graph, HoldSubject.RING, "ring_old", reason="a court asks", by="lea")
    await graph.run_schema(
        "MATCH (old:Ring {id: 'ring_old'}), (r:Ring {id: 'ring_a'}) "
        "CREATE (old)-[:MERGED_INTO]->(r)"
    )

    (told,) = await erase_accounts(graph, ["acct_2"], secret=SECRET, by=WHO, reason=WHY)

    assert (told.outcome, told.hold_id) == (ErasureOutcome.HELD, hold.id)


@pytest.mark.usefixtures("writer")
async def test_each_account_of_a_list_has_its_own_outcome(
    graph: Graph, neo4j_server: Neo4jServer
) -> None:
    hold = await place_hold(graph, HoldSubject.ACCOUNT, "acct_3", reason="a court asks", by="lea")
    ids = [ACCOUNT, "nobody", "acct_3", "acct_2", ACCOUNT]

    told = await erase_accounts(graph, ids, secret=SECRET, by=WHO, reason=f"all but {ids[2]}")

    assert [(one.account_id, one.outcome.value, one.hold_id) for one in told] == [
        (ACCOUNT, "erased", None),
        ("nobody", "unknown", None),
        ("acct_3", "held", hold.id),
        ("acct_2", "erased", None),
    ]
    assert told[0].receipt
    assert told[0].receipt.reason == "all but [erased]"
    assert await found_in(neo4j_server, *PERSON, "acct_2", "card_all") == []
    assert await found_in(neo4j_server, "dev_all")


@pytest.mark.usefixtures("writer")
async def test_erased_account_is_unknown_afterwards(graph: Graph) -> None:
    await erase(graph)

    with pytest.raises(NotFound, match="erased before"):
        await erase(graph)
    with pytest.raises(NotFound, match="No account has the id"):
        await place_hold(graph, HoldSubject.ACCOUNT, ACCOUNT, reason="a court asks", by="lea")
    assert len(await entries(graph, AuditAction.ACCOUNT_ERASED)) == 1


@pytest.mark.parametrize("after", range(9))
@pytest.mark.usefixtures("writer")
async def test_crash_after_any_transaction_leaves_the_rest_to_the_next_call(
    graph: Graph, neo4j_server: Neo4jServer, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    monkeypatch.setattr(erasure_batches, "BATCH", 2)
    monkeypatch.setattr(usecase, "LINKS_AT_ONCE", 3)
    stopping = DyingGraph(graph, after=3 * after + 1)
    with pytest.raises(ProcessEnded):
        await erase(stopping)

    receipt = await erase(graph)

    assert await found_in(neo4j_server, *PERSON) == []
    assert (receipt.taken["links"], receipt.taken["identifiers"]) == (7, 5)
    assert (receipt.taken["screenings"], receipt.taken["evidence"]) == (5, 3)
    assert (await counted(neo4j_server))["ErasureReceipt"] == 1
    assert (await verify(graph)).fault is None


class ProcessEnded(BaseException):
    """Stands for the end of the process."""


class DyingGraph(Graph):
    """A connection whose process ends after so many transactions that write."""

    def __init__(self, graph: Graph, *, after: int) -> None:
        self.__dict__.update(graph.__dict__)
        self._left = after

    async def in_write(self, work: Any, *, timeout_s: float | None = None) -> Any:
        if not self._left:
            raise ProcessEnded
        self._left -= 1
        return await super().in_write(work, timeout_s=timeout_s)


@few
@given(event_lists(), st.data())
async def test_rest_of_the_graph_is_as_if_the_account_had_never_come(
    graph: Graph, events: list[Any], data: st.DataObject
) -> None:
    """What an instrument tells of itself may be told by anybody's event, so it is left out."""
    events = [one for one in events if not isinstance(one.body, InstrumentData)]
    ids = sorted({one.account_id for one in events}) or ["none"]
    erased = set(data.draw(st.lists(st.sampled_from(ids), min_size=1, max_size=2)))
    await clear(graph)
    await save_events(graph, [one for one in events if one.account_id not in erased])
    expected = await exported(graph)
    await clear(graph)
    await save_events(graph, events)

    await erase_accounts(graph, sorted(erased), secret=SECRET, by=WHO, reason=WHY)

    assert await exported(graph) == expected


async def test_many_accounts_and_links_are_erased_in_batches(
    graph: Graph, neo4j_server: Neo4jServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(usecase, "ACCOUNTS_AT_ONCE", 40)
    monkeypatch.setattr(usecase, "LINKS_AT_ONCE", 100)
    world = Drawing()
    for number in range(100):
        world.sign_up(f"acct_{number:03}", device=f"dev_{number % 7}", ip=f"10.0.0.{number}")
    for number in range(500):
        world.sign_in("acct_000", day=1, device=f"dev_of_0_{number}")
    await save_events(graph, world.events)
    shown: list[int] = []

    told = await erase_accounts(
        graph,
        [f"acct_{number:03}" for number in range(99)],
        secret=SECRET,
        by=WHO,
        reason=WHY,
        progress=lambda done, _: shown.append(done),
    )

    assert {one.outcome for one in told} == {ErasureOutcome.ERASED}
    assert shown == [40, 80, 99]
    left = await counted(neo4j_server)
    assert (left["Account"], left["Device"], left["IpAddress"]) == (1, 1, 1)
    assert await verify(graph) == AuditVerdict(99, None)

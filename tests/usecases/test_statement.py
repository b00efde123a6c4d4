import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.detection import load_config
from ringfence.domain.rings import Grade, Tier
from ringfence.domain.statements import StatementFacts, appeal_until, write_statement
from ringfence.domain.takedowns import TakedownAction
from ringfence.errors import Conflict, NotFound
from ringfence.store.graph import Graph
from ringfence.store.loading import BATCH_EVENTS, save_events
from ringfence.usecases.audit import read_log
from ringfence.usecases.detect import detect
from ringfence.usecases.dossier_gather import Asking, gather_dossier
from ringfence.usecases.dossier_statement import state_reasons
from tests.conftest import Neo4jServer
from tests.detection.drawing import Drawing, farm
from tests.store.ring_dump import memberships

ACTED = datetime(2026, 8, 31, 12, tzinfo=UTC)


@pytest.fixture
async def ring_id(graph: Graph, neo4j_server: Neo4jServer) -> str:
    """A ring of thirty that a takedown acts on, but for its last member."""
    world = Drawing()
    world.strangers(200)
    farm(world, "one", 30, devices=7, cards=5)
    for first in range(0, len(world.events), BATCH_EVENTS):
        await save_events(graph, world.events[first : first + BATCH_EVENTS])
    await detect(graph, load_config())
    ((found, members),) = (await memberships(neo4j_server)).items()
    await graph.run_schema(
        f"MATCH (r:Ring {{id: '{found}'}}) CREATE (t:Takedown {{id: 'take_1', action: 'suspend', "
        "state: 'running', reason: 'card c7 on device d9', planned_by: 'ana', approved_by: 'bo'}"
        ")-[:OF]->(r) WITH t, r MATCH (a:Account)-[:MEMBER_OF]->(r) "
        "CREATE (t)-[:TARGETS {takedown_id: t.id, account_id: a.id, "
        f"state: CASE a.id WHEN '{max(members)}' THEN 'queued' ELSE 'acted' END, "
        f"acted_at: CASE a.id WHEN '{max(members)}' THEN null "
        f"ELSE datetime('{ACTED.isoformat()}') END}}]->(a)"
    )
    return found


async def test_statement_reveals_no_detector_detail_and_nobody_else(
    graph: Graph, ring_id: str
) -> None:
    ring = await gather_dossier(graph, ring_id, Asking(b"a secret of a test", reveal=True))
    own, *others = ring.members.account_ids

    text = await state_reasons(graph, "take_1", own, by="ana")

    codes = [reason.code for reason in ring.reasons]
    secrets = {
        *ring.evidence.values,
        *ring.evidence.hashes,
        *ring.evidence.kinds,
        *filter(None, ring.members.emails),
        *others,
        *codes,
        *(reason.text for reason in ring.reasons),
        *(f"{reason.weight:.2f}" for reason in ring.reasons),
        *(grade.value for grade in Grade),
        *(tier.value for tier in Tier),
        ring_id,
        f"{ring.conclusions.score}",
        "c7",
        "d9",
        "ana",
        "bo",
    }
    found = [word for word in secrets if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text)]
    assert found == []
    assert len(secrets) > 60
    assert own in text


async def test_statement_tells_what_article_17_asks_for(graph: Graph, ring_id: str) -> None:
    own = (await gather_dossier(graph, ring_id, Asking(b"a secret of a test"))).members.account_ids[
        0
    ]

    text = await state_reasons(
        graph, "take_1", own, by="ana", ground="section 4.2 of our terms", appeal_to="a@lab.example"
    )

    assert re.findall(r"^[A-Z][a-z][a-z ]+$", text, re.MULTILINE) == [
        "Statement of reasons",
        "What was decided",
        "Scope and duration",
        "Facts relied on",
        "Automated means",
        "Ground",
        "How to have it looked at again",
    ]
    assert "Your account is suspended: it cannot be used. Decided on 2026-08-31." in text
    assert "until it is taken back" in text
    assert "based on section 4.2 of our terms." in text
    assert "free of charge until 2027-02-28, at a@lab.example;" in text
    entry = [one async for one in read_log(graph)][-1]
    assert (entry.action, entry.subject) == ("statement_made", "take_1")


async def test_account_that_was_not_acted_on_gets_no_statement(graph: Graph, ring_id: str) -> None:
    ids = (await gather_dossier(graph, ring_id, Asking(b"a secret of a test"))).members.account_ids

    with pytest.raises(Conflict, match="is queued in takedown take_1"):
        await state_reasons(graph, "take_1", ids[-1], by="ana")
    with pytest.raises(NotFound):
        await state_reasons(graph, "take_1", "stranger0001", by="ana")

    assert [one async for one in read_log(graph)] == []


@given(st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_complaint_is_open_for_half_a_year_at_least(acted_at: datetime) -> None:
    left = appeal_until(acted_at) - acted_at

    assert timedelta(days=180) < left <= timedelta(days=184)


@pytest.mark.parametrize("action", TakedownAction)
def test_statement_of_what_was_taken_back_says_so(action: TakedownAction) -> None:
    facts = StatementFacts(
        "acct_1", "take_1", action, ACTED, None, ACTED + timedelta(days=2), approved=False
    )

    text = write_statement(facts)

    assert "taken back on 2026-09-02" in text
    assert "taken by a person" in text

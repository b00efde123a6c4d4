import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.detection import load_config
from ringfence.domain.audit import AuditAction
from ringfence.domain.dossiers import Dossier
from ringfence.domain.identifiers import IdentifierKey
from ringfence.domain.re_entry import hash_of
from ringfence.domain.rings import Grade, Role, Tier
from ringfence.domain.verdicts import VerdictKind
from ringfence.errors import Conflict, InvalidInput, NotFound
from ringfence.store.graph import Graph
from ringfence.store.loading import BATCH_EVENTS, save_events
from ringfence.usecases.audit import read_log
from ringfence.usecases.detect import detect
from ringfence.usecases.dossier import make_dossier
from ringfence.usecases.dossier_gather import Asking, gather_dossier
from ringfence.usecases.dossier_package import bound, decode, encode, pack
from ringfence.usecases.dossier_report import render_report
from ringfence.usecases.dossier_verify import FILES, verify_dossier
from ringfence.usecases.judge_ring import judge_ring
from tests.conftest import Neo4jServer
from tests.detection.drawing import Drawing, farm
from tests.store.ring_dump import memberships

SECRET = b"the secret of a test"
MASKED = Asking(SECRET)


def left_in(folder: Path) -> list[str]:
    """Names of the files in a folder."""
    return sorted(path.name for path in folder.iterdir())


async def detected(graph: Graph, world: Drawing) -> None:
    for first in range(0, len(world.events), BATCH_EVENTS):
        await save_events(graph, world.events[first : first + BATCH_EVENTS])
    await detect(graph, load_config())


@pytest.fixture
async def ring_id(graph: Graph, neo4j_server: Neo4jServer) -> str:
    """A ring of thirty that a run found."""
    world = Drawing()
    world.strangers(200)
    farm(world, "one", 30, devices=7, cards=5)
    await detected(graph, world)
    (found,) = await memberships(neo4j_server)
    return found


@pytest.fixture
async def dossier(graph: Graph, ring_id: str) -> Dossier:
    return await gather_dossier(graph, ring_id, MASKED)


async def test_dossier_tells_members_evidence_and_the_run(
    graph: Graph, dossier: Dossier, neo4j_server: Neo4jServer
) -> None:
    members = (await memberships(neo4j_server))[dossier.ring.id]

    assert set(dossier.members.account_ids) == members
    assert dossier.conclusions.size == 30 == dossier.ring.size_told
    assert dossier.conclusions.grade is Grade.CONCLUSIVE
    assert sum(day.accounts for day in dossier.sign_ups) == 30
    assert [event.kind for event in dossier.events] == ["born"]
    assert dossier.takedowns == ()
    assert dossier.run is not None
    assert dossier.run.seed == load_config().seed
    assert dossier.run.graph_fingerprint
    devices = [at for at, kind in enumerate(dossier.evidence.kinds) if kind == "device"]
    assert len(devices) == 7
    assert all(at is not None for at in dossier.links.first_seen_ms)


async def test_equal_graphs_give_equal_bytes_that_verify(graph: Graph, ring_id: str) -> None:
    first = pack(await gather_dossier(graph, ring_id, MASKED))
    second = pack(await gather_dossier(graph, ring_id, MASKED))

    verdict = verify_dossier(first.zipped(), root=second.root)

    assert first.zipped() == second.zipped()
    assert (verdict.fault, verdict.root, verdict.not_concluded) == (None, first.root, ())
    assert tuple(first.files) == FILES


async def test_values_are_masked_and_hashed_unless_revealed(graph: Graph, ring_id: str) -> None:
    masked = await gather_dossier(graph, ring_id, MASKED)
    revealed = await gather_dossier(graph, ring_id, Asking(SECRET, reveal=True))

    cards = [at for at, kind in enumerate(revealed.evidence.kinds) if kind == "payment_instrument"]
    emails = [email for email in revealed.members.emails if email]
    text = b"".join(pack(masked).files.values()).decode()
    assert cards
    assert emails
    assert not [at for at in cards if revealed.evidence.values[at] in text]
    assert not [email for email in emails if email in text]
    key = IdentifierKey("payment_instrument", revealed.evidence.values[cards[0]])
    assert masked.evidence.hashes[cards[0]] == hash_of(SECRET, key).hex()
    assert masked.evidence.hashes == revealed.evidence.hashes
    assert verify_dossier(pack(revealed).zipped()).fault is None


async def test_log_tells_the_root_hash_before_the_file_is_there(
    graph: Graph, ring_id: str, tmp_path: Path
) -> None:
    path = tmp_path / "ring.zip"

    made = await make_dossier(graph, ring_id, path, MASKED, by="ana", reason="case 7")

    (entry,) = [one async for one in read_log(graph)]
    assert (entry.actor, entry.action, entry.subject) == (
        "ana",
        AuditAction.DOSSIER_MADE,
        ring_id,
    )
    assert orjson.loads(entry.detail) == {
        "root": made.root,
        "as_of": None,
        "revealed": False,
        "reason": "case 7",
    }
    assert verify_dossier(path.read_bytes(), root=made.root).fault is None
    assert left_in(tmp_path) == ["ring.zip"]


async def test_revealing_needs_a_reason_and_is_recorded(
    graph: Graph, ring_id: str, tmp_path: Path
) -> None:
    path, asking = tmp_path / "ring.zip", Asking(SECRET, reveal=True)

    with pytest.raises(InvalidInput, match="expected 1 to 500"):
        await make_dossier(graph, ring_id, path, asking, by="ana")

    assert not path.exists()
    assert [one async for one in read_log(graph)] == []
    await make_dossier(graph, ring_id, path, asking, by="ana", reason="court order 12")
    entries = [one async for one in read_log(graph)]
    assert [one.action for one in entries] == ["personal_data_revealed", "dossier_made"]
    assert orjson.loads(entries[0].detail)["reason"] == "court order 12"


async def test_file_that_cannot_be_written_leaves_no_record(
    graph: Graph, ring_id: str, tmp_path: Path
) -> None:
    with pytest.raises(InvalidInput, match="Name a file that can be written"):
        await make_dossier(graph, ring_id, tmp_path / "no" / "ring.zip", MASKED, by="ana")

    assert [one async for one in read_log(graph)] == []


async def test_dossier_of_a_past_moment_tells_what_was_then(graph: Graph, ring_id: str) -> None:
    before = datetime.now(UTC)
    await judge_ring(graph, ring_id, VerdictKind.CONFIRMED, reason="seen", by="ana")

    past = await gather_dossier(graph, ring_id, replace(MASKED, as_of=before))
    now = await gather_dossier(graph, ring_id, MASKED)

    assert (past.verdicts, [one.kind for one in now.verdicts]) == ((), ["confirmed"])
    assert past.members.account_ids == now.members.account_ids
    assert set(past.evidence.hubs) == {None}
    assert past.run == now.run
    verdict = verify_dossier(pack(past).zipped())
    assert verdict.fault is None
    assert verdict.not_concluded == (
        "roles, strengths and agreeing kinds (the evidence is not as it was judged)",
    )
    assert verify_dossier(pack(now).zipped()).fault is None


async def test_exchanges_of_a_past_moment_are_those_until_then(graph: Graph, ring_id: str) -> None:
    await graph.run_schema(
        "MATCH (a:Account)-[m:MEMBER_OF]->() SET m.since = datetime('2026-01-01T00:00:00Z') "
        "WITH a MATCH (e:RingEvent) SET e.at = datetime('2026-01-01T00:00:00Z')"
    )

    early = await gather_dossier(
        graph, ring_id, replace(MASKED, as_of=datetime(2026, 1, 2, tzinfo=UTC))
    )
    late = await gather_dossier(
        graph, ring_id, replace(MASKED, as_of=datetime(2026, 9, 1, tzinfo=UTC))
    )

    now = await gather_dossier(graph, ring_id, MASKED)
    assert early.conclusions.exchanges == 0
    assert early.sign_ups == ()
    assert late.conclusions.exchanges == now.conclusions.exchanges == sum(range(900, 930))


async def test_ring_that_is_not_there_has_no_dossier(graph: Graph, ring_id: str) -> None:
    long_before = replace(MASKED, as_of=datetime.now(UTC) - timedelta(days=1))

    with pytest.raises(NotFound):
        await gather_dossier(graph, ring_id, long_before)
    with pytest.raises(NotFound):
        await gather_dossier(graph, "ring_else", MASKED)


async def test_closed_ring_is_told_of_a_moment_only(graph: Graph, ring_id: str) -> None:
    await graph.run_schema(
        f"MATCH (:Account)-[m:MEMBER_OF]->(r:Ring {{id: '{ring_id}'}}) "
        "SET r.state = 'closed' DELETE m"
    )

    with pytest.raises(Conflict, match="closed and has no members"):
        await gather_dossier(graph, ring_id, MASKED)


async def test_takedowns_of_the_ring_are_told(graph: Graph, ring_id: str) -> None:
    await graph.run_schema(
        f"MATCH (r:Ring {{id: '{ring_id}'}}) CREATE (t:Takedown {{id: 'take_1', "
        "action: 'suspend', state: 'done', reason: 'fraud', planned_by: 'ana', approved_by: 'bo', "
        "planned_at: datetime('2026-06-01T00:00:00Z'), "
        "started_at: datetime('2026-06-02T00:00:00Z'), size: 30})-[:OF]->(r)"
    )

    dossier = await gather_dossier(graph, ring_id, MASKED)

    (told,) = dossier.takedowns
    assert (told.id, told.state, told.planned_by, told.size) == ("take_1", "done", "ana", 30)
    assert "take_1" in render_report(dossier)
    assert verify_dossier(pack(dossier).zipped()).fault is None


async def test_members_that_are_gone_are_counted_and_the_rest_verifies(
    graph: Graph, dossier: Dossier
) -> None:
    gone = dossier.members.account_ids[0]
    await graph.run_schema(f"MATCH (a:Account {{id: '{gone}'}}) DETACH DELETE a")

    rest = await gather_dossier(graph, dossier.ring.id, MASKED)

    verdict = verify_dossier(pack(rest).zipped())
    assert (rest.conclusions.size, rest.conclusions.missing) == (29, 1)
    assert verdict.fault is None
    assert len(verdict.not_concluded) == 1


async def test_one_flipped_byte_anywhere_is_found(dossier: Dossier) -> None:
    content = pack(dossier).zipped()

    @settings(max_examples=300, deadline=None)
    @given(st.integers(0, len(content) - 1), st.integers(1, 255))
    def flip(at: int, by: int) -> None:
        flipped = bytearray(content)
        flipped[at] ^= by

        assert verify_dossier(bytes(flipped)).fault

    flip()


CHANGES: dict[str, tuple[str, Any, str]] = {
    "score": ("score", 0.5, "conclusions.score is 0.5"),
    "grade": ("grade", Grade.CIRCUMSTANTIAL, "conclusions.grade is circumstantial"),
    "tier": ("tier", Tier.WATCH, "conclusions.tier is watch"),
    "size": ("size", 31, "conclusions.size is 31, the members give 30"),
    "core": ("core_size", 0, "conclusions.core_size is 0"),
    "kinds": ("kinds", ("device", "payment_instrument", "phone"), "kind phone reaches 0.0%"),
    "exchanges": ("exchanges", 10**9, "conclusions.exchanges is 1000000000"),
}


@pytest.mark.parametrize("change", CHANGES)
async def test_changed_conclusion_with_a_new_manifest_is_found(
    dossier: Dossier, change: str
) -> None:
    name, value, told = CHANGES[change]
    changed = replace(dossier, conclusions=replace(dossier.conclusions, **{name: value}))

    verdict = verify_dossier(pack(changed).zipped())

    assert verdict.fault
    assert told in verdict.fault
    assert verdict.root == pack(changed).root


async def test_changed_fact_with_a_new_manifest_is_found(dossier: Dossier) -> None:
    links, members, evidence = dossier.links, dossier.members, dossier.evidence
    role = Role.PERIPHERAL if members.roles[0] is Role.CORE else Role.CORE
    core = dossier.conclusions.core_size + (1 if role is Role.CORE else -1)
    forged = {
        "evidence #1 tells": replace(
            dossier, evidence=replace(evidence, members=(99, *evidence.members[1:]))
        ),
        "sign_ups are not": replace(dossier, sign_ups=dossier.sign_ups[1:]),
        "member 1 is ": replace(
            dossier,
            members=replace(members, roles=(role, *members.roles[1:])),
            conclusions=replace(dossier.conclusions, core_size=core),
        ),
        "member 1 has strength": replace(
            dossier, members=replace(members, strengths=(99.0, *members.strengths[1:]))
        ),
        "the columns differ": replace(dossier, links=replace(links, events=links.events[1:])),
        "leads to no member": replace(
            dossier, links=replace(links, members=(*links.members[:-1], 30))
        ),
    }

    for told, one in forged.items():
        content = {**pack(dossier).files, "dossier.json": encode(one)}
        del content["manifest.json"]
        fault = verify_dossier(bound(content).zipped()).fault
        assert fault
        assert told in fault


async def test_report_that_tells_something_else_is_found(dossier: Dossier) -> None:
    content = dict(pack(dossier).files)
    del content["manifest.json"]
    content["report.html"] = content["report.html"].replace(b"conclusive", b"suspicious")

    verdict = verify_dossier(bound(content).zipped())

    assert verdict.fault == "report.html is not what the facts give"


async def test_missing_added_and_packed_files_are_named(dossier: Dossier, tmp_path: Path) -> None:
    files = pack(dossier).files

    def zipped(names: dict[str, bytes], compression: int = 0) -> str | None:
        path = tmp_path / "some.zip"
        with ZipFile(path, "w", compression) as archive:
            for name, content in names.items():
                archive.writestr(name, content)
        return verify_dossier(path.read_bytes()).fault

    without = {name: content for name, content in files.items() if name != "links.csv"}
    assert zipped(without) == "links.csv is missing"
    assert zipped({**files, "more.txt": b""}) == "more.txt is not a file of a dossier"
    assert zipped(dict(files), ZIP_DEFLATED) == "the zip is compressed; a dossier's is not"
    assert zipped(dict(files)) == "the zip is not written as it was made, though its files are"
    assert (verify_dossier(b"no zip").fault or "").startswith("the zip is damaged")


async def test_another_root_than_the_expected_one_is_named(dossier: Dossier) -> None:
    verdict = verify_dossier(pack(dossier).zipped(), root="0" * 64)

    assert verdict.fault == f"the root hash is {verdict.root}, expected {'0' * 64}"


async def test_dossier_is_read_back_as_it_was(dossier: Dossier) -> None:
    assert decode(encode(dossier)) == dossier


class Tags(HTMLParser):
    """Names of all tags, and all attributes that run something."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.handlers: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.handlers += [name for name, _ in attrs if name.startswith("on")]


async def test_hostile_text_is_no_markup_and_no_formula(dossier: Dossier) -> None:
    hostile = "=\"><script>alert(1)</script><img src=x onerror='alert(2)'>{{ 7 * 7 }}"
    members, evidence = dossier.members, dossier.evidence
    poisoned = replace(
        dossier,
        ring=replace(dossier.ring, id=hostile),
        members=replace(
            members,
            account_ids=(hostile, *members.account_ids[1:]),
            emails=(f"{hostile}@x.example", *members.emails[1:]),
        ),
        evidence=replace(
            evidence,
            kinds=(hostile, *evidence.kinds[1:]),
            values=(hostile, *evidence.values[1:]),
        ),
        reasons=tuple(replace(reason, text=hostile) for reason in dossier.reasons),
    )

    files = pack(poisoned).files

    page, harmless = Tags(), Tags()
    page.feed(files["report.html"].decode())
    harmless.feed(render_report(dossier))
    assert page.tags == harmless.tags
    assert page.handlers == []
    assert "{{ 7 * 7 }}" in files["report.html"].decode()
    assert not re.search(rb'(^|,)"?=', files["members.csv"] + files["links.csv"], re.MULTILINE)


async def test_report_needs_nothing_from_elsewhere(dossier: Dossier) -> None:
    report = render_report(dossier)

    assert "@media print" in report
    assert "<svg" in report
    assert not re.search(r"\b(src|href)=|url\(|@import|<script", report)


async def test_large_ring_gives_a_small_page(dossier: Dossier) -> None:
    count, members = 25_000, dossier.members
    large = replace(
        dossier,
        members=replace(
            members,
            account_ids=tuple(f"acct_{at:05d}" for at in range(count)),
            roles=(Role.CORE,) * count,
            strengths=(2.0,) * count,
            emails=("ma…@mailhub.example",) * count,
            signed_up_ms=tuple(1_780_000_000_000 + 1_000_000 * at for at in range(count)),
            exchanges=(7,) * count,
            tokens=(70,) * count,
        ),
    )

    report = render_report(large)

    assert len(report) < 200_000
    assert report.count("<rect") < 150

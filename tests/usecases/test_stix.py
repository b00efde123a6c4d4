import json
import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ringfence.detection import load_config
from ringfence.domain.identifiers import IdentifierKey
from ringfence.domain.screenings import Likelihood
from ringfence.domain.shared_indicators import Tlp, shared_hash
from ringfence.errors import Conflict, InvalidInput
from ringfence.store.graph import Graph
from ringfence.store.loading import BATCH_EVENTS, save_events
from ringfence.usecases.audit import read_log
from ringfence.usecases.detect import detect
from ringfence.usecases.dossier_gather import Asking, gather_dossier
from ringfence.usecases.stix import Sharing, export_ring, import_bundle, match_shared
from ringfence.usecases.stix_bundle import read_bundle
from tests.conftest import Neo4jServer
from tests.detection.drawing import Drawing, farm
from tests.store.ring_dump import memberships, ring_dump

SECRET = b"the secret of all peers"
SHARING = Sharing(SECRET, "Example Lab")


@pytest.fixture
async def ring_id(graph: Graph, neo4j_server: Neo4jServer) -> str:
    """A ring of thirty that a run found."""
    world = Drawing()
    world.strangers(200)
    farm(world, "one", 30, devices=7, cards=5)
    for first in range(0, len(world.events), BATCH_EVENTS):
        await save_events(graph, world.events[first : first + BATCH_EVENTS])
    await detect(graph, load_config())
    (found,) = await memberships(neo4j_server)
    return found


@pytest.fixture
async def bundle(graph: Graph, ring_id: str, tmp_path: Path) -> Path:
    path = tmp_path / "ring.stix.json"
    await export_ring(graph, ring_id, path, SHARING, by="ana")
    return path


def content_of(path: Path) -> bytes:
    return path.read_bytes()


def left_in(folder: Path) -> list[str]:
    """Names of the files in a folder."""
    return sorted(path.name for path in folder.iterdir())


def changed(bundle: Path, **by: object) -> Path:
    """The bundle with all its indicators changed."""
    told = json.loads(bundle.read_bytes())
    for one in told["objects"]:
        if one["type"] == "indicator":
            one.update(by)
    path = bundle.with_name("changed.json")
    path.write_text(json.dumps(told))
    return path


def validate(bundle: Path) -> Any:
    with warnings.catch_warnings():
        # The validator's own dependencies warn when they are imported.
        warnings.simplefilter("ignore")
        import stix2validator  # type: ignore[import-untyped] # noqa: PLC0415

        return stix2validator.validate_file(
            str(bundle), stix2validator.ValidationOptions(version="2.1", strict=False)
        )


@pytest.mark.parametrize("tlp", Tlp)
async def test_bundle_is_valid_stix_whatever_its_mark(
    graph: Graph, ring_id: str, tmp_path: Path, tlp: Tlp
) -> None:
    path = tmp_path / "ring.json"

    await export_ring(graph, ring_id, path, Sharing(SECRET, "Example Lab", tlp), by="ana")

    result = validate(path)
    assert result.is_valid, [str(error) for one in result.object_results for error in one.errors]
    assert {one.tlp for one in read_bundle(path.read_bytes()).indicators} == {tlp}


async def test_equal_rings_give_equal_bundles(graph: Graph, ring_id: str, bundle: Path) -> None:
    again = bundle.with_name("again.json")

    await export_ring(graph, ring_id, again, SHARING, by="bo")

    assert content_of(again) == content_of(bundle)


async def test_bundle_holds_hashes_of_strong_and_medium_evidence_and_no_value(
    graph: Graph, ring_id: str, bundle: Path
) -> None:
    revealed = await gather_dossier(graph, ring_id, Asking(b"another secret", reveal=True))
    evidence = revealed.evidence
    strong = {
        shared_hash(SECRET, IdentifierKey(kind, value))
        for kind, value in zip(evidence.kinds, evidence.values, strict=True)
        if kind in ("device", "payment_instrument")
    }

    text = content_of(bundle).decode()

    assert {one.hash for one in read_bundle(content_of(bundle)).indicators} == strong
    assert len(strong) == 12
    told = (*evidence.values, *revealed.members.account_ids, *filter(None, revealed.members.emails))
    assert not [value for value in told if value in text]
    assert not [hash_ for hash_ in evidence.hashes if hash_ in text]


async def test_export_is_recorded(graph: Graph, ring_id: str, bundle: Path) -> None:
    (entry,) = [one async for one in read_log(graph)]

    assert (entry.actor, entry.action, entry.subject) == ("ana", "indicators_exported", ring_id)
    assert json.loads(entry.detail) == {
        "tlp": "amber",
        "producer": "Example Lab",
        "indicators": len(read_bundle(content_of(bundle)).indicators),
    }


async def test_ring_without_own_identifiers_is_not_shared(
    graph: Graph, ring_id: str, tmp_path: Path
) -> None:
    await graph.run_schema("MATCH (e:Evidence) SET e.hub = 'public'")

    with pytest.raises(Conflict, match="nothing to share"):
        await export_ring(graph, ring_id, tmp_path / "ring.json", SHARING, by="ana")

    assert left_in(tmp_path) == []


async def test_peers_word_is_possible_only_and_changes_no_ring(
    graph: Graph, ring_id: str, bundle: Path, neo4j_server: Neo4jServer
) -> None:
    before = await ring_dump(neo4j_server)
    unknown = await match_shared(graph, ring_id, SECRET)

    first = await import_bundle(graph, bundle, by="ana")
    second = await import_bundle(graph, bundle, by="ana")

    found = await match_shared(graph, ring_id, SECRET)
    assert (first.kept, first.added, second.kept, second.added) == (12, 12, 12, 0)
    assert (unknown.seen, unknown.likelihood) == (0, None)
    assert (found.asked, found.seen, found.likelihood) == (12, 12, Likelihood.POSSIBLE)
    assert [(peer.source.split(" (")[0], peer.tlp) for peer in found.peers] == [
        ("Example Lab", Tlp.AMBER)
    ]
    assert (await match_shared(graph, ring_id, b"a secret of others")).seen == 0
    assert await ring_dump(neo4j_server) == before


async def test_word_that_holds_no_more_matches_nothing_and_is_forgotten(
    graph: Graph, ring_id: str, bundle: Path
) -> None:
    await import_bundle(graph, bundle, by="ana")
    later = datetime.now(UTC) + timedelta(days=1_000)

    late = await match_shared(graph, ring_id, SECRET, at=later)
    again = await import_bundle(graph, bundle, by="ana", at=later)

    assert late.seen == 0
    assert (again.kept, again.expired) == (0, 12)
    assert (await match_shared(graph, ring_id, SECRET)).seen == 0


async def test_peers_words_are_found_without_reading_all_of_them(graph: Graph) -> None:
    plan = await graph.explain("shared_indicators/find", hashes=["a"], at=datetime.now(UTC))

    assert "NodeUniqueIndexSeek" in plan
    assert "NodeByLabelScan" not in plan


async def test_revoked_indicators_are_forgotten(graph: Graph, ring_id: str, bundle: Path) -> None:
    await import_bundle(graph, bundle, by="ana")

    imported = await import_bundle(graph, changed(bundle, revoked=True), by="ana")

    assert (imported.kept, imported.revoked) == (0, 12)
    assert (await match_shared(graph, ring_id, SECRET)).seen == 0


async def test_indicator_without_a_mark_counts_as_the_strictest(bundle: Path) -> None:
    told = read_bundle(changed(bundle, object_marking_refs=[]).read_bytes())

    assert {one.tlp for one in told.indicators} == {Tlp.RED}


async def test_indicators_of_another_kind_are_left_out(bundle: Path) -> None:
    told = read_bundle(changed(bundle, pattern="[ipv4-addr:value = '203.0.113.7']").read_bytes())

    assert (told.indicators, told.skipped) == ((), 12)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "no JSON"),
        (b"[]", "no STIX bundle"),
        (b'{"type": "bundle", "objects": [1]}', "Object 0 of the bundle has no id"),
        (
            b'{"type": "bundle", "objects": [{"type": "indicator", "id": "indicator--1"}]}',
            "does not say who made",
        ),
    ],
)
async def test_what_is_no_bundle_is_refused(
    graph: Graph, tmp_path: Path, content: bytes, message: str
) -> None:
    path = tmp_path / "bundle.json"
    path.write_bytes(content)

    with pytest.raises(InvalidInput, match=message):
        await import_bundle(graph, path, by="ana")

    assert [one async for one in read_log(graph)] == []


async def test_time_that_is_none_is_refused(graph: Graph, bundle: Path) -> None:
    with pytest.raises(InvalidInput, match="has valid_until soon"):
        await import_bundle(graph, changed(bundle, valid_until="soon"), by="ana")

"""The path on input that is not ours: graph-notebook's fraud graph, with its published answer."""

from collections import Counter
from collections.abc import Collection, Iterable
from pathlib import Path

import platformdirs
import pytest
from seed.fetch_fraud_graph import fetch_fraud_graph
from seed.fraud_graph import read_script, write_events

from ringfence.detection import detect_rings, load_config
from ringfence.domain.assembling import graph_from_fold
from ringfence.domain.events import parse_event
from ringfence.domain.folding import fold_events, once_each
from ringfence.domain.graph import AccountGraph
from ringfence.domain.rings import Tier
from ringfence.store.account_graph import read_account_graph
from ringfence.store.graph import Graph
from ringfence.usecases.load_items import load_items

NOW_MS = 1_800_000_000_000
ACCOUNTS = 1045
PUBLISHED = {2: 105, 3: 13, 4: 2, 7: 1, 17: 1, 18: 1}
"""Components of two or more accounts, linked by any shared feature but birth date: size, count."""


@pytest.fixture(scope="session")
def script() -> Path:
    return fetch_fraud_graph(platformdirs.user_cache_path("ringfence") / "realdata")


@pytest.fixture(scope="session")
def events_file(script: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_events(script, tmp_path_factory.mktemp("fraud-graph"))


@pytest.fixture(scope="session")
def lines(events_file: Path) -> list[bytes]:
    return events_file.read_bytes().splitlines()


@pytest.fixture(scope="session")
def from_file(lines: list[bytes]) -> AccountGraph:
    return _fold(lines)


def test_components_of_the_file_match_the_published_answer(from_file: AccountGraph) -> None:
    sizes = _component_sizes(from_file, without={"birth_date"})

    assert len(from_file.accounts) == ACCOUNTS
    assert sizes == PUBLISHED
    assert sum(sizes.values()) == 123


async def test_components_in_neo4j_match_the_published_answer(
    graph: Graph, lines: list[bytes], from_file: AccountGraph
) -> None:
    await load_items(graph, lines, now_ms=NOW_MS)

    stored = await read_account_graph(graph)

    assert _component_sizes(stored, without={"birth_date"}) == PUBLISHED
    assert stored.fingerprint() == from_file.fingerprint()


def test_birth_dates_would_join_strangers(from_file: AccountGraph) -> None:
    sizes = _component_sizes(from_file, without=())

    assert sum(sizes.values()) == 169


def test_every_charge_and_feature_of_the_script_arrives(from_file: AccountGraph) -> None:
    kinds = Counter(from_file.identifiers.kinds)

    assert from_file.accounts.charges_succeeded.sum() == 25_307
    assert kinds["payment_instrument"] == ACCOUNTS
    assert kinds["postal_address"] == 894
    assert kinds["birth_date"] == 885
    assert kinds["email"] == 1_677


def test_rings_are_found_in_all_large_components_and_flagged_in_no_household(
    from_file: AccountGraph,
) -> None:
    component = _components(from_file, without={"birth_date"})
    size = Counter(component.values())

    rings = detect_rings(from_file, load_config()).rings

    large = {top for top, members in size.items() if members >= 7}
    found = {component[member.account_id] for ring in rings for member in ring.members}
    flagged = {
        component[member.account_id]
        for ring in rings
        if ring.tier is not Tier.WATCH
        for member in ring.members
    }
    assert found >= large
    assert flagged
    assert flagged <= large


def test_origins_of_charges_stay_apart_from_the_features_of_accounts(
    script: Path, tmp_path: Path
) -> None:
    events = write_events(script, tmp_path, charge_features=True)

    graph = _fold(events.read_bytes().splitlines())

    assert _component_sizes(graph, without={"birth_date", "charge_ip", "charge_phone"}) == PUBLISHED
    assert max(_component_sizes(graph, without={"birth_date"})) == 816


def test_a_step_in_an_unknown_form_is_refused() -> None:
    text = 'g.addV("Account").property(id,"a").addV(unquoted).property(id,"b")'

    with pytest.raises(ValueError, match="2 steps addV stand in the script, but 1 could be read"):
        read_script(text)


def _fold(lines: Iterable[bytes]) -> AccountGraph:
    events = once_each(parse_event(line, now_ms=NOW_MS) for line in lines)
    return graph_from_fold(fold_events(events))


def _component_sizes(graph: AccountGraph, *, without: Collection[str]) -> dict[int, int]:
    members = Counter(_components(graph, without=without).values())
    return dict(sorted(Counter(size for size in members.values() if size > 1).items()))


def _components(graph: AccountGraph, *, without: Collection[str]) -> dict[str, int]:
    """Ten lines of union-find over all shared identifiers, but those kinds."""
    above = list(range(len(graph.accounts)))

    def top(at: int) -> int:
        while above[at] != at:
            above[at] = at = above[above[at]]
        return at

    first: dict[int, int] = {}
    links = zip(graph.links.account.tolist(), graph.links.identifier.tolist(), strict=True)
    for account, identifier in links:
        if graph.identifiers.kinds[identifier] not in without:
            above[top(account)] = top(first.setdefault(identifier, account))
    return {account: top(at) for at, account in enumerate(graph.accounts.ids)}

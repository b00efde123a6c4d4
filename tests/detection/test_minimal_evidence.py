import csv
from collections import defaultdict
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ringfence.domain.graph import AccountGraph
from ringfence.domain.identifiers import EMAIL, IP, IdentifierKey
from ringfence.domain.mailboxes import canonical_email
from ringfence.domain.networks import ipv6_network
from ringfence.domain.rings import Detection, Member
from ringfence.usecases.evaluate import read_graph
from ringfence.worlds import build_world
from tests.detection.drawing import detect, flagged

SAMPLE = 40
LINK_COLUMNS = ("account", "identifier", "first_seen_ms", "last_seen_ms", "events")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world")
    build_world(folder, 2_000, 1)
    return folder


@pytest.fixture(scope="module")
def graph(world: Path) -> AccountGraph:
    return read_graph(world / "events.ndjson", world / "addresses.csv")[0]


@pytest.fixture(scope="module")
def member_by_account(graph: AccountGraph) -> dict[str, Member]:
    return flagged_members(detect(graph))


@pytest.fixture(scope="module")
def sample(world: Path, member_by_account: dict[str, Member]) -> list[str]:
    """Members of flagged rings, in turn from each category."""
    with (world / "truth.csv").open(newline="") as stream:
        category = {row["account_id"]: row["category"] for row in csv.DictReader(stream)}
    of_category = defaultdict(list)
    for account in sorted(member_by_account):
        of_category[category[account]].append(account)
    turns = sorted(
        (at, name, account)
        for name, accounts in of_category.items()
        for at, account in enumerate(accounts)
    )
    return [account for *_, account in turns[:SAMPLE]]


def flagged_members(detection: Detection) -> dict[str, Member]:
    return {member.account_id: member for ring in flagged(detection) for member in ring.members}


def as_compared(key: IdentifierKey) -> IdentifierKey:
    if key.kind == IP and ":" in key.value:
        return IdentifierKey(IP, ipv6_network(key.value))
    return IdentifierKey(EMAIL, canonical_email(key.value)) if key.kind == EMAIL else key


def without(graph: AccountGraph, account: str, keys: Collection[IdentifierKey]) -> AccountGraph:
    """The graph without an account's links to these identifiers."""
    at = graph.accounts.ids.index(account)
    own = np.flatnonzero(graph.links.account == at)
    gone = [
        row
        for row in own.tolist()
        if as_compared(graph.identifiers.key(int(graph.links.identifier[row]))) in keys
    ]
    columns = {name: np.delete(getattr(graph.links, name), gone) for name in LINK_COLUMNS}
    email = list(graph.accounts.email)
    mail = email[at]
    if mail and IdentifierKey(EMAIL, canonical_email(mail)) in keys:
        email[at] = None
    return replace(
        graph,
        links=replace(graph.links, **columns),
        accounts=replace(graph.accounts, email=email),
    )


def test_each_flagged_member_has_a_reason(member_by_account: dict[str, Member]) -> None:
    unexplained = [
        name for name, one in member_by_account.items() if not one.because or not one.joined_because
    ]

    assert len(member_by_account) > 300
    assert unexplained == []


def test_account_without_the_evidence_that_put_it_there_is_flagged_no_more(
    graph: AccountGraph, member_by_account: dict[str, Member], sample: list[str]
) -> None:
    still = [
        account
        for account in sample
        if account
        in flagged_members(detect(without(graph, account, member_by_account[account].because)))
    ]

    assert len(sample) == SAMPLE
    assert still == []


def test_most_ties_told_of_a_member_hold_it_even_without_the_others(
    graph: AccountGraph, member_by_account: dict[str, Member], sample: list[str]
) -> None:
    told = [(account, key) for account in sample[::4] for key in member_by_account[account].because]

    needed = sum(
        account
        in flagged_members(
            detect(without(graph, account, set(member_by_account[account].because) - {key}))
        )
        for account, key in told
    )

    assert needed >= 0.5 * len(told)

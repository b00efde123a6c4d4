from datetime import UTC, datetime

import httpx
import pytest

from ringfence.client import (
    Account,
    DeskRefused,
    Identifier,
    NoteAdded,
    RequestRefused,
    RingAssigned,
    RingfenceClient,
    RingFilter,
    RingJudged,
    RingOrder,
    RingOrderBy,
    Role,
    Tier,
    VerdictRefused,
    walk,
)
from ringfence.client.generated.base_client import Response
from ringfence.client.generated.exceptions import GraphQLClientError
from tests.api.live import API_KEY, LiveApi


@pytest.mark.usefixtures("small_graph")
def test_rings_come_with_their_figures(client: RingfenceClient) -> None:
    ring, other = client.page_rings().nodes

    assert (ring.ring_id, other.ring_id) == ("ring_a", "ring_b")
    assert (ring.score, ring.tier, ring.size, ring.exchanges) == (0.98, Tier.AUTO, 5, 22)
    assert ring.found_at == datetime(2026, 5, 1, tzinfo=UTC)
    assert [reason.code for reason in ring.reasons] == ["shared_device", "spread_sign_ups"]


@pytest.mark.usefixtures("small_graph")
def test_rings_are_filtered_and_ordered(client: RingfenceClient) -> None:
    by_size = client.page_rings(order_by=RingOrder(by=RingOrderBy.SIZE))
    large = client.page_rings(filter_=RingFilter(min_size=3))
    for_review = client.page_rings(filter_=RingFilter(tier=[Tier.REVIEW]))

    assert [ring.ring_id for ring in by_size.nodes] == ["ring_a", "ring_b"]
    assert [ring.ring_id for ring in large.nodes] == ["ring_a"]
    assert [ring.ring_id for ring in for_review.nodes] == ["ring_b"]


@pytest.mark.usefixtures("small_graph")
def test_ring_is_found_by_its_id_and_an_unknown_one_is_none(client: RingfenceClient) -> None:
    ring = client.find_ring("ring_a")

    assert ring
    assert (ring.ring_id, ring.run_id, ring.assignment, ring.verdicts) == (
        "ring_a",
        "run_1",
        None,
        [],
    )
    assert client.find_ring("ring_unknown") is None


@pytest.mark.usefixtures("small_graph")
def test_members_are_paged_by_role(client: RingfenceClient) -> None:
    first = client.page_members("ring_a", first=2, role=Role.CORE)
    assert first
    rest = client.page_members(
        "ring_a", first=2, role=Role.CORE, after=first.members.page_info.end_cursor
    )

    assert rest
    assert [member.account.account_id for member in first.members.nodes] == ["acct_1", "acct_3"]
    assert [member.account.account_id for member in rest.members.nodes] == ["acct_2"]
    assert not rest.members.page_info.has_next_page


@pytest.mark.usefixtures("small_graph")
def test_evidence_is_paged(client: RingfenceClient) -> None:
    ring = client.page_evidence("ring_a", first=2)

    assert ring
    assert [(found.kind, found.members) for found in ring.evidence.nodes] == [
        ("device", 3),
        ("payment_instrument", 1),
    ]
    assert ring.evidence.page_info.has_next_page


@pytest.mark.usefixtures("small_graph")
def test_account_comes_with_its_links_and_rings(client: RingfenceClient) -> None:
    account = client.find_account("acct_1")

    assert account
    assert {link.identifier.kind for link in account.links.nodes} == {"device", "ip"}
    assert [(of.ring.ring_id, of.role) for of in account.memberships.nodes] == [
        ("ring_a", Role.CORE)
    ]
    assert {money.currency: money.amount_minor for money in account.charges.paid} == {
        "EUR": 1999,
        "USD": 500,
    }
    assert client.find_account("acct_unknown") is None


@pytest.mark.usefixtures("small_graph")
def test_personal_data_is_in_clear_for_a_reason_alone(
    api: LiveApi, client: RingfenceClient
) -> None:
    with RingfenceClient(api.url, API_KEY, reveal_reason="to test the client") as revealing:
        seen = revealing.find_account("acct_1")
    masked = client.find_account("acct_1")

    assert seen
    assert seen.email == "one@example.com"
    assert masked
    assert masked.email == "o…@example.com"


@pytest.mark.usefixtures("small_graph")
def test_search_finds_accounts_and_identifiers(client: RingfenceClient) -> None:
    (account,) = client.search("acct_1").nodes
    (device,) = client.search("dev_1").nodes

    assert isinstance(account, Account)
    assert account.account_id == "acct_1"
    assert isinstance(device, Identifier)
    assert (device.kind, device.accounts) == ("device", 3)


@pytest.mark.usefixtures("small_graph")
def test_link_of_two_accounts_is_explained(client: RingfenceClient) -> None:
    told = client.why_linked("acct_1", "acct_2")

    (step,) = told.steps
    assert step.from_
    assert step.to
    assert step.identifier
    assert (step.from_.account_id, step.to.account_id) == ("acct_1", "acct_2")
    assert step.identifier.kind == "device"


@pytest.mark.usefixtures("small_graph")
def test_account_outside_of_a_ring_is_told_why(client: RingfenceClient) -> None:
    near = client.why_not("acct_6", "ring_a")
    alone = client.why_not("acct_alone")

    assert (near.account_id, near.ring_id, near.member) == ("acct_6", "ring_a", False)
    assert [shared.kind for shared in near.shares] == ["payment_instrument"]
    assert (alone.ring_id, alone.missing) == (None, ["nothing_shared"])


@pytest.mark.usefixtures("small_graph")
def test_runs_come_newest_first(client: RingfenceClient) -> None:
    runs = client.page_detection_runs().nodes

    assert [(run.run_id, run.seed) for run in runs] == [("run_2", 7), ("run_1", 7)]
    assert runs[0].started_at == datetime(2026, 5, 2, tzinfo=UTC)


@pytest.mark.usefixtures("graph_to_change")
def test_verdict_is_taken_once(client: RingfenceClient) -> None:
    confirmed = client.confirm_ring("ring_b", "seen by hand")
    again = client.confirm_ring("ring_b", "seen by hand")
    dismissed = client.dismiss_ring("ring_b", "a family")

    assert isinstance(confirmed, RingJudged)
    assert (confirmed.ring.state, confirmed.verdict.reason) == ("CONFIRMED", "seen by hand")
    assert isinstance(again, VerdictRefused)
    assert (again.code, again.allowed) == ("CONFLICT", ["DISMISSED"])
    assert isinstance(dismissed, RingJudged)
    assert dismissed.ring.state == "DISMISSED"
    ring = client.find_ring("ring_b")
    assert ring
    assert [verdict.kind for verdict in ring.verdicts] == ["DISMISSED", "CONFIRMED"]


@pytest.mark.usefixtures("graph_to_change")
def test_note_and_assignment_are_taken_or_refused(client: RingfenceClient) -> None:
    noted = client.add_note("ring_b", "look at the cards")
    assigned = client.assign_ring("ring_b", "ana")
    refused = client.add_note("ring_unknown", "look")

    assert isinstance(noted, NoteAdded)
    assert noted.note.text == "look at the cards"
    assert isinstance(assigned, RingAssigned)
    assert assigned.ring.assignment
    assert assigned.ring.assignment.assignee == "ana"
    assert isinstance(refused, DeskRefused)
    assert refused.code == "NOT_FOUND"


def test_wrong_key_is_refused_in_words(api: LiveApi) -> None:
    with (
        RingfenceClient(api.url, "wrong") as client,
        pytest.raises(RequestRefused, match=r"^unauthenticated: Send an API key") as refused,
    ):
        client.page_rings()

    assert (refused.value.code, refused.value.status) == ("unauthenticated", 401)


@pytest.mark.usefixtures("small_graph")
def test_fault_in_an_argument_bears_the_code_of_graphql(client: RingfenceClient) -> None:
    with pytest.raises(RequestRefused) as refused:
        client.page_rings(first=1, after="no cursor")

    assert refused.value.code == "invalid_input"


@pytest.mark.parametrize("body", ["<html>", "[]"])
def test_answer_that_is_none_of_ours_is_an_error_of_the_client(
    client: RingfenceClient, body: str
) -> None:
    answer: Response = httpx.Response(502, text=body)

    with pytest.raises(GraphQLClientError, match="502"):
        client.get_data(answer)


@pytest.mark.usefixtures("small_graph")
@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_walk_gives_each_object_once_whatever_the_page(client: RingfenceClient, size: int) -> None:
    rings = walk(lambda after: client.page_rings(first=size, after=after))

    assert [ring.ring_id for ring in rings] == ["ring_a", "ring_b"]


@pytest.mark.usefixtures("small_graph")
def test_walk_of_an_unknown_ring_gives_nothing(client: RingfenceClient) -> None:
    ring = client.page_members("ring_unknown")

    assert list(walk(lambda _: ring.members if ring else None)) == []

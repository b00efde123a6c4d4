"""The desk that a ring lies on: notes, who looks after it, and a small picture of it."""

import pytest

from tests.api.live import LiveApi
from tests.api.small_graph import Writer, write_small_graph

NOTE = """mutation ($input: AddNoteInput!) { addNote(input: $input) { __typename
    ... on NoteAdded { note { text by } ring { ringId notes(first: 9) { totalCount } } }
    ... on DeskRefused { code message } } }"""
ASSIGN = """mutation ($input: AssignRingInput!) { assignRing(input: $input) { __typename
    ... on RingAssigned { ring { ringId assignment { assignee } } }
    ... on DeskRefused { code message } } }"""
NOTES = """query ($after: String) { ring(id: "ring_a") { notes(first: 2, after: $after) {
    totalCount nodes { text } pageInfo { hasNextPage endCursor } } } }"""


@pytest.fixture(autouse=True)
def own_graph(writer: Writer) -> None:
    """The small graph without its mark, since these tests change it."""
    write_small_graph(writer)
    writer.run("MATCH (n:SmallGraph) REMOVE n:SmallGraph")


def test_notes_stay_on_the_ring_and_are_read_from_the_latest(api: LiveApi) -> None:
    for text in ("first", " second ", "third"):
        given = api.ask(NOTE, input={"ringId": "ring_a", "text": text})["addNote"]
        assert (given["note"]["text"], given["ring"]["ringId"]) == (text.strip(), "ring_a")

    page = api.ask(NOTES)["ring"]["notes"]
    rest = api.ask(NOTES, after=page["pageInfo"]["endCursor"])["ring"]["notes"]

    assert page["totalCount"] == 3
    assert [note["text"] for note in page["nodes"] + rest["nodes"]] == ["third", "second", "first"]
    assert rest["pageInfo"]["hasNextPage"] is False


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"ringId": "ring_a", "text": "  "}, "INVALID_INPUT"),
        ({"ringId": "ring_a", "text": "x" * 10_001}, "INVALID_INPUT"),
        ({"ringId": "nowhere", "text": "x"}, "NOT_FOUND"),
    ],
)
def test_note_that_is_none_is_refused_and_not_kept(
    api: LiveApi, graph_as_left: Writer, asked: dict[str, str], code: str
) -> None:
    refused = api.ask(NOTE, input=asked)["addNote"]

    assert (refused["__typename"], refused["code"]) == ("DeskRefused", code)
    assert not graph_as_left.driver.execute_query("MATCH (n:Note) RETURN n").records


def test_ring_is_given_to_somebody_and_taken_back(api: LiveApi) -> None:
    given = api.ask(ASSIGN, input={"ringId": "ring_a", "assignee": "ada"})["assignRing"]
    taken = api.ask(ASSIGN, input={"ringId": "ring_a"})["assignRing"]

    assert given["ring"] == {"ringId": "ring_a", "assignment": {"assignee": "ada"}}
    assert taken["ring"] == {"ringId": "ring_a", "assignment": None}


def test_ring_that_is_not_known_is_given_to_nobody(api: LiveApi) -> None:
    refused = api.ask(ASSIGN, input={"ringId": "nowhere", "assignee": "ada"})["assignRing"]

    assert refused["code"] == "NOT_FOUND"


def test_summary_draws_identifiers_and_their_common_members(api: LiveApi) -> None:
    summary = api.ask(
        """{ ring(id: "ring_a") { summary(first: 10) {
            identifiers { kind value members } ties { left right members } } } }"""
    )["ring"]["summary"]

    drawn = [(one["kind"], one["value"]) for one in summary["identifiers"]]
    assert ("device", "dev_1") in drawn
    for tie in summary["ties"]:
        assert 0 <= tie["left"] < tie["right"] < len(drawn)
        assert tie["members"] >= 1
    device, place = drawn.index(("device", "dev_1")), drawn.index(("ip", "10.0.0.1"))
    assert {"left": min(device, place), "right": max(device, place), "members": 3} in summary[
        "ties"
    ]


def test_members_are_narrowed_to_those_that_carry_an_identifier(api: LiveApi) -> None:
    found = api.ask('{ search(term: "dev_1", first: 1) { nodes { ... on Identifier { id } } } }')
    device = found["search"]["nodes"][0]["id"]

    members = api.ask(
        """query ($device: ID!) { ring(id: "ring_a") { members(first: 10, carrying: $device) {
            totalCount nodes { account { accountId } } } } }""",
        device=device,
    )["ring"]["members"]

    names = sorted(node["account"]["accountId"] for node in members["nodes"])
    assert (members["totalCount"], names) == (3, ["acct_1", "acct_2", "acct_3"])


def test_members_that_carry_what_is_no_identifier_are_refused(api: LiveApi) -> None:
    ring = api.ask('{ ring(id: "ring_a") { id } }')["ring"]["id"]

    error = api.refused(
        """query ($id: ID!) { ring(id: "ring_a") { members(first: 1, carrying: $id) {
            totalCount } } }""",
        id=ring,
    )

    assert error["extensions"] == {"code": "invalid_input"}

"""Policies and their lists through GraphQL, and what sign-ups are answered by them afterwards."""

from base64 import urlsafe_b64decode
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from ringfence.domain.access import Scope
from ringfence.domain.policies import ReEntryDecisions
from ringfence.domain.screening_log import LoggedScreening
from ringfence.domain.screenings import Decision
from ringfence.screening.default_policy import default_policy
from ringfence.store.graph import Graph
from ringfence.store.screenings import save_screenings
from ringfence.usecases.api_keys import create_key
from ringfence.usecases.audit import read_log, verify
from tests.api.conftest import wait_until
from tests.api.live import LiveApi, live_api
from tests.api.small_graph import Writer, write_small_graph
from tests.conftest import Neo4jServer
from tests.screening.policies_by_hand import policy
from tests.store.drawn_screenings import screening

FIELDS = "id policyId version mode name document contentHash savedBy savedAt changedBy reason"
TOLD = "__typename ... on PolicyTaken { policy { %s } } ... on PolicyRefused { code message }"
RESULT = TOLD % FIELDS
SAVE = f"mutation ($input: SavePolicyInput!) {{ told: savePolicy(input: $input) {{ {RESULT} }} }}"
MOVE = f"mutation ($input: MovePolicyInput!) {{ told: %s(input: $input) {{ {RESULT} }} }}"
LIST = """query ($first: Int! = 9, $after: String) { policies(first: $first, after: $after) {
    totalCount nodes { policyId version mode } pageInfo { hasNextPage endCursor } } }"""
ONE = f"""query ($id: String!, $version: Int) {{
    policy(policyId: $id, version: $version) {{ {FIELDS} }} }}"""
TRIAL = """query ($id: String!, $version: Int, $last: Int! = 1000) {
    policyTrial(policyId: $id, version: $version, last: $last) {
        version attempts changed oldFriction newFriction moves { before then signUps }
        movesByCohort(first: 5) { cohort changed moves { before then signUps } }
        examples { attemptId before then codes } } }"""
ENTRY_RESULT = """__typename ... on ListEntryTaken { entry {
    list kind value version reason owner from until } }
    ... on ListEntryRefused { code message }"""
ADD = f"""mutation ($input: AddListEntryInput!) {{
    told: addListEntry(input: $input) {{ {ENTRY_RESULT} }} }}"""
REMOVE = f"""mutation ($input: RemoveListEntryInput!) {{
    told: removeListEntry(input: $input) {{ {ENTRY_RESULT} }} }}"""
ENTRIES = """query ($list: ListName!, $first: Int! = 9, $after: String) {
    policyListEntries(list: $list, first: $first, after: $after) { totalCount
        nodes { list kind value version reason owner from until }
        pageInfo { hasNextPage endCursor } } }"""
LATER = "2999-12-31"
ENTRY = {"list": "BLOCK", "kind": "device", "value": "dev_9", "reason": "a farm", "owner": "ana"}


@pytest.fixture
async def graph(neo4j_server: Neo4jServer, writer: Writer) -> AsyncIterator[Graph]:
    """An empty graph that these tests change."""
    assert writer
    server = neo4j_server
    async with Graph.connect(server.uri, server.user, server.password) as graph:
        yield graph


def document(policy_id: str = "ours", **changes: Any) -> str:
    return policy(id=policy_id, **changes).document()


def save(api: LiveApi, text: str) -> dict[str, Any]:
    told: dict[str, Any] = api.ask(SAVE, input={"document": text})["told"]
    return told


def move(
    api: LiveApi, act: str, version: int = 1, *, policy_id: str = "ours", reason: str = "tried"
) -> dict[str, Any]:
    asked = {"policyId": policy_id, "version": version, "reason": reason}
    told: dict[str, Any] = api.ask(MOVE % act, input=asked)["told"]
    return told


def listed(api: LiveApi) -> list[tuple[str, int, str]]:
    found = api.ask(LIST)["policies"]
    assert found["totalCount"] == len(found["nodes"])
    return [(one["policyId"], one["version"], one["mode"]) for one in found["nodes"]]


def add(api: LiveApi, **given: Any) -> dict[str, Any]:
    told: dict[str, Any] = api.ask(ADD, input=ENTRY | {"until": LATER} | given)["told"]
    return told


def remove(api: LiveApi, **given: Any) -> dict[str, Any]:
    asked = {name: ENTRY[name] for name in ("list", "kind", "value", "reason")}
    told: dict[str, Any] = api.ask(REMOVE, input=asked | given)["told"]
    return told


def values(api: LiveApi, list_name: str = "BLOCK") -> list[tuple[str, str]]:
    nodes = api.ask(ENTRIES, list=list_name)["policyListEntries"]["nodes"]
    return [(one["kind"], one["value"]) for one in nodes]


async def actions(graph: Graph) -> list[tuple[str, str]]:
    assert (await verify(graph)).fault is None
    return [(one.actor, one.action) async for one in read_log(graph) if "policy" in one.action]


@pytest.mark.usefixtures("writer")
def test_built_in_policy_is_told_while_it_answers(api: LiveApi) -> None:
    told = api.ask(ONE, id="default")["policy"]

    assert listed(api) == [("default", 0, "ENFORCED")]
    assert (told["mode"], told["savedBy"], told["savedAt"]) == ("ENFORCED", "ringfence", None)
    assert told["document"] == default_policy().document()
    save(api, document())
    move(api, "enforcePolicy")
    assert listed(api) == [("ours", 1, "ENFORCED")]
    assert api.ask(ONE, id="default", version=0)["policy"]["mode"] == "RETIRED"


async def test_policy_is_saved_retired_tried_out_again_and_enforced(
    api: LiveApi, graph: Graph
) -> None:
    saved = save(api, document())["policy"]
    again = save(api, document())["policy"]
    retired = move(api, "retirePolicy", reason="no use")["policy"]
    shadow = move(api, "shadowPolicy", reason="once more")["policy"]
    enforced = move(api, "enforcePolicy", reason=" an attack ")["policy"]
    other = save(api, document(burst=Decision.BLOCK))["policy"]
    move(api, "enforcePolicy", 2, reason="a worse one")

    assert again == saved
    assert (saved["policyId"], saved["version"], saved["mode"]) == ("ours", 1, "SHADOW")
    assert (saved["savedBy"], saved["changedBy"], saved["reason"]) == ("root", None, None)
    assert saved["document"] == document()
    assert (retired["mode"], retired["reason"]) == ("RETIRED", "no use")
    assert (shadow["mode"], shadow["reason"]) == ("SHADOW", "once more")
    assert (enforced["mode"], enforced["changedBy"]) == ("ENFORCED", "root")
    assert enforced["reason"] == "an attack"
    assert (other["version"], other["contentHash"] == saved["contentHash"]) == (2, False)
    assert listed(api) == [("ours", 1, "RETIRED"), ("ours", 2, "ENFORCED")]
    replaced = api.ask(ONE, id="ours", version=1)["policy"]
    assert replaced["reason"] == "ours 2 is enforced in its place: a worse one"
    assert await actions(graph) == [
        ("root", f"policy_{act}")
        for act in ("saved", "retired", "shadowed", "enforced", "saved", "retired", "enforced")
    ]


@pytest.mark.usefixtures("writer")
def test_policies_are_read_page_by_page_and_by_id(api: LiveApi) -> None:
    for name in ("a", "e"):
        save(api, document(name))
    save(api, document("a", burst=Decision.BLOCK))

    seen: list[tuple[str, int]] = []
    after = None
    for _ in range(4):
        page = api.ask(LIST, first=1, after=after)["policies"]
        seen += [(one["policyId"], one["version"]) for one in page["nodes"]]
        after = page["pageInfo"]["endCursor"]

    assert seen == [("a", 1), ("a", 2), ("default", 0), ("e", 1)]
    assert (page["totalCount"], page["pageInfo"]["hasNextPage"]) == (4, False)
    latest = api.ask(ONE, id="a")["policy"]
    built_in = api.ask(ONE, id="default")["policy"]
    assert latest["version"] == 2
    nodes = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Policy { policyId version } } }"
    api.graph.statements.clear()
    found = api.ask(nodes, ids=[latest["id"], built_in["id"], "UG9saWN5OngveA=="])["nodes"]
    assert found == [{"policyId": "a", "version": 2}, {"policyId": "default", "version": 0}, None]
    assert api.graph.statements == ["policies/find_many", "policies/find_by_mode"]


@pytest.mark.usefixtures("writer")
def test_unknown_policy_is_null(api: LiveApi) -> None:
    assert api.ask(ONE, id="theirs")["policy"] is None
    assert api.ask(ONE, id="default", version=7)["policy"] is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("no JSON", "document: JSON is malformed"),
        ("{}", "document: Object missing required field `id`"),
        (
            document().replace('"review":0.5', '"review":0.9'),
            "document: thresholds: got review 0.9, challenge 0.8, block 0.95",
        ),
        (
            document().replace('"burst":"review"', '"burst":"jail"'),
            "expected one of allow, review, challenge, block",
        ),
        (
            document().replace('"name":', '"mode":"enforced","name":'),
            "`mode`, which saving and enforcing set",
        ),
    ],
)
@pytest.mark.usefixtures("writer")
def test_document_that_is_no_policy_is_refused_by_field_and_not_saved(
    api: LiveApi, text: str, message: str
) -> None:
    refused = save(api, text)

    assert (refused["__typename"], refused["code"]) == ("PolicyRefused", "INVALID_INPUT")
    assert message in refused["message"]
    assert listed(api) == [("default", 0, "ENFORCED")]


async def test_what_the_mode_does_not_allow_is_refused_and_changes_nothing(
    api: LiveApi, graph: Graph
) -> None:
    save(api, document())
    move(api, "enforcePolicy")
    before = await actions(graph)

    told = [
        move(api, "enforcePolicy"),
        move(api, "retirePolicy"),
        move(api, "shadowPolicy"),
        move(api, "enforcePolicy", 2),
        move(api, "enforcePolicy", 0, policy_id="default"),
        move(api, "enforcePolicy", reason=" "),
        move(api, "enforcePolicy", reason="x" * 1_001),
    ]

    assert [one["code"] for one in told] == [
        *["CONFLICT"] * 3,
        *["NOT_FOUND"] * 2,
        *["INVALID_INPUT"] * 2,
    ]
    assert "is enforced already" in told[0]["message"]
    assert "ringfence policies" not in told[3]["message"]
    assert listed(api) == [("ours", 1, "ENFORCED")]
    assert await actions(graph) == before


@pytest.mark.usefixtures("writer")
def test_no_more_than_five_shadows_are_saved(api: LiveApi) -> None:
    for name in "abcde":
        save(api, document(name))

    refused = save(api, document("f"))

    assert refused["code"] == "CONFLICT"
    assert "5 policies are shadows already" in refused["message"]


async def test_policy_is_tried_on_the_last_sign_ups(api: LiveApi, graph: Graph) -> None:
    answers = [screening(f"s{n}", minutes=n, ring_id="ring_a") for n in range(3)]
    await save_screenings(graph, [LoggedScreening(answer) for answer in answers])
    save(api, document(re_entry=ReEntryDecisions(likely=Decision.REVIEW)))

    told = api.ask(TRIAL, id="ours")["policyTrial"]
    two = api.ask(TRIAL, id="ours", version=1, last=2)["policyTrial"]

    moves = [{"before": "BLOCK", "then": "REVIEW", "signUps": 3}]
    assert told == {
        "version": 1,
        "attempts": 3,
        "changed": 3,
        "oldFriction": 1.0,
        "newFriction": 0.0,
        "moves": moves,
        "movesByCohort": [{"cohort": "country=FR plan=free", "changed": 3, "moves": moves}],
        "examples": [
            {
                "attemptId": f"attempt of s{n}",
                "before": "BLOCK",
                "then": "REVIEW",
                "codes": told["examples"][0]["codes"],
            }
            for n in (2, 1, 0)
        ],
    }
    assert told["examples"][0]["codes"]
    assert (two["attempts"], [one["attemptId"] for one in two["examples"]]) == (
        2,
        ["attempt of s2", "attempt of s1"],
    )
    assert [action for _, action in await actions(graph)] == ["policy_saved"]


@pytest.mark.usefixtures("writer")
def test_trial_of_nothing_or_of_too_much_is_refused(api: LiveApi) -> None:
    save(api, document())

    codes = [api.refused(TRIAL, id="ours", last=last)["extensions"]["code"] for last in (0, 10_001)]

    assert codes == ["invalid_input"] * 2
    assert api.refused(TRIAL, id="theirs")["extensions"] == {"code": "not_found"}
    assert api.ask(TRIAL, id="ours")["policyTrial"]["attempts"] == 0


@pytest.mark.usefixtures("writer")
def test_trial_costs_what_it_reads(api: LiveApi) -> None:
    save(api, document())
    query = '{ policyTrial(policyId: "ours") { attempts } }'

    cost = api.post_query(query).json()["extensions"]["cost"]["requested"]

    assert cost == 5_001
    many = " ".join(f't{n}: policyTrial(policyId: "ours") {{ attempts }}' for n in range(10))
    assert api.refused(f"{{ {many} }}")["extensions"]["code"] == "limit_exceeded"


async def test_entry_is_put_on_a_list_and_taken_off(api: LiveApi, graph: Graph) -> None:
    first = add(api)["entry"]
    longer = add(api, **{"from": "2999-01-01"})["entry"]
    network = add(api, list="ALLOW", kind="ip", value="203.0.113.0/24")["entry"]

    assert first == ENTRY | {"version": 1, "from": None, "until": LATER}
    assert (longer["version"], longer["from"]) == (2, "2999-01-01")
    assert network["value"] == "203.0.113.0/24"
    assert values(api) == [("device", "dev_9")]
    assert values(api, "ALLOW") == [("ip", "203.0.113.0/24")]
    assert remove(api, reason="sold")["entry"] == longer
    assert values(api) == []
    recorded = [
        (one.actor, one.action, one.subject.partition(":")[0], orjson.loads(one.detail)["reason"])
        async for one in read_log(graph)
        if one.action.startswith("list_")
    ]
    assert recorded == [
        ("root", "list_entry_added", "block", "a farm"),
        ("root", "list_entry_added", "block", "a farm"),
        ("root", "list_entry_added", "allow", "a farm"),
        ("root", "list_entry_removed", "block", "sold"),
    ]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"until": "2020-01-01"}, "until: 2020-01-01 is over"),
        ({"from": "2999-12-31", "until": "2999-12-30"}, "lies before from"),
        ({"kind": "ip", "value": "nowhere"}, "block list, value"),
        ({"kind": "No Kind"}, "block list, kind"),
        ({"reason": " "}, "block list, reason: got 0 characters"),
        ({"owner": "x" * 1_001}, "block list, owner: got 1,001 characters"),
    ],
)
@pytest.mark.usefixtures("writer")
def test_entry_that_is_none_is_refused_and_not_kept(
    api: LiveApi, given: dict[str, str], message: str
) -> None:
    refused = add(api, **given)

    assert (refused["__typename"], refused["code"]) == ("ListEntryRefused", "INVALID_INPUT")
    assert message in refused["message"]
    assert values(api) == []


@pytest.mark.usefixtures("writer")
def test_entry_that_is_not_on_the_list_is_not_taken_off(api: LiveApi) -> None:
    add(api)

    told = [remove(api, value="other"), remove(api, list="ALLOW"), remove(api, reason="")]

    assert [one["code"] for one in told] == ["NOT_FOUND", "NOT_FOUND", "INVALID_INPUT"]
    assert values(api) == [("device", "dev_9")]


PERSONAL = {
    "email": ("maria@mailhub.example", "ma…@mailhub.example"),
    "ip": ("203.0.113.77", "203.0.113.…"),
    "phone": ("+4915112345678", "+49151…"),
}


def personal_entries(api: LiveApi) -> None:
    add(api)
    for kind, (value, _) in PERSONAL.items():
        assert add(api, kind=kind, value=value)["__typename"] == "ListEntryTaken"


async def asked_with(
    api: LiveApi, graph: Graph, query: str, scopes: set[Scope], **variables: Any
) -> httpx.Response:
    """The answer to a key of some scopes that gives a reason."""
    _, key = await create_key(graph, "k", frozenset(scopes), now=datetime.now(UTC), by="ana")
    told = {"query": query, "variables": variables}
    headers = {"Authorization": f"Bearer {key}", "X-Reveal-Reason": "an appeal"}
    async with httpx.AsyncClient(base_url=api.url, headers=headers) as client:
        return await client.post("/graphql", json=told)


async def test_contact_data_on_lists_is_masked_without_the_scope(
    api: LiveApi, graph: Graph
) -> None:
    personal_entries(api)

    masked = await asked_with(api, graph, ENTRIES, {Scope.READ}, list="BLOCK")
    full = await asked_with(api, graph, ENTRIES, {Scope.READ, Scope.PERSONAL_DATA}, list="BLOCK")

    told, seen = (
        {one["kind"]: one["value"] for one in answer.json()["data"]["policyListEntries"]["nodes"]}
        for answer in (masked, full)
    )
    assert told == {"device": "dev_9"} | {kind: mask for kind, (_, mask) in PERSONAL.items()}
    assert seen == {"device": "dev_9"} | {kind: value for kind, (value, _) in PERSONAL.items()}
    revealed = [
        orjson.loads(one.detail)
        async for one in read_log(graph)
        if one.action == "personal_data_revealed" and one.actor != "root"
    ]
    assert [sorted(one["kinds"]) for one in revealed] == [sorted(PERSONAL)]
    assert not [value for value, _ in PERSONAL.values() if value in repr(revealed)]


@pytest.mark.usefixtures("writer")
def test_lists_are_read_page_by_page_and_cursors_tell_nothing(api: LiveApi) -> None:
    personal_entries(api)
    kinds: list[str] = []
    after = None

    for _ in range(4):
        page = api.ask(ENTRIES, list="BLOCK", first=1, after=after)["policyListEntries"]
        kinds += [one["kind"] for one in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        padded = after + "=" * (-len(after) % 4)
        assert b"maria" not in urlsafe_b64decode(padded)

    assert kinds == ["device", "email", "ip", "phone"]
    assert (page["totalCount"], page["pageInfo"]["hasNextPage"]) == (4, False)


@pytest.mark.parametrize(
    ("query", "variables", "held", "missing"),
    [
        (LIST, {}, set(Scope) - {Scope.READ}, "read"),
        (TRIAL, {"id": "ours"}, set(Scope) - {Scope.READ}, "read"),
        (ENTRIES, {"list": "BLOCK"}, set(Scope) - {Scope.READ}, "read"),
        (SAVE, {"input": {"document": document()}}, set(Scope) - {Scope.ADMINISTER}, "administer"),
        (SAVE, {"input": {"document": document()}}, {Scope.ADMINISTER}, "read"),
        (
            MOVE % "enforcePolicy",
            {"input": {"policyId": "ours", "version": 1, "reason": "r"}},
            {Scope.READ, Scope.SCREENING, Scope.VERDICT},
            "administer",
        ),
        (
            ADD,
            {"input": ENTRY | {"until": LATER}},
            set(Scope) - {Scope.ADMINISTER},
            "administer",
        ),
    ],
    ids=["list", "trial", "entries", "save", "save blindly", "enforce", "add"],
)
async def test_scope_that_is_missing_refuses_the_whole_operation(
    api: LiveApi,
    graph: Graph,
    query: str,
    variables: dict[str, Any],
    held: set[Scope],
    missing: str,
) -> None:
    answer = await asked_with(api, graph, query, held, **variables)

    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["extensions"]) == (403, {"code": "not_permitted"})
    assert f"`{missing}`" in error["message"]
    assert listed(api) == [("default", 0, "ENFORCED")]
    assert values(api) == []


async def test_who_acts_is_who_asks(api: LiveApi, graph: Graph) -> None:
    scopes = {Scope.READ, Scope.ADMINISTER}

    answer = await asked_with(api, graph, SAVE, scopes, input={"document": document()})

    saved_by = answer.json()["data"]["told"]["policy"]["savedBy"]
    assert saved_by.startswith("key_")
    assert await actions(graph) == [(saved_by, "policy_saved")]


@pytest.fixture
def own_screening_api(
    writer: Writer, neo4j_server: Neo4jServer, tmp_path: Path
) -> Iterator[LiveApi]:
    """An API that checks sign-ups against the small graph without its mark, which is changed."""
    write_small_graph(writer)
    writer.run("MATCH (n:SmallGraph) REMOVE n:SmallGraph")
    server = neo4j_server
    with live_api(server.uri, server.user, server.password, screening=tmp_path / "s") as api:
        wait_until(lambda: api.client.get("/v1/screenings/status").json()["state"] == "ready")
        yield api


def screened(api: LiveApi, **given: str) -> dict[str, Any]:
    told: dict[str, Any] = api.client.post(
        "/v1/screenings", json={"attempt_id": "try_1", **given}
    ).json()
    return told


def test_policy_that_is_enforced_answers_the_next_sign_ups(own_screening_api: LiveApi) -> None:
    api = own_screening_api
    before = screened(api, device_id="dev_1")
    lenient = {"review": 0.99999, "challenge": 1.0, "block": 1.0}
    draft = orjson.loads(default_policy().document()) | {
        "id": "lenient",
        "name": "Lenient",
        "thresholds": lenient,
        "burst": "allow",
        "overrides": [],
    }

    save(api, orjson.dumps(draft).decode())
    move(api, "enforcePolicy", policy_id="lenient")

    wait_until(lambda: screened(api, device_id="dev_1")["policy"]["id"] == "lenient")
    after = screened(api, device_id="dev_1")
    assert (before["policy"]["id"], before["decision"]) in [
        ("default", "review"),
        ("default", "challenge"),
    ]
    assert (after["policy"]["version"], after["decision"]) == (1, "allow")


def test_entry_of_a_list_answers_the_next_sign_ups(own_screening_api: LiveApi) -> None:
    api, numbers = own_screening_api, count()

    def by_mail(host: str) -> str:
        """The answer to an address that has not signed up before, and so is in no burst."""
        told: str = screened(api, email=f"mia.{next(numbers)}@{host}")["decision"]
        return told

    assert by_mail("mailhub.example") == "allow"
    assert screened(api, device_id="dev_1")["decision"] != "allow"

    add(api, kind="email_domain", value="mailhub.example")
    add(api, list="ALLOW", kind="device", value="dev_1")

    wait_until(lambda: by_mail("mailhub.example") == "block")
    wait_until(lambda: screened(api, device_id="dev_1")["decision"] == "allow")
    assert by_mail("other.example") == "allow"
    remove(api, kind="email_domain", value="mailhub.example")
    wait_until(lambda: by_mail("mailhub.example") == "allow")

"""Who may do what: every route and every field with every scope, and with every bad credential."""

import asyncio
import base64
import hmac
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from fastapi import FastAPI
from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLNonNull,
    get_named_type,
    is_required_argument,
    is_required_input_field,
)
from websockets.asyncio.client import connect as connect_socket
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from ringfence.api.access import expect_declared
from ringfence.api.graphql.permissions import NEEDED
from ringfence.api.graphql.schema import build_schema
from ringfence.api.oidc import OidcSettings
from ringfence.domain.access import Scope
from ringfence.store.api_keys import ApiKey
from ringfence.store.graph import Graph
from ringfence.usecases.api_keys import create_key, end_key, rotate_key
from ringfence.usecases.migrate import migrate
from tests.api.issuer import AUDIENCE, ISSUER, Issuer
from tests.api.live import API_KEY, LiveApi, live_api
from tests.conftest import Neo4jServer, clear, connect

SCHEMA = build_schema(introspection=True)._schema  # noqa: SLF001 - the schema that is walked
READ_FIELDS = {"Query", "Subscription"}
OF_SCREENING = {"reportOutcome", "screenSignUp"}
ROOTS = [
    (root.name, name)
    for root in (SCHEMA.query_type, SCHEMA.mutation_type, SCHEMA.subscription_type)
    if root
    for name in root.fields
]
ROUTES = {
    ("GET", "/healthz"): "anyone",
    ("GET", "/readyz"): "anyone",
    ("GET", "/openapi.json"): Scope.READ,
    ("GET", "/metrics"): Scope.READ,
    ("POST", "/v1/events"): Scope.INGEST,
    ("POST", "/v1/screenings"): Scope.SCREENING,
    ("GET", "/v1/screenings/status"): Scope.SCREENING,
    ("PATCH", "/v1/screenings/{screening_id}"): Scope.SCREENING,
    ("GET", "/v1/actions"): Scope.ACTIONS,
    ("POST", "/v1/appeals"): Scope.APPEALS,
    ("GET", "/v1/appeals/{appeal_id}"): Scope.APPEALS,
    ("POST", "/v1/appeals/{appeal_id}/decision"): Scope.TAKEDOWN_APPROVE,
    ("POST", "/v1/standings"): Scope.INGEST,
    ("POST", "/v1/takedowns/{takedown_id}/receipts"): Scope.ACTIONS,
    ("GET", "/graphql?query={__typename}"): "known",
    ("POST", "/graphql"): "known",
    ("GET", "/nowhere"): "known",
}
ONE = {f"only {scope}": frozenset({scope}) for scope in Scope}
ALL_BUT = {f"all but {scope}": frozenset(Scope) - {scope} for scope in Scope}
HOLDERS = ONE | ALL_BUT | {"all": frozenset(Scope)}


def needed_by(root: str, name: str) -> Scope:
    """What the design says: to look needs `read`, to change `verdict` or a scope of its own."""
    if name in OF_SCREENING:
        return Scope.SCREENING
    if ("Policy" in name or "ListEntry" in name) and root == "Mutation":
        return Scope.ADMINISTER
    if "Appeal" in name and root == "Mutation":
        return Scope.APPEALS if name == "openAppeal" else Scope.TAKEDOWN_APPROVE
    if "Takedown" in name and root == "Mutation":
        approves = name == "approveTakedown"
        return Scope.TAKEDOWN_APPROVE if approves else Scope.TAKEDOWN_PLAN
    return Scope.READ if root in READ_FIELDS else Scope.VERDICT


def example_of(kind: GraphQLInputType, name: str) -> str:
    """A value of a type, as small as it may be."""
    inner = get_named_type(kind)
    if isinstance(inner, GraphQLInputObjectType):
        fields = {at: told for at, told in inner.fields.items() if is_required_input_field(told)}
        return (
            "{"
            + ", ".join(f"{at}: {example_of(told.type, at)}" for at, told in fields.items())
            + "}"
        )
    if isinstance(inner, GraphQLEnumType):
        return str(next(iter(inner.values)))
    if inner.name == "Date":
        return '"2999-12-31"'
    value = "1" if inner.name in ("Int", "Float", "Count") else '"x"'
    return f"[{value}]" if str(kind).startswith("[") and isinstance(kind, GraphQLNonNull) else value


def document_of(root: str, name: str) -> str:
    """The least that asks for a field of a root; what is followed ends at once by its cursor."""
    kind: Any = SCHEMA.get_type(root)
    told = kind.fields[name]
    arguments: dict[str, GraphQLArgument] = {
        at: one for at, one in told.args.items() if is_required_argument(one)
    }
    if root == "Subscription":
        arguments["after"] = told.args["after"]
    given = ", ".join(f"{at}: {example_of(one.type, at)}" for at, one in arguments.items())
    inside = " { __typename }" if hasattr(get_named_type(told.type), "name") else ""
    call = f"{name}({given})" if given else name
    return f"{root.lower()} {{ {call}{inside} }}"


class Caller:
    """A client that presents one credential."""

    def __init__(self, url: str, presented: str | None) -> None:
        self._url = url
        self._presented = presented

    def ask(
        self, method: str, path: str, told: object, *, accept: str = "application/json"
    ) -> httpx.Response:
        headers = {"Accept": accept, "Content-Type": "application/json"}
        if self._presented is not None:
            headers["Authorization"] = f"Bearer {self._presented}"
        content = orjson.dumps(told) if method in ("POST", "PATCH") else None
        return httpx.request(method, self._url + path, content=content, headers=headers, timeout=30)

    def codes(
        self, document: str, *, accept: str = "application/json", name: str | None = None
    ) -> tuple[int, set[str]]:
        answer = self.ask(
            "POST", "/graphql", {"query": document, "operationName": name}, accept=accept
        )
        text = answer.text.partition("data: ")[2].partition("\n")[0] or answer.text
        told = orjson.loads(text)
        return answer.status_code, {one["extensions"]["code"] for one in told.get("errors", ())}

    def status(self, method: str, path: str) -> int:
        told: object = {"query": "{ __typename }"} if path == "/graphql" else []
        return self.ask(method, path, told).status_code


@pytest.fixture(scope="module")
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture(scope="module")
def guarded(
    neo4j_server: Neo4jServer, tmp_path_factory: pytest.TempPathFactory, issuer: Issuer
) -> Iterator[LiveApi]:
    file: Path = tmp_path_factory.mktemp("issuer") / "keys.json"
    file.write_bytes(orjson.dumps(issuer.key_set()))
    asyncio.run(_emptied(neo4j_server))
    with live_api(
        neo4j_server.uri,
        neo4j_server.user,
        neo4j_server.password,
        oidc=OidcSettings(ISSUER, AUDIENCE, str(file)),
    ) as api:
        yield api


async def _emptied(server: Neo4jServer) -> None:
    async with connect(server) as graph:
        await clear(graph)
        await migrate(graph)


def minted(
    server: Neo4jServer, scopes: frozenset[Scope], *, age: timedelta = timedelta()
) -> tuple[ApiKey, str]:
    async def mint() -> tuple[ApiKey, str]:
        now = datetime.now(UTC) - age
        async with connect(server) as graph:
            return await create_key(graph, "k", scopes, now=now, by="ana", lives=timedelta(days=1))

    return asyncio.run(mint())


@pytest.fixture(scope="module")
def callers(guarded: LiveApi, neo4j_server: Neo4jServer) -> dict[str, Caller]:
    return {
        name: Caller(guarded.url, minted(neo4j_server, scopes)[1])
        for name, scopes in HOLDERS.items()
    }


@pytest.mark.parametrize("holder", HOLDERS)
@pytest.mark.parametrize(("root", "name"), ROOTS, ids=".".join)
def test_field_is_answered_to_holders_of_its_scope_alone(
    callers: dict[str, Caller], holder: str, root: str, name: str
) -> None:
    accept = "text/event-stream" if root == "Subscription" else "application/json"

    status, codes = callers[holder].codes(document_of(root, name), accept=accept)

    if needed_by(root, name) in HOLDERS[holder]:
        assert "not_permitted" not in codes
        assert status == 200
    else:
        assert codes == {"not_permitted"}
        assert status == (200 if root == "Subscription" else 403)


@pytest.mark.parametrize("holder", HOLDERS)
@pytest.mark.parametrize(("method", "path"), ROUTES, ids=str)
def test_route_is_answered_to_holders_of_its_scope_alone(
    callers: dict[str, Caller], holder: str, method: str, path: str
) -> None:
    needed = ROUTES[method, path]

    status = callers[holder].status(method, path)

    may = not isinstance(needed, Scope) or needed in HOLDERS[holder]
    assert (status != 403) is may
    assert status != 401


def test_matrix_walks_every_route_and_every_field(guarded: LiveApi) -> None:
    described = guarded.client.get("/openapi.json").json()["paths"]
    walked = {(method, path.partition("?")[0]) for method, path in ROUTES}

    routes = {(method.upper(), path) for path, told in described.items() for method in told}

    assert routes <= walked
    assert {f"{root}.{name}" for root, name in ROOTS} == {
        name for name in NEEDED if name.partition(".")[0] in READ_FIELDS | {"Mutation"}
    }
    for name in NEEDED:
        kind: Any = SCHEMA.get_type(name.partition(".")[0])
        assert name.partition(".")[2] in kind.fields, name


def test_route_without_a_scope_stops_the_start() -> None:
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.add_api_route("/v1/forgotten", lambda: None, methods=["POST"])

    with pytest.raises(LookupError, match="POST /v1/forgotten"):
        expect_declared(app)


ADD = 'addNote(input: {ringId: "r", text: "t"}) { __typename }'
HIDDEN = [
    f"mutation {{ a: {ADD} }}",
    f"mutation {{ ...F }} fragment F on Mutation {{ {ADD} }}",
    f"mutation {{ ... on Mutation {{ ... {{ {ADD} }} }} }}",
    f"mutation {{ __typename b: {ADD.replace(') {', ') @skip(if: true) {')} }}",
    f"mutation {{ ...F }} fragment F on Mutation {{ ...G }} fragment G on Mutation {{ x: {ADD} }}",
    f"query Q {{ __typename }} mutation M {{ {ADD} }}",
]


@pytest.mark.parametrize("document", HIDDEN)
def test_field_is_seen_wherever_it_hides(callers: dict[str, Caller], document: str) -> None:
    status, codes = callers["only read"].codes(
        document, name="M" if "query Q" in document else None
    )

    assert (status, codes) == (403, {"not_permitted"})


def test_change_gives_nothing_back_of_the_graph_without_the_scope_to_read(
    callers: dict[str, Caller],
) -> None:
    document = (
        'mutation { confirmRing(input: {ringId: "r", reason: "seen"}) { __typename '
        "... on RingJudged { ring { ringId } } } }"
    )

    assert callers["only verdict"].codes(document) == (403, {"not_permitted"})
    assert callers["all but read"].codes(document)[0] == 403
    assert callers["all"].codes(document)[0] == 200


def test_refusal_names_the_scope_and_answers_nothing(callers: dict[str, Caller]) -> None:
    document = "{ rings(first: 1) { nodes { ringId } } }"

    answer = callers["only ingest"].ask("POST", "/graphql", {"query": document})

    (error,) = answer.json()["errors"]
    assert "`read`" in error["message"]
    assert not answer.json().get("data")
    events = callers["only read"].ask("POST", "/v1/events", [])
    assert events.headers["content-type"] == "application/problem+json"
    assert "`ingest`" in events.json()["detail"]


def unsigned(claims: dict[str, object]) -> str:
    parts = [orjson.dumps(part) for part in ({"alg": "none", "typ": "JWT"}, claims)]
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts) + "."


def signed_with_public_key(issuer: Issuer) -> str:
    """The public key taken for a shared secret: an old attack."""
    public = issuer.keys["RS256"].public_key()
    secret = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "eve", "exp": int(time.time()) + 300}
    head = {"alg": "HS256", "kid": "RS256"}
    text = ".".join(
        base64.urlsafe_b64encode(orjson.dumps(part)).decode().rstrip("=")
        for part in (head, claims | {"iat": 1})
    )
    seal = hmac.new(secret, text.encode(), sha256).digest()
    return f"{text}.{base64.urlsafe_b64encode(seal).decode().rstrip('=')}"


def tampered(token: str) -> str:
    head, _, seal = token.split(".")
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "eve", "scope": "administer"}
    now = int(time.time())
    body = orjson.dumps(claims | {"iat": now, "exp": now + 300})
    return f"{head}.{base64.urlsafe_b64encode(body).decode().rstrip('=')}.{seal}"


async def _act(server: Neo4jServer, key_id: str, act: str) -> None:
    async with connect(server) as graph:
        now = datetime.now(UTC)
        if act == "revoke":
            await end_key(graph, key_id, now=now, by="ana")
        else:
            await rotate_key(graph, key_id, now=now, by="ana", overlap=timedelta())


@pytest.fixture(scope="module")
def bad(neo4j_server: Neo4jServer, issuer: Issuer) -> dict[str, str | None]:
    """Credentials that open nothing."""
    now = int(time.time())
    everything = frozenset(Scope)
    expired = minted(neo4j_server, everything, age=timedelta(days=2))[1]
    revoked, revoked_text = minted(neo4j_server, everything)
    rotated, rotated_text = minted(neo4j_server, everything)
    asyncio.run(_act(neo4j_server, revoked.id, "revoke"))
    asyncio.run(_act(neo4j_server, rotated.id, "rotate"))
    sound, sound_text = minted(neo4j_server, everything)
    return {
        "no key": None,
        "a wrong key": "wrong",
        "part of the root key": API_KEY[:-1],
        "an expired key": expired,
        "a revoked key": revoked_text,
        "a rotated key after its overlap": rotated_text,
        "a key with another secret": sound_text[:-4] + "AAAA",
        "the id of a key": sound.id,
        "an unknown key": f"rf_{'0' * 12}_{'a' * 43}",
        "a token of a foreign issuer": Issuer("https://evil.example").token(),
        "a token of a foreign issuer that bears our issuer's name": Issuer().token(),
        "a token that names another issuer": issuer.token(iss="https://evil.example"),
        "a token for another audience": issuer.token(aud="other"),
        "a token without audience": issuer.token(aud=None),
        "an expired token": issuer.token(exp=now - 60),
        "a token without end": issuer.token(exp=None),
        "a token of tomorrow": issuer.token(nbf=now + 3600),
        "a token issued tomorrow": issuer.token(iat=now + 3600),
        "a token without subject": issuer.token(sub=None),
        "a token with an unknown kid": issuer.token(kid="other"),
        "a token with the kid of another key": issuer.token("ES256", kid="RS256"),
        "a token without signature": unsigned(
            {"iss": ISSUER, "aud": AUDIENCE, "sub": "eve", "iat": now, "exp": now + 300}
        ),
        "a token signed with the public key": signed_with_public_key(issuer),
        "a token with other claims": tampered(issuer.token()),
        "dots": "a.b.c",
    }


BAD = [
    "no key",
    "a wrong key",
    "part of the root key",
    "an expired key",
    "a revoked key",
    "a rotated key after its overlap",
    "a key with another secret",
    "the id of a key",
    "an unknown key",
    "a token of a foreign issuer",
    "a token of a foreign issuer that bears our issuer's name",
    "a token that names another issuer",
    "a token for another audience",
    "a token without audience",
    "an expired token",
    "a token without end",
    "a token of tomorrow",
    "a token issued tomorrow",
    "a token without subject",
    "a token with an unknown kid",
    "a token with the kid of another key",
    "a token without signature",
    "a token signed with the public key",
    "a token with other claims",
    "dots",
]


@pytest.mark.parametrize("credential", BAD)
@pytest.mark.parametrize(("method", "path"), ROUTES, ids=str)
def test_bad_credential_opens_only_what_is_open_to_anyone(
    guarded: LiveApi, bad: dict[str, str | None], credential: str, method: str, path: str
) -> None:
    caller = Caller(guarded.url, bad[credential])

    status = caller.status(method, path)

    assert status == (200 if ROUTES[method, path] == "anyone" else 401)


def test_all_bad_credentials_are_tried(bad: dict[str, str | None]) -> None:
    assert list(bad) == BAD


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
def test_token_of_the_issuer_opens_what_its_scopes_say(
    guarded: LiveApi, issuer: Issuer, algorithm: str
) -> None:
    caller = Caller(guarded.url, issuer.token(algorithm))

    assert caller.codes("{ rings(first: 1) { nodes { ringId } } }") == (200, set())
    assert caller.status("POST", "/v1/events") == 403


@pytest.mark.parametrize(
    ("scope", "may"),
    [
        ("read", True),
        (["read", "ingest"], True),
        ("", False),
        ([], False),
        (None, False),
        (5, False),
        ("READ", False),
        ({"read": True}, False),
        (["x", 5, None], False),
    ],
)
def test_scopes_are_read_from_text_or_list_and_nothing_else(
    guarded: LiveApi, issuer: Issuer, scope: object, may: bool
) -> None:
    caller = Caller(guarded.url, issuer.token(scope=scope))

    status, _ = caller.codes("{ rings(first: 1) { nodes { ringId } } }")

    assert (status == 200) is may


async def test_revoked_key_dies_within_seconds_though_it_is_remembered(
    guarded: LiveApi, graph: Graph
) -> None:
    key, text = await create_key(
        graph, "k", frozenset({Scope.READ}), now=datetime.now(UTC), by="ana"
    )
    caller = Caller(guarded.url, text)
    document = "{ rings(first: 1) { nodes { ringId } } }"
    assert (await asyncio.to_thread(caller.codes, document))[0] == 200

    await end_key(graph, key.id, now=datetime.now(UTC), by="ana")

    for _ in range(70):
        if await asyncio.to_thread(caller.status, "POST", "/graphql") == 401:
            break
        await asyncio.sleep(0.1)
    else:
        pytest.fail("a revoked key still opens after seven seconds")


async def test_socket_without_a_key_is_answered_nothing(guarded: LiveApi) -> None:
    url = f"{guarded.url.replace('http', 'ws')}/graphql"
    subprotocols = [Subprotocol("graphql-transport-ws")]

    async with connect_socket(url, subprotocols=subprotocols) as socket:
        await socket.send(orjson.dumps({"type": "connection_init"}).decode())
        with pytest.raises(ConnectionClosed) as closed:
            await socket.recv()

    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4403

"""Who a request comes from, and which scope each route of REST needs."""

import re
from collections.abc import Mapping
from hmac import compare_digest
from typing import Final

from fastapi import FastAPI
from starlette.routing import Route
from starlette.types import Scope as Asgi

from ringfence.api.keyring import Keyring
from ringfence.api.oidc import TokenReader
from ringfence.api.problems import Unauthenticated
from ringfence.domain.access import ROOT, Principal, Scope, expect_scopes
from ringfence.usecases.api_keys import split_key

OPEN: Final = None
"""Answered to anyone."""
FIELDS_DECIDE: Final = frozenset[Scope]()
"""Answered to every known caller; each field of GraphQL has a scope of its own."""
NEEDED: Final[Mapping[tuple[str, str], frozenset[Scope] | None]] = {
    ("GET", "/healthz"): OPEN,
    ("GET", "/readyz"): OPEN,
    ("GET", "/openapi.json"): frozenset({Scope.READ}),
    ("HEAD", "/openapi.json"): frozenset({Scope.READ}),
    ("GET", "/metrics"): frozenset({Scope.READ}),
    ("POST", "/v1/events"): frozenset({Scope.INGEST}),
    ("POST", "/v1/screenings"): frozenset({Scope.SCREENING}),
    ("GET", "/v1/screenings/status"): frozenset({Scope.SCREENING}),
    ("HEAD", "/v1/screenings/status"): frozenset({Scope.SCREENING}),
    ("PATCH", "/v1/screenings/{screening_id}"): frozenset({Scope.SCREENING}),
    ("GET", "/v1/actions"): frozenset({Scope.ACTIONS}),
    ("POST", "/v1/takedowns/{takedown_id}/receipts"): frozenset({Scope.ACTIONS}),
    ("POST", "/v1/standings"): frozenset({Scope.INGEST}),
    ("POST", "/v1/appeals"): frozenset({Scope.APPEALS}),
    ("GET", "/v1/appeals/{appeal_id}"): frozenset({Scope.APPEALS}),
    ("POST", "/v1/appeals/{appeal_id}/decision"): frozenset({Scope.TAKEDOWN_APPROVE}),
    ("POST", "/graphql"): FIELDS_DECIDE,
    ("GET", "/graphql"): FIELDS_DECIDE,
}
"""What each route needs, by method and path; a part in braces stands for any one part."""
OPEN_PATHS: Final = frozenset(path for (_, path), needed in NEEDED.items() if needed is OPEN)


def may_call(principal: Principal, asked: Asgi) -> None:
    """Return if the caller may use the route; what is no route is left to be answered 404 or 405.

    Raises:
        NotPermitted: it lacks a scope.
    """
    needed = NEEDED.get((asked["method"], asked["path"]))
    if needed is None:
        needed = _needed_by_pattern(asked["method"], asked["path"])
    expect_scopes(principal, needed or ())


def pattern_of(method: str, path: str) -> str | None:
    """The route with parts in braces that a path is one of, or None."""
    for pattern, route in _PATTERNS.get(method, ()):
        if pattern.fullmatch(path):
            return route
    return None


def _needed_by_pattern(method: str, path: str) -> frozenset[Scope] | None:
    route = pattern_of(method, path)
    return None if route is None else NEEDED[method, route]


def _patterns() -> Mapping[str, list[tuple[re.Pattern[str], str]]]:
    found: dict[str, list[tuple[re.Pattern[str], str]]] = {}
    for method, path in NEEDED:
        if "{" in path:
            pattern = re.compile(re.sub(r"\{\w+\}", "[^/]+", path))
            found.setdefault(method, []).append((pattern, path))
    return found


_PATTERNS: Final = _patterns()


def expect_declared(app: FastAPI) -> None:
    """Return if every route of the application has its scope in `NEEDED`.

    Raises:
        LookupError: one has none, and would be open to every known caller.
    """
    routes = [route for route in app.routes if isinstance(route, Route)]
    for route in routes:
        for method in route.methods or ():
            if (method, route.path) not in NEEDED:
                raise LookupError(f"{method} {route.path} has no scope in api/access.py")


class Access:
    """Makes principals of what callers present.

    Args:
        root_key: the key of the settings, which holds every scope.
        keyring: API keys.
        tokens: of an issuer, or None where none is set up.
    """

    def __init__(self, root_key: str, keyring: Keyring, tokens: TokenReader | None) -> None:
        self._root_key = root_key.encode()
        self._keyring = keyring
        self._tokens = tokens

    async def principal(self, presented: str) -> Principal:
        """Whoever presents this key or token.

        Raises:
            Unauthenticated: it opens nothing.
            GraphUnavailable: Neo4j is away, and the key is not remembered.
            IssuerUnavailable: the keys of the token's issuer cannot be had.
        """
        if compare_digest(presented.encode(), self._root_key):
            return ROOT
        if parts := split_key(presented):
            found = await self._keyring.principal(*parts)
            if found:
                return found
        elif self._tokens and presented.count(".") == 2:
            return await self._tokens.principal(presented)
        raise Unauthenticated(
            "Send an API key or a token as `Authorization: Bearer …`, or a key as `X-API-Key: …`."
        )

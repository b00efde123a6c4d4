"""Requests made up from the descriptions of the API: none breaks it, each answer keeps its form."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation, BaseSchema
from schemathesis.specs.openapi import checks

from tests.api.live import API_KEY, LiveApi

HEADERS = {"Authorization": f"Bearer {API_KEY}"}
EXAMPLES = 30
KEPT = [
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.response_headers_conformance,
]
"""What each answer keeps. That all that fits a schema is taken is not among it: an address that
does not parse is refused, though its schema says no more than text."""

bounded = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


Case = schemathesis.Case[Any]
Operation = APIOperation[Any, Any, Any, Any]
Check = Callable[[Case, schemathesis.Response], None]


def operations_of(schema: BaseSchema) -> Iterator[Operation]:
    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        yield found.ok()


def keeps_its_description(case: Case, answer: schemathesis.Response) -> None:
    case.validate_response(answer, checks=KEPT)


def answers_in_the_form_of_graphql(_: Case, answer: schemathesis.Response) -> None:
    told = answer.json()
    codes = {error["extensions"]["code"] for error in told.get("errors", [])}
    assert told.keys() <= {"data", "errors", "extensions"}
    assert "data" in told or codes
    assert codes <= {"invalid_query", "invalid_input", "limit_exceeded", "not_found", "conflict"}


def call(operation: Operation, check: Check) -> int:
    """Ask the operation with generated requests, and return how many there were."""
    asked = 0

    @bounded
    @given(case=operation.as_strategy())
    def ask(case: Case) -> None:
        nonlocal asked
        asked += 1
        response = case.call(headers=HEADERS)
        assert response.status_code < 500, response.text
        check(case, response)

    ask()
    return asked


def test_rest_keeps_its_description_whatever_is_asked(screening_api: LiveApi) -> None:
    schema = schemathesis.openapi.from_url(f"{screening_api.url}/openapi.json", headers=HEADERS)

    asked = {
        operation.label: call(operation, keeps_its_description)
        for operation in operations_of(schema)
        if operation.path != "/graphql"
    }

    assert {"POST /v1/events", "GET /healthz", "GET /readyz"} <= asked.keys()
    assert asked["POST /v1/events"] >= EXAMPLES
    assert asked["POST /v1/screenings"] >= EXAMPLES


@pytest.mark.usefixtures("small_graph")
def test_graphql_keeps_its_schema_whatever_is_asked(demo_api: LiveApi) -> None:
    schema = schemathesis.graphql.from_url(f"{demo_api.url}/graphql", headers=HEADERS)

    asked = {
        operation.label: call(operation, answers_in_the_form_of_graphql)
        for operation in operations_of(schema)
    }

    assert {"Query.rings", "Query.account", "Query.node"} <= asked.keys()

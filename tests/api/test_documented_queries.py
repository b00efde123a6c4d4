import re
from pathlib import Path

import pytest
from graphql import OperationType, build_schema, get_operation_ast, parse, validate

from tests.api.live import LiveApi

ROOT = Path(__file__).parents[2]
SCHEMA = build_schema((ROOT / "docs" / "schema.graphql").read_text("utf-8"))
PAGES = ("README.md", "docs/graphql.md", "docs/takedown.md")
QUERIES = [
    text
    for page in PAGES
    for text in re.findall(r"```graphql\n(.*?)```", (ROOT / page).read_text("utf-8"), re.DOTALL)
]


def test_pages_show_queries() -> None:
    assert len(QUERIES) >= 8


@pytest.mark.usefixtures("small_graph")
@pytest.mark.parametrize("text", QUERIES, ids=lambda text: text.strip()[:30])
def test_documented_query_fits_the_schema_and_runs(api: LiveApi, text: str) -> None:
    document = parse(text)
    operation = get_operation_ast(document)

    assert validate(SCHEMA, document) == []
    if operation and operation.operation is not OperationType.SUBSCRIPTION:
        api.ask(text, ring="ring_a")

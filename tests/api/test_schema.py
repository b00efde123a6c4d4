from itertools import pairwise
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ringfence.api.graphql.paging import COUNT_LIMIT, MAX_FIRST
from ringfence.api.graphql.query_page import example_queries
from ringfence.api.graphql.schema import build_schema
from ringfence.cli.main import PLACES, build_app
from ringfence.store.usage import MAX_DAYS
from tests.api.live import LiveApi

KEPT = Path(__file__).parents[2] / "docs" / "schema.graphql"
VARIABLES = {"ring": "ring_a", "a": "acct_1", "b": "acct_4", "account": "acct_1", "term": "dev_1"}


def test_kept_schema_is_that_of_the_code() -> None:
    kept = KEPT.read_text(encoding="utf-8")

    assert kept == build_schema(introspection=True).as_str() + "\n", (
        "write it anew with `ringfence schema -o docs/schema.graphql`, in the same commit"
    )


def test_schema_is_printed_or_written(tmp_path: Path) -> None:
    file = tmp_path / "schema.graphql"

    printed = CliRunner().invoke(build_app(PLACES), ["schema"])
    written = CliRunner().invoke(build_app(PLACES), ["schema", "-o", str(file)])

    assert (printed.exit_code, written.exit_code) == (0, 0)
    assert printed.stdout == file.read_text() == KEPT.read_text()


def test_every_type_field_argument_and_value_of_ours_is_described() -> None:
    lines = [line.strip() for line in KEPT.read_text(encoding="utf-8").splitlines()]
    opening = ("type ", "enum ", "input ", "interface ", "union ", "scalar ")

    undescribed = [
        line
        for above, line in pairwise(lines)
        if (line.startswith(opening) or ": " in line.rstrip(",{("))
        and not above.endswith('"""')
        and not line.startswith('"""')
        and '"""' not in line
        and line.split(" ")[0].rstrip(":(").isidentifier()
    ]

    assert undescribed == []


def test_limits_told_in_the_schema_are_those_kept() -> None:
    told = KEPT.read_text(encoding="utf-8")

    assert f"from 1 to {MAX_FIRST}." in told
    assert f"{MAX_FIRST} at the most" in told
    assert f"counted up to {COUNT_LIMIT:,} ({COUNT_LIMIT + 1:,} means more)" in told
    assert f"the latest {MAX_DAYS} days" in told


@pytest.mark.usefixtures("small_graph")
@pytest.mark.parametrize("title", example_queries())
def test_example_of_the_query_page_has_an_answer(demo_api: LiveApi, title: str) -> None:
    query = example_queries()[title]
    variables = {name: value for name, value in VARIABLES.items() if f"${name}:" in query}

    data = demo_api.ask(query, **variables)

    assert all(data.values())

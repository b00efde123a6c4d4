import re
from pathlib import Path

import pytest

from neo4j import GraphDatabase
from tests.conftest import Neo4jServer

CYPHER = Path(__file__).parents[2] / "cypher"
STATEMENTS = sorted(path for path in CYPHER.glob("*/*.cypher") if path.parent.name != "migrations")


def header(path: Path) -> str:
    lines = path.read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if line.startswith("//"))


def name_of(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


@pytest.mark.parametrize("path", STATEMENTS, ids=name_of)
def test_header_names_parameters_columns_and_mode(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    body = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("//"))

    told = header(path)

    assert re.search(r"\b(READ|WRITE)\b", told), "say READ or WRITE"
    assert "Returns" in told, "say what is returned"
    missing = {name for name in re.findall(r"\$(\w+)", body) if name not in told}
    assert not missing, f"parameters not described: {missing}"
    assert ";" not in body, "one statement a file"


@pytest.mark.parametrize("path", STATEMENTS, ids=name_of)
@pytest.mark.usefixtures("graph")
def test_statement_is_valid_and_scans_no_whole_graph(path: Path, neo4j_server: Neo4jServer) -> None:
    body = path.read_text(encoding="utf-8")
    parameters = dict.fromkeys(re.findall(r"\$(\w+)", body))

    with GraphDatabase.driver(
        neo4j_server.uri, auth=(neo4j_server.user, neo4j_server.password)
    ) as driver:
        summary = driver.execute_query("EXPLAIN " + body, parameters).summary

    assert "AllNodesScan" not in str(summary.plan)

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ringfence.cli.main import build_app
from ringfence.errors import InvalidInput
from ringfence.store.graph import Graph
from tests.cli.conftest import Ask
from tests.conftest import Neo4jServer
from tests.store.ring_dump import memberships


@pytest.fixture
async def ring_id(
    farms: Graph, ask: Ask, neo4j_server: Neo4jServer, monkeypatch: pytest.MonkeyPatch
) -> str:
    """The larger of two rings that a run found."""
    monkeypatch.setenv("RINGFENCE_IDENTIFIER_SECRET", "a secret of a test")
    monkeypatch.setenv("RINGFENCE_SHARING_SECRET", "the secret of all peers")
    assert (await farms.read("graph/count"))[0]["accounts"] == 250
    await ask("detect", "--json")
    sizes = {name: len(accounts) for name, accounts in (await memberships(neo4j_server)).items()}
    return max(sizes, key=lambda name: sizes[name])


async def test_dossier_is_made_here_and_verified_without_a_database(
    ask: Ask, ring_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = str(tmp_path / "ring.zip")

    made = json.loads((await ask("dossier", "make", ring_id, "-o", file, "--json")).stdout)

    for name in ("URI", "USER", "PASSWORD"):
        monkeypatch.setenv(f"RINGFENCE_NEO4J_{name}", "bolt://nowhere.invalid:1")
    told = await ask("dossier", "verify", file)
    as_json = await ask("dossier", "verify", file, "--root", made["root"], "--json")
    other = await ask("dossier", "verify", file, "--root", "0" * 64)
    assert (made["ring_id"], made["members"]) == (ring_id, 30)
    assert told.exit_code == 0
    assert f"Root hash {made['root']}" in told.stdout
    assert "Compare the root hash" in told.stdout
    assert json.loads(as_json.stdout) == {
        "intact": True,
        "root": made["root"],
        "ring_id": ring_id,
        "fault": None,
        "not_concluded": [],
    }
    assert other.exit_code == 1
    assert "expected 000" in other.stdout


def test_file_that_is_no_dossier_is_told(tmp_path: Path) -> None:
    file = tmp_path / "some.zip"
    file.write_bytes(b"no zip")

    told = CliRunner().invoke(build_app(["dossier"]), ["dossier", "verify", str(file)])
    gone = CliRunner().invoke(build_app(["dossier"]), ["dossier", "verify", str(tmp_path / "no")])

    assert told.exit_code == 1
    assert "the zip is damaged" in told.stdout
    assert isinstance(gone.exception, InvalidInput)


async def test_statement_of_an_unknown_takedown_is_refused(ask: Ask, ring_id: str) -> None:
    told = await ask("dossier", "statement", "take_1", ring_id)

    assert told.exit_code == 1
    assert "has no account" in str(told.exception)


async def test_bundle_is_exported_imported_and_matched(
    ask: Ask, ring_id: str, tmp_path: Path
) -> None:
    file = str(tmp_path / "ring.json")

    exported = await ask("stix", "export", ring_id, "-o", file, "--tlp", "amber+strict", "--json")
    imported = await ask("stix", "import", file, "--json")
    matched = await ask("stix", "match", ring_id)

    assert json.loads(exported.stdout)["indicators"] == 12
    assert json.loads(imported.stdout)["added"] == 12
    assert f"Ring {ring_id}: 12 of 12 identifiers seen by peers." in matched.stdout
    assert "TLP:AMBER+STRICT" in matched.stdout
    assert "It is possible that they know it." in matched.stdout


async def test_sharing_needs_the_secret_of_the_peers(
    ask: Ask, ring_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RINGFENCE_SHARING_SECRET")

    told = await ask("stix", "export", ring_id, "-o", str(tmp_path / "ring.json"))

    assert isinstance(told.exception, InvalidInput)
    assert "RINGFENCE_SHARING_SECRET has 0 characters" in str(told.exception)

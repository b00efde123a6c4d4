from pathlib import Path

import orjson
import pytest

from ringfence.errors import InvalidInput
from ringfence.store.graph import Graph
from ringfence.store.loading import save_events
from tests.cli.conftest import Ask
from tests.detection.drawing import Drawing


@pytest.mark.parametrize("command", [("backup",), ("restore", "--nobody-erased")])
async def test_server_of_the_users_own_is_left_to_its_own_tools(
    ask: Ask, tmp_path: Path, command: tuple[str, ...]
) -> None:
    told = await ask(*command, str(tmp_path / "kept"))

    assert isinstance(told.exception, InvalidInput)
    assert "docs/operations.md" in str(told.exception)
    assert not (tmp_path / "kept").exists()


@pytest.mark.parametrize("options", [(), ("--nobody-erased", "--erasures", "list")])
async def test_restore_asks_who_was_erased_since(
    ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]
) -> None:
    monkeypatch.delenv("RINGFENCE_NEO4J_URI")
    monkeypatch.setenv("RINGFENCE_HOME", str(tmp_path / "home"))

    told = await ask("restore", str(tmp_path / "kept"), *options)

    assert isinstance(told.exception, InvalidInput)
    assert "--nobody-erased if nobody was; not both" in str(told.exception)
    assert not (tmp_path / "home").exists()


async def test_list_of_erased_accounts_names_nobody(
    ask: Ask, graph: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RINGFENCE_IDENTIFIER_SECRET", "a secret of the tests")
    drawn = Drawing()
    drawn.sign_up("acct_1", device="dev_1")
    await save_events(graph, drawn.events)
    await ask("erase", "account", "acct_1", "--reason", "asked")

    told = await ask("erase", "list", "-o", str(tmp_path / "erased.ndjson"))

    (line,) = (tmp_path / "erased.ndjson").read_bytes().splitlines()
    assert told.exit_code == 0
    assert "1 erased accounts" in told.stdout
    assert set(orjson.loads(line)) == {"hash", "at", "key_id"}
    assert b"acct_1" not in line

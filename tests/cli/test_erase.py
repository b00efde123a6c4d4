from pathlib import Path

import orjson
import pytest

from ringfence.errors import Conflict, InvalidInput, NotFound
from ringfence.store.graph import Graph
from ringfence.store.loading import save_events
from tests.cli.conftest import Ask
from tests.detection.drawing import Drawing


@pytest.fixture
async def accounts(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> Graph:
    monkeypatch.setenv("RINGFENCE_IDENTIFIER_SECRET", "a secret of the tests")
    world = Drawing()
    for number in range(4):
        world.sign_up(f"acct_{number}", device=f"dev_{number}")
    await save_events(graph, world.events)
    return graph


@pytest.mark.usefixtures("accounts")
async def test_erasure_prints_receipts_that_can_be_shown_again(ask: Ask, tmp_path: Path) -> None:
    file = tmp_path / "ids.txt"
    file.write_text("acct_1\n\n acct_2 \n")

    told = await ask(
        "erase", "account", "acct_0", "--file", str(file), "--reason", "asked", "--json"
    )
    erased = orjson.loads(told.stdout)
    shown = await ask("erase", "receipt", erased[0]["receipt"]["id"], "--json")
    table = await ask("erase", "receipt", erased[0]["receipt"]["id"])

    assert told.exit_code == 0
    assert [(one["account_id"], one["outcome"]) for one in erased] == [
        ("acct_0", "erased"),
        ("acct_1", "erased"),
        ("acct_2", "erased"),
    ]
    assert orjson.loads(shown.stdout) == erased[0]["receipt"]
    assert erased[0]["receipt"]["taken"] == {"identifiers": 1, "links": 1}
    assert "acct_0" not in shown.stdout + table.stdout
    assert (await ask("audit", "verify")).stdout == "Intact: 3 entries.\n"


@pytest.mark.usefixtures("accounts")
async def test_hold_is_placed_named_in_the_refusal_and_lifted(ask: Ask) -> None:
    placed = orjson.loads(
        (await ask("holds", "place", "account", "acct_1", "--reason", "court", "--json")).stdout
    )
    refused = await ask("erase", "account", "acct_1", "--reason", "asked")
    partly = await ask("erase", "account", "acct_1", "acct_2", "--reason", "asked")
    listed = orjson.loads((await ask("holds", "list", "--json")).stdout)
    lifted = await ask("holds", "lift", placed["id"], "--reason", "over")
    done = await ask("erase", "account", "acct_1", "--reason", "asked")

    assert isinstance(refused.exception, Conflict)
    assert placed["id"] in str(refused.exception)
    assert partly.exit_code == 3
    assert "1 of 2 erased" in partly.stdout
    assert [one["id"] for one in listed] == [placed["id"]]
    assert (lifted.exit_code, done.exit_code) == (0, 0)
    assert orjson.loads((await ask("holds", "list", "--json")).stdout) == []
    (kept,) = orjson.loads((await ask("holds", "list", "--lifted", "--json")).stdout)
    assert kept["subject_id"] != "acct_1"
    assert (await ask("audit", "verify")).exit_code == 0


@pytest.mark.usefixtures("accounts")
async def test_what_cannot_be_done_is_told(ask: Ask) -> None:
    unknown = await ask("erase", "account", "nobody", "--reason", "asked")
    none = await ask("erase", "account", "--reason", "asked")
    receipt = await ask("erase", "receipt", "erasure_0")
    hold = await ask("holds", "lift", "hold_0", "--reason", "over")
    ring = await ask("holds", "place", "ring", "acct_1", "--reason", "court")

    assert isinstance(unknown.exception, NotFound)
    assert isinstance(none.exception, InvalidInput)
    assert isinstance(receipt.exception, NotFound)
    assert isinstance(hold.exception, NotFound)
    assert isinstance(ring.exception, NotFound)


@pytest.mark.usefixtures("accounts")
async def test_retention_shows_its_clocks_and_runs_by_them(
    ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "own.toml"
    file.write_text("[days]\naccounts = 1\n")
    monkeypatch.setenv("RINGFENCE_RETENTION", str(file))

    shown = orjson.loads((await ask("retention", "show", "--json")).stdout)
    table = await ask("retention", "show")
    report = orjson.loads((await ask("retention", "run", "--json")).stdout)
    again = await ask("retention", "run")

    assert (shown["accounts"], shown["screenings"], shown["links"]) == (1, 400, 0)
    assert "for good" in table.stdout
    assert report["gone"]["accounts"] == 4
    assert "accounts" in again.stdout
    actions = [one["action"] for one in orjson.loads((await ask("audit", "list", "--json")).stdout)]
    assert actions == [*["account_erased"] * 4, "retention_run", "retention_run"]

from pathlib import Path
from typing import Any

import orjson
import pytest

from ringfence.domain.screening_log import LoggedScreening
from ringfence.errors import Conflict, InvalidInput, NotFound
from ringfence.store.graph import Graph
from ringfence.store.screenings import save_screenings
from tests.cli.conftest import Ask
from tests.store.drawn_screenings import screening

LATER = "2999-12-31"
STRICT = """
id = "strict"
name = "Strict"
[thresholds]
review = 0.3
challenge = 0.6
block = 0.9
"""


async def answered(ask: Ask, *words: str) -> Any:
    result = await ask("policies", *words, "--json")
    assert result.exit_code == 0, result.output
    return orjson.loads(result.stdout)


def strict(folder: Path) -> str:
    file = folder / "strict.toml"
    file.write_text(STRICT, encoding="utf-8")
    return str(file)


@pytest.mark.usefixtures("graph")
async def test_policy_is_saved_tried_out_and_enforced(ask: Ask, tmp_path: Path) -> None:
    saved = await answered(ask, "save", strict(tmp_path))
    shadows = [(one["id"], one["mode"]) for one in await answered(ask, "list")]
    enforced = await answered(ask, "enforce", "strict", "1", "--reason", "attack")

    assert (saved["version"], saved["mode"]) == (1, "shadow")
    assert shadows == [("default", "enforced"), ("strict", "shadow")]
    assert (enforced["mode"], enforced["reason"]) == ("enforced", "attack")
    assert enforced["changed_by"].startswith("operator:")
    listed = await answered(ask, "list")
    assert [(one["id"], one["mode"]) for one in listed] == [("strict", "enforced")]
    table = await ask("policies", "list")
    assert "strict" in table.stdout


@pytest.mark.usefixtures("graph")
async def test_shown_policy_can_be_changed_and_saved(ask: Ask, tmp_path: Path) -> None:
    shown = await ask("policies", "show", "default")
    document = orjson.loads(shown.stdout)
    file = tmp_path / "mine.json"
    file.write_bytes(orjson.dumps(document | {"burst": "challenge"}))

    await answered(ask, "save", str(file))

    told = await answered(ask, "show", "default")
    assert (told["version"], told["document"]["burst"]) == (1, "challenge")
    assert (await answered(ask, "show", "default", "0"))["document"] == document


@pytest.mark.usefixtures("graph")
async def test_shadow_is_retired_and_tried_out_again(ask: Ask, tmp_path: Path) -> None:
    await answered(ask, "save", strict(tmp_path))

    retired = await ask("policies", "retire", "strict", "1", "--reason", "no use")
    shadow = await ask("policies", "shadow", "strict", "1", "--reason", "once more")

    assert retired.stdout == "Version 1 of policy strict is retired.\n"
    assert shadow.stdout == "Version 1 of policy strict is shadow.\n"
    again = await ask("policies", "shadow", "strict", "1", "--reason", "once more")
    assert isinstance(again.exception, Conflict)


@pytest.mark.usefixtures("graph")
async def test_wrong_policy_is_refused_by_field_and_not_saved(ask: Ask, tmp_path: Path) -> None:
    file = tmp_path / "wrong.toml"
    file.write_text(STRICT.replace("0.9", "0.5"), encoding="utf-8")

    wrong = await ask("policies", "save", str(file))
    missing = await ask("policies", "save", str(tmp_path / "none.json"))
    unknown = await ask("policies", "show", "strict")

    assert isinstance(wrong.exception, InvalidInput)
    assert "wrong.toml: thresholds: got review 0.3, challenge 0.6, block 0.5" in str(
        wrong.exception
    )
    assert isinstance(missing.exception, InvalidInput)
    assert isinstance(unknown.exception, NotFound)
    assert [one["id"] for one in await answered(ask, "list")] == ["default"]


@pytest.mark.usefixtures("graph")
async def test_identifiers_are_listed_and_taken_off(ask: Ask) -> None:
    words = ("--reason", "reseller", "--owner", "ana", "--until", LATER)

    await answered(ask, "block", "ip", "203.0.113.0/24", *words, "--from", "2026-05-01")
    told = await ask("policies", "allow", "device", "dev_1", *words)
    listed = await answered(ask, "lists")
    table = await ask("policies", "lists")
    gone = await ask("policies", "unlist", "allow", "device", "dev_1", "--reason", "sold")

    assert told.stdout == f"The device is on the allow list until {LATER}.\n"
    assert [(one["list"], one["kind"], one["value"], one["from"]) for one in listed] == [
        ("allow", "device", "dev_1", None),
        ("block", "ip", "203.0.113.0/24", "2026-05-01"),
    ]
    assert "203.0.113.0/24" in table.stdout
    assert gone.stdout == "The device is off the allow list.\n"
    assert [one["list"] for one in await answered(ask, "lists")] == ["block"]
    log = orjson.loads((await ask("audit", "list", "--json")).stdout)
    assert [one["action"] for one in log] == ["list_entry_added"] * 2 + ["list_entry_removed"]


@pytest.mark.usefixtures("graph")
async def test_entry_needs_a_last_day(ask: Ask) -> None:
    words = ("policies", "block", "device", "dev_1", "--reason", "r", "--owner", "ana")

    none = await ask(*words)
    wrong = await ask(*words, "--until", "soon")

    assert none.exit_code == 2
    assert isinstance(wrong.exception, InvalidInput)
    assert "--until soon: expected a day" in str(wrong.exception)
    assert await answered(ask, "lists") == []


async def test_policy_is_tried_on_the_last_sign_ups(graph: Graph, ask: Ask, tmp_path: Path) -> None:
    await save_screenings(graph, [LoggedScreening(screening(f"s{n}")) for n in range(3)])
    await answered(ask, "save", strict(tmp_path))

    told = await answered(ask, "diff", "strict")
    shown = await ask("policies", "diff", "strict", "1", "--last", "2")

    assert told["attempts"] == 3
    assert sum(move["sign_ups"] for move in told["moves"]) == 3
    assert "2 sign-ups" in shown.output
    refused = await ask("policies", "diff", "strict", "--last", "0")
    assert isinstance(refused.exception, InvalidInput)

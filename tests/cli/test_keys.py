import orjson
import pytest

from ringfence.domain.access import Scope
from ringfence.errors import InvalidInput
from ringfence.store.graph import Graph
from tests.cli.conftest import Ask


async def made(ask: Ask, *more: str) -> dict[str, str]:
    result = await ask("keys", "create", "etl", "--scope", "ingest", *more, "--json")
    assert result.exit_code == 0, result.output
    told: dict[str, str] = orjson.loads(result.stdout)
    return told


@pytest.mark.usefixtures("graph")
async def test_key_is_shown_once_and_listed_without_its_secret(ask: Ask) -> None:
    key = await made(ask, "--expires-in-days", "7")

    listed = await ask("keys", "list", "--json")
    table = await ask("keys", "list")

    (told,) = orjson.loads(listed.stdout)
    assert told == {name: value for name, value in key.items() if name != "key"}
    assert (told["scopes"], told["state"]) == (["ingest"], "living")
    secret = key["key"].rpartition(key["id"])[2]
    assert secret not in listed.stdout + table.stdout
    assert key["id"] in table.stdout


@pytest.mark.usefixtures("graph")
async def test_key_is_replaced_and_revoked(ask: Ask) -> None:
    old = await made(ask)

    rotated = await ask("keys", "rotate", old["id"], "--overlap-hours", "0", "--json")
    new = orjson.loads(rotated.stdout)
    revoked = await ask("keys", "revoke", new["id"])

    states = {
        one["id"]: one["state"]
        for one in orjson.loads((await ask("keys", "list", "--json")).stdout)
    }
    assert states == {old["id"]: "expired", new["id"]: "revoked"}
    assert revoked.exit_code == 0
    log = orjson.loads((await ask("audit", "list", "--json")).stdout)
    assert [one["action"] for one in log] == ["key_created", "key_rotated", "key_revoked"]
    assert {one["actor"].partition(":")[0] for one in log} == {"operator"}


@pytest.mark.usefixtures("graph")
async def test_unknown_scope_gives_no_key(ask: Ask) -> None:
    result = await ask("keys", "create", "etl", "--scope", "everything")

    assert isinstance(result.exception, InvalidInput)
    assert all(scope in str(result.exception) for scope in Scope)
    assert orjson.loads((await ask("keys", "list", "--json")).stdout) == []


async def test_verify_names_the_first_entry_that_was_touched(ask: Ask, graph: Graph) -> None:
    for _ in range(3):
        await made(ask)
    sound = await ask("audit", "verify")
    await graph.run_schema("MATCH (e:AuditEntry {seq: 2}) SET e.actor = 'eve'")

    told = await ask("audit", "verify")
    as_json = await ask("audit", "verify", "--json")

    assert (sound.exit_code, sound.stdout) == (0, "Intact: 3 entries.\n")
    assert told.exit_code == as_json.exit_code == 1
    assert "Entry 2 is changed" in told.stdout
    assert orjson.loads(as_json.stdout) == {
        "intact": False,
        "entries": 1,
        "fault": {"seq": 2, "kind": "changed"},
    }

import orjson

from ringfence.store.graph import Graph
from tests.cli.conftest import Ask
from tests.usecases.rings_taken_down import draw_ring, standings, started, worker


async def test_appeals_are_opened_listed_and_decided(ask: Ask, graph: Graph) -> None:
    await draw_ring(graph)
    takedown = await started(graph)
    await worker(graph).work_off()

    opened = await ask("appeals", "open", "ring_a_00001", "--statement", "A flat.", "--json")
    listed = await ask("appeals", "list", "--state", "open", "--json")

    assert opened.exit_code == 0, opened.output
    appeal = orjson.loads(opened.stdout)
    assert (appeal["takedown_id"], appeal["state"]) == (takedown.id, "open")
    assert appeal["opened_by"].startswith("operator:")
    assert orjson.loads(listed.stdout) == [appeal]
    words = ("decide", appeal["id"], "overturned", "--reason", "A flat.")
    decided = await ask("appeals", *words)
    assert decided.exit_code == 0, decided.output
    assert f"Appeal {appeal['id']} of account ring_a_00001" in decided.stdout
    assert decided.stdout.strip().endswith("is overturned.")
    assert (await standings(graph))[:2] == ["suspended", "active"]
    assert orjson.loads((await ask("appeals", "list", "--state", "open", "--json")).stdout) == []
    assert "overturned" in (await ask("appeals", "list")).stdout

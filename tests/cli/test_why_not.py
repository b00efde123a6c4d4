import json

from ringfence.store.graph import Graph
from tests.cli.conftest import Ask
from tests.conftest import Neo4jServer
from tests.store.ring_dump import memberships


async def test_account_of_another_ring_is_told_what_is_missing(
    farms: Graph, ask: Ask, neo4j_server: Neo4jServer
) -> None:
    assert (await farms.read("graph/count"))[0]["accounts"] == 250
    await ask("detect", "--json")
    (ring, _), (_, others) = sorted((await memberships(neo4j_server)).items())
    stranger = min(others)

    told = json.loads((await ask("rings", "why-not", stranger, ring, "--json")).stdout)
    words = (await ask("rings", "why-not", stranger)).stdout

    assert (told["account_id"], told["ring_id"], told["member"]) == (stranger, None, False)
    assert told["missing"] == ["nothing_shared"]
    assert told["text"] == f"{stranger} shares nothing with {ring}."
    assert f"{stranger} is a member of" in " ".join(words.split())

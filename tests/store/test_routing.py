"""A cluster's address, on the one server that there is: it is a cluster of one."""

from ringfence.store.graph import Graph
from tests.conftest import Neo4jServer


async def test_routed_sessions_read_what_earlier_ones_wrote(
    graph: Graph, neo4j_server: Neo4jServer
) -> None:
    routed = neo4j_server.uri.replace("bolt://", "neo4j://")

    async with Graph.connect(routed, neo4j_server.user, neo4j_server.password) as other:
        await other.run_schema("CREATE (:Account {id: 'a'})")
        seen = [(await other.read("graph/count"))[0]["accounts"] for _ in range(3)]

    assert seen == [1, 1, 1]

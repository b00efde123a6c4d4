"""A deliverer as a process of its own, which tests kill: address, user, password of Neo4j."""

import asyncio
import sys
from dataclasses import replace

from ringfence.store.graph import Graph
from ringfence.usecases.deliver_actions import Deliverer
from tests.receiver import QUICK


async def main() -> None:
    """Deliver, a little slower than tests do, until the end comes."""
    settings = replace(QUICK, tries=1_000, lease_s=1.5)
    async with Graph.connect(*sys.argv[1:]) as graph, Deliverer(graph, settings).running():
        print("running", flush=True)  # noqa: T201 - what the test waits for
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())

"""The Neo4j that comes along: fetched once, started in a process of its own, stopped in order."""

from ringfence.neo4j.server import (
    Memory,
    RunningNeo4j,
    ServerStatus,
    attach,
    attach_or_start,
    start,
    status,
    stop,
)

__all__ = [
    "Memory",
    "RunningNeo4j",
    "ServerStatus",
    "attach",
    "attach_or_start",
    "start",
    "status",
    "stop",
]

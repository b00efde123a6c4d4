"""The Neo4j that comes along: fetched once, started in a process of its own, stopped in order."""

from ringfence.neo4j.fetch import fetch_jars
from ringfence.neo4j.home import USER, Home
from ringfence.neo4j.process import Memory
from ringfence.neo4j.server import (
    RunningNeo4j,
    ServerStatus,
    attach,
    attach_or_start,
    start,
    status,
    stop,
)

__all__ = [
    "USER",
    "Home",
    "Memory",
    "RunningNeo4j",
    "ServerStatus",
    "attach",
    "attach_or_start",
    "fetch_jars",
    "start",
    "status",
    "stop",
]

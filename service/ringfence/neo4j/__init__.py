"""The Neo4j that comes along: fetched once, started in a process of its own, stopped in order."""

from ringfence.neo4j.admin import DUMP_FILE, dump_database, load_database
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
    "DUMP_FILE",
    "USER",
    "Home",
    "Memory",
    "RunningNeo4j",
    "ServerStatus",
    "attach",
    "attach_or_start",
    "dump_database",
    "fetch_jars",
    "load_database",
    "start",
    "status",
    "stop",
]

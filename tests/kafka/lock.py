"""Writes the lock of the test broker's jars anew: `python -m tests.kafka.lock`."""

import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import msgspec
from jgo.maven import MavenContext

from ringfence.neo4j.jars import Jar
from ringfence.neo4j.lock import locked_jar

LOCK: Final = Path(__file__).with_name("jars.lock")
ROOTS: Final = ("org.apache.kafka:kafka_2.13:4.4.0", "org.slf4j:slf4j-simple:1.7.36")
"""Without the second the broker does not say what ails it."""


def read_jars() -> tuple[Jar, ...]:
    """Every jar of the broker, sorted, with its size and hash."""
    return msgspec.json.decode(LOCK.read_bytes(), type=tuple[Jar, ...])


def resolve_jars(folder: Path) -> list[Jar]:
    """Work out every jar that the roots need, and download each to take its hash.

    Args:
        folder: where the downloads may lie.
    """
    maven = MavenContext(repo_cache=folder)
    roots, transitive = maven.resolver.resolve([maven.create_dependency(root) for root in ROOTS])
    with ThreadPoolExecutor(8) as pool:
        jars = pool.map(
            locked_jar, (found for found in (*roots, *transitive) if found.type == "jar")
        )
        return sorted(set(jars))


def main() -> None:
    """Write the lock beside this module."""
    with tempfile.TemporaryDirectory() as folder:
        jars = resolve_jars(Path(folder))
    LOCK.write_bytes(msgspec.json.format(msgspec.json.encode(jars), indent=1) + b"\n")
    sys.stdout.write(f"{LOCK}: {len(jars)} jars, {sum(jar.size for jar in jars)} bytes\n")


if __name__ == "__main__":
    main()

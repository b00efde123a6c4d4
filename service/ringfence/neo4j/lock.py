"""Writes the lock of Neo4j's jars anew: `python -m ringfence.neo4j.lock [VERSION]`."""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import file_digest
from pathlib import Path

import msgspec
from jgo.maven import Dependency, MavenContext

from ringfence.neo4j.jars import LOCK_NAME, Jar, JarLock, read_lock

ROOT = ("org.neo4j", "neo4j")


def resolve_lock(version: str, folder: Path) -> JarLock:
    """Work out every jar that a version of Neo4j needs, download it and take its hash.

    The resolver reads some 500 project files and takes about two minutes; the lock spares
    every user that.

    Args:
        version: of Neo4j, as Maven names it.
        folder: where the downloads may lie.
    """
    maven = MavenContext(repo_cache=folder)
    root = maven.create_dependency(":".join((*ROOT, version)))
    roots, transitive = maven.resolver.resolve([root])
    with ThreadPoolExecutor(8) as pool:
        jars = pool.map(
            locked_jar, (found for found in (*roots, *transitive) if found.type == "jar")
        )
        return JarLock(neo4j=version, jars=tuple(sorted(jars)))


def locked_jar(dependency: Dependency) -> Jar:
    """A jar as a lock holds it; it is downloaded to take its hash."""
    path: Path = dependency.artifact.resolve()
    with path.open("rb") as file:
        sha256 = file_digest(file, "sha256").hexdigest()
    return Jar(
        group=dependency.groupId,
        artifact=dependency.artifactId,
        version=dependency.version,
        classifier=dependency.classifier,
        sha256=sha256,
        size=path.stat().st_size,
    )


def main(arguments: Sequence[str]) -> None:
    """Write the lock beside this module."""
    parser = argparse.ArgumentParser(prog="python -m ringfence.neo4j.lock", description=__doc__)
    parser.add_argument("version", nargs="?", help="version of Neo4j; left out: the present one")
    version = parser.parse_args(arguments).version or read_lock().neo4j
    with tempfile.TemporaryDirectory() as folder:
        lock = resolve_lock(version, Path(folder))
    target = Path(__file__).with_name(LOCK_NAME)
    target.write_bytes(msgspec.json.format(msgspec.json.encode(lock), indent=1) + b"\n")
    sys.stdout.write(f"{target}: Neo4j {version}, {len(lock.jars)} jars, {lock.size} bytes\n")


if __name__ == "__main__":
    main(sys.argv[1:])

"""The lock of Neo4j's jars: which files make up the server, with their sizes and hashes."""

from functools import cache
from importlib.resources import files
from pathlib import Path

import msgspec

LOCK_NAME = "jars.lock"


class Jar(msgspec.Struct, frozen=True, order=True, omit_defaults=True):
    """One file of the lock, named as Maven names it."""

    group: str
    artifact: str
    version: str
    sha256: str
    size: int
    classifier: str = ""

    @property
    def filename(self) -> str:
        """Name in the cache; it carries the group, since two groups may share an artifact."""
        tail = f"-{self.classifier}" if self.classifier else ""
        return f"{self.group}.{self.artifact}-{self.version}{tail}.jar"


class JarLock(msgspec.Struct, frozen=True):
    """Every jar of one version of Neo4j, sorted."""

    neo4j: str
    jars: tuple[Jar, ...]

    @property
    def size(self) -> int:
        """Bytes of all jars together."""
        return sum(jar.size for jar in self.jars)

    def paths(self, cache_folder: Path) -> list[Path]:
        """Where each jar lies in the cache, in the order of the class path."""
        return [jars_folder(cache_folder) / jar.filename for jar in self.jars]


def jars_folder(cache_folder: Path) -> Path:
    """Folder of the jars inside the user's cache folder."""
    return cache_folder / "jars"


@cache
def read_lock() -> JarLock:
    """The lock that this version of Ringfence carries."""
    packaged = files("ringfence.neo4j").joinpath(LOCK_NAME)
    return msgspec.json.decode(packaged.read_bytes(), type=JarLock)
